// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { SipMessage } from '../sip/message.ts';

/**
 * Keys of the records a message belongs to, as two int32 lanes each: 64 bits of a keyed hash stand for the text
 * itself (a million records collide with a probability of 3e-8).
 */
export class CallKey {
  /** Call-ID and From tag: a session attempt. */
  attemptLow = 0;
  attemptHigh = 0;
  /** Call-ID and both tags, the same from either end: a dialog (RFC 3261 §12). */
  dialogLow = 0;
  dialogHigh = 0;

  readonly #hash: SeededHash;
  #callLow = 0;
  #callHigh = 0;
  #fromLow = 0;
  #fromHigh = 0;

  constructor(hash: SeededHash) {
    this.#hash = hash;
  }

  /** Computes the attempt's key. */
  readAttempt(message: SipMessage): void {
    const hash = this.#hash;
    hash.hash(message.bytes, message.callIdOffset, message.callIdLength);
    this.#callLow = hash.low;
    this.#callHigh = hash.high;
    hash.hash(message.bytes, message.fromTagOffset, message.fromTagLength);
    this.#fromLow = hash.low;
    this.#fromHigh = hash.high;
    // The multiplication keeps a tag that equals its Call-ID from cancelling it out.
    this.attemptLow = (this.#callLow + Math.imul(hash.low, 0x9e3779b1)) | 0;
    this.attemptHigh = (this.#callHigh + Math.imul(hash.high, 0x9e3779b1)) | 0;
  }

  /** Computes the dialog's key, after `readAttempt`. */
  readDialog(message: SipMessage): void {
    const hash = this.#hash;
    hash.hash(message.bytes, message.toTagOffset, message.toTagLength);
    this.dialogLow = (this.#callLow + Math.imul((this.#fromLow + hash.low) | 0, 0x85ebca6b)) | 0;
    this.dialogHigh = (this.#callHigh + Math.imul((this.#fromHigh + hash.high) | 0, 0x85ebca6b)) | 0;
  }
}
