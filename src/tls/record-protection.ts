// SPDX-License-Identifier: Apache-2.0
import { type CipherSuite, nonceLength, ProtocolVersion, tagLength } from './cipher-suite.ts';
import type { TrafficKey } from './key-schedule.ts';
import { recordHeaderLength } from './record.ts';
import type { Aead, TlsCrypto } from './tls-crypto.ts';

/** TLS 1.2: sequence number, type, version, length (RFC 5246 §6.2.3.3). TLS 1.3: the record's header (RFC 8446 §5.2). */
const additionalData12 = new Uint8Array(13);
const additionalData13 = new Uint8Array(recordHeaderLength);
const nonce = new Uint8Array(nonceLength);

/**
 * Opens the records of one direction under one key, each with the next sequence number, which is not on the wire: where
 * records are missing, those behind them open with a later one only.
 */
export class RecordProtection {
  readonly #suite: CipherSuite;
  readonly #iv: Uint8Array;
  readonly #aead: Aead;
  #sequenceNumber = 0;

  constructor(tlsCrypto: TlsCrypto, suite: CipherSuite, { key, iv }: TrafficKey) {
    this.#suite = suite;
    this.#iv = iv;
    this.#aead = tlsCrypto.aead(suite.aead, key);
  }

  /**
   * Opens the record whose header is at `offset`. Returns its plaintext, or undefined where it is not the next record
   * under this key; then the next one stays the next. With `missing`, as many records before it are taken to be missing.
   */
  open(
    bytes: Uint8Array,
    offset: number,
    fragmentLength: number,
    missing: number = 0,
  ): Uint8Array<ArrayBuffer> | undefined {
    const { version, explicitNonceLength } = this.#suite;
    const sealedLength = fragmentLength - explicitNonceLength;
    if (sealedLength < tagLength) return undefined;
    const next = this.#sequenceNumber;
    this.#sequenceNumber += missing;
    const sealedAt = offset + recordHeaderLength + explicitNonceLength;
    this.#setNonce(bytes, offset + recordHeaderLength);
    const additionalData = version === ProtocolVersion.tls12 ? additionalData12 : additionalData13;
    this.#setAdditionalData(bytes, offset, sealedLength - tagLength);
    const plaintext = this.#aead.open(nonce, additionalData, bytes, sealedAt, sealedLength);
    this.#sequenceNumber = plaintext === undefined ? next : this.#sequenceNumber + 1;
    return plaintext;
  }

  /**
   * With AES-GCM of TLS 1.2 the fixed part and then what the record carries (RFC 5288 §3); else the sequence number,
   * as long as the nonce, XORed with the fixed part (RFC 7905 §2, RFC 8446 §5.3).
   */
  #setNonce(bytes: Uint8Array, explicitAt: number): void {
    const iv = this.#iv;
    nonce.set(iv);
    if (this.#suite.explicitNonceLength > 0) {
      for (let i = iv.length; i < nonceLength; i++) nonce[i] = bytes[explicitAt + i - iv.length]!;
      return;
    }
    for (let i = 0; i < 8; i++) nonce[nonceLength - 1 - i]! ^= this.#sequenceByte(i);
  }

  #setAdditionalData(bytes: Uint8Array, offset: number, plaintextLength: number): void {
    if (this.#suite.version === ProtocolVersion.tls13) {
      for (let i = 0; i < recordHeaderLength; i++) additionalData13[i] = bytes[offset + i]!;
      return;
    }
    for (let i = 0; i < 8; i++) additionalData12[7 - i] = this.#sequenceByte(i);
    for (let i = 0; i < 3; i++) additionalData12[8 + i] = bytes[offset + i]!;
    additionalData12[11] = plaintextLength >> 8;
    additionalData12[12] = plaintextLength & 0xff;
  }

  /** Byte `i` of the sequence number, from its low end. */
  #sequenceByte(i: number): number {
    const half = i < 4 ? this.#sequenceNumber : this.#sequenceNumber / 2 ** 32;
    return (half >>> (8 * (i & 3))) & 0xff;
  }
}
