// SPDX-License-Identifier: Apache-2.0

/** Versions whose records can be opened, by their number on the wire. */
export const ProtocolVersion = { tls12: 0x0303, tls13: 0x0304 } as const;

/** The hash of a suite, by the name node:crypto knows it. */
export type HashName = 'sha256' | 'sha384';
/** The AEAD of a suite, by the name node:crypto knows it. */
export type AeadName = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

/** What is needed of a cipher suite to open its records. */
export interface CipherSuite {
  readonly version: number;
  readonly aead: AeadName;
  readonly hash: HashName;
  readonly keyLength: number;
  /** Bytes of the nonce that every record of TLS 1.2 carries itself: 8 with GCM (RFC 5288 §3), else 0. */
  readonly explicitNonceLength: number;
}

/** All three AEADs have a nonce of 12 bytes and a tag of 16. */
export const nonceLength = 12;
export const tagLength = 16;

const suites: ReadonlyMap<number, CipherSuite> = new Map(makeSuites());

/**
 * The suite with this number of the IANA registry for this version, or undefined where it is no AEAD that ringtap
 * knows: CBC suites, CCM, RC4 and NULL among them.
 */
export function cipherSuite(id: number, version: number): CipherSuite | undefined {
  const suite = suites.get(id);
  return suite?.version === version ? suite : undefined;
}

function* makeSuites(): Generator<[number, CipherSuite]> {
  const { tls12, tls13 } = ProtocolVersion;
  // RFC 5288 §3, RFC 5289 §3.2, RFC 5487 §2, RFC 8442 §3: AES-128 with each key exchange; AES-256 has the next number.
  const aes128 = [
    0x009c, 0x009e, 0x00a0, 0x00a2, 0x00a4, 0x00a6, 0x00a8, 0x00aa, 0x00ac, 0xc02b, 0xc02d, 0xc02f, 0xc031,
    0xd001,
  ];
  for (const id of aes128) {
    yield [id, suite(tls12, 'aes-128-gcm', 'sha256')];
    yield [id + 1, suite(tls12, 'aes-256-gcm', 'sha384')];
  }
  // RFC 7905 §2.
  for (let id = 0xcca8; id <= 0xccae; id++) yield [id, suite(tls12, 'chacha20-poly1305', 'sha256')];
  // RFC 8446 §B.4.
  yield [0x1301, suite(tls13, 'aes-128-gcm', 'sha256')];
  yield [0x1302, suite(tls13, 'aes-256-gcm', 'sha384')];
  yield [0x1303, suite(tls13, 'chacha20-poly1305', 'sha256')];
}

function suite(version: number, aead: AeadName, hash: HashName): CipherSuite {
  return {
    version,
    aead,
    hash,
    keyLength: aead === 'aes-128-gcm' ? 16 : 32,
    explicitNonceLength: version === ProtocolVersion.tls12 && aead !== 'chacha20-poly1305' ? 8 : 0,
  };
}
