// SPDX-License-Identifier: Apache-2.0

/** Limits of TLS, each an option. */
export interface TlsLimits {
  /** Connections whose secrets are kept. */
  readonly maxKeys: number;
  /** Connections that are read at once. */
  readonly maxConnections: number;
  /** Most bytes of a direction before its first application data. */
  readonly maxHandshakeBytes: number;
  /** How long records wait for their secret, in packet time. */
  readonly keyWaitMicros: number;
}

export const defaultTlsLimits: TlsLimits = {
  maxKeys: 65_536,
  maxConnections: 4096,
  maxHandshakeBytes: 65_536,
  keyWaitMicros: 1e6,
};
