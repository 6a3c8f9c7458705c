// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import { type CipherSuite, type HashName, nonceLength } from './cipher-suite.ts';
import type { TlsCrypto } from './tls-crypto.ts';

/** Key and fixed part of the nonce of one direction. */
export interface TrafficKey {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

const keyExpansion = ascii('key expansion');

/**
 * Keys of both directions in TLS 1.2, client first, from the master secret (RFC 5246 §6.3; AEAD suites have no MAC keys).
 */
export function trafficKeys12(
  tlsCrypto: TlsCrypto,
  { hash, keyLength, explicitNonceLength }: CipherSuite,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): readonly [TrafficKey, TrafficKey] {
  const ivLength = nonceLength - explicitNonceLength;
  const seed = join(keyExpansion, serverRandom, clientRandom);
  const block = pseudoRandom(tlsCrypto, hash, masterSecret, seed, 2 * (keyLength + ivLength));
  const ivs = 2 * keyLength;
  return [
    { key: block.subarray(0, keyLength), iv: block.subarray(ivs, ivs + ivLength) },
    { key: block.subarray(keyLength, ivs), iv: block.subarray(ivs + ivLength) },
  ];
}

/** Key of the direction with this traffic secret in TLS 1.3 (RFC 8446 §7.3). */
export function trafficKey13(tlsCrypto: TlsCrypto, suite: CipherSuite, secret: Uint8Array): TrafficKey {
  return {
    key: expandLabel(tlsCrypto, suite.hash, secret, 'key', suite.keyLength),
    iv: expandLabel(tlsCrypto, suite.hash, secret, 'iv', nonceLength),
  };
}

/** The traffic secret behind a KeyUpdate (RFC 8446 §7.2). */
export function nextTrafficSecret(tlsCrypto: TlsCrypto, hash: HashName, secret: Uint8Array): Uint8Array {
  return expandLabel(tlsCrypto, hash, secret, 'traffic upd', secret.length);
}

/** P_hash of RFC 5246 §5: what label and random values, joined in `seed`, make of a secret. */
export function pseudoRandom(
  tlsCrypto: TlsCrypto,
  hash: HashName,
  secret: Uint8Array,
  seed: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const output = new Uint8Array(lengthBytes);
  let a = seed;
  for (let p = 0; p < lengthBytes; ) {
    a = tlsCrypto.hmac(hash, secret, a);
    const block = tlsCrypto.hmac(hash, secret, join(a, seed)).subarray(0, lengthBytes - p);
    output.set(block, p);
    p += block.length;
  }
  return output;
}

/**
 * HKDF-Expand-Label with an empty context (RFC 8446 §7.1). All that is asked for fits the first block of HKDF-Expand
 * (RFC 5869 §2.3).
 */
export function expandLabel(
  tlsCrypto: TlsCrypto,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  lengthBytes: number,
): Uint8Array {
  const name = ascii(`tls13 ${label}`);
  const info = join(
    Uint8Array.of(lengthBytes >> 8, lengthBytes & 0xff, name.length),
    name,
    Uint8Array.of(0, 1),
  );
  return tlsCrypto.hmac(hash, secret, info).subarray(0, lengthBytes);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let p = 0;
  for (const part of parts) {
    joined.set(part, p);
    p += part.length;
  }
  return joined;
}
