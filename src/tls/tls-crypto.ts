// SPDX-License-Identifier: Apache-2.0
import type { AeadName, HashName } from './cipher-suite.ts';

/** Opens records under one key. */
export interface Aead {
  /**
   * Decrypts `lengthBytes` bytes from `offset`, the last 16 of them the tag. Returns the plaintext, which nobody writes
   * to any more, or undefined where the tag is wrong. Never throws. May allocate: node:crypto does.
   */
  open(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    bytes: Uint8Array,
    offset: number,
    lengthBytes: number,
  ): Uint8Array<ArrayBuffer> | undefined;
}

/** The cryptography TLS needs, which the pure tower does not have of its own. */
export interface TlsCrypto {
  /** HMAC of `data` (RFC 2104), 32 or 48 bytes. */
  hmac(hash: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  aead(name: AeadName, key: Uint8Array): Aead;
}
