// SPDX-License-Identifier: Apache-2.0

/** How it stands with a connection: all but the first two say why nothing more is read of it. */
export const TlsState = {
  /** The handshake is under way, or records wait for their key. */
  handshake: 0,
  /** Application data was opened. */
  open: 1,

  /** The key log has no secret of it, or had none in time. */
  noKey: 2,
  /** It began before the capture, or its hello messages were lost. */
  noHandshake: 3,
  /** SSL 3.0, TLS 1.0 or TLS 1.1, which have no AEAD suites. */
  unsupportedVersion: 4,
  /** CBC, CCM and other suites that are none of AES-GCM and ChaCha20-Poly1305, and compression. */
  unsupportedCipherSuite: 5,
  /** No TLS record where one should begin, or no handshake message in a record that says so. */
  malformed: 6,
  /** A record does not open: a record before it is missing, or the secret is not that of this connection. */
  notAuthentic: 7,
  /** More bytes before the first application data than `TlsLimits` allow. */
  handshakeTooLong: 8,
  /** Segments are missing: what is behind them cannot be opened. */
  gap: 9,
  /** It had to make room for another, as there are more at once than `TlsLimits` allow. */
  evicted: 10,
} as const;
export type TlsState = (typeof TlsState)[keyof typeof TlsState];

/** First of the states in which a connection is given up. */
export const firstGivenUp: TlsState = TlsState.noKey;

/** `reason` label values, from `firstGivenUp` on. */
export const tlsReasonNames: readonly string[] = [
  'no_key',
  'no_handshake',
  'unsupported_version',
  'unsupported_cipher_suite',
  'malformed',
  'not_authentic',
  'handshake_too_long',
  'gap',
  'evicted',
];
