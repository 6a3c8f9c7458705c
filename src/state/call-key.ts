// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Method } from '../sip/method.ts';

/**
 * Keys of the records a message belongs to, as two int32 lanes each: 64 bits of a keyed hash stand for the text
 * itself (a million records collide with a probability of 3e-8).
 *
 * Attempts, dialogs and registrations use HalfSipHash. A transaction's key is needed for every message and is made of
 * three texts; two lanes of multiplication by secret odd numbers, rotation and addition take 40 instead of 120 ns. That
 * is no cryptographic hash, but without the numbers nobody can tell which texts collide or share a bucket, and what
 * collides in spite of it is one sender's own requests.
 */
export class CallKey {
  /** Call-ID, CSeq number and method, topmost branch and sent-by: a transaction. */
  transactionLow = 0;
  transactionHigh = 0;
  /** Call-ID and From tag: a session attempt. */
  attemptLow = 0;
  attemptHigh = 0;
  /** Call-ID and both tags, the same from either end: a dialog (RFC 3261 §12). */
  dialogLow = 0;
  dialogHigh = 0;

  readonly #hash: SeededHash;
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #multiplierLow: number;
  readonly #multiplierHigh: number;
  #callLow = 0;
  #callHigh = 0;
  #fromLow = 0;
  #fromHigh = 0;
  /** Lanes of Call-ID, branch and sent-by. */
  #hopLow = 0;
  #hopHigh = 0;

  constructor(hash: SeededHash) {
    const label = new DataView(new ArrayBuffer(1));
    this.#hash = hash;
    hash.hash(label, 0, 0);
    this.#seedLow = hash.low;
    this.#seedHigh = hash.high;
    hash.hash(label, 0, 1);
    this.#multiplierLow = hash.low | 1;
    this.#multiplierHigh = hash.high | 1;
  }

  /**
   * Computes the key of a message's transaction or, for a CANCEL or ACK, of the one of another `method` that it belongs to
   * (RFC 3261 §9.1, §17.1.1.3). §17.2.3 matches by branch, sent-by and method; Call-ID and CSeq number, which are the same
   * too, tell apart the requests of peers without the magic cookie and of those that use one branch for ever.
   */
  readTransaction(message: SipMessage, method: Method): void {
    this.#hopLow = this.#seedLow;
    this.#hopHigh = this.#seedHigh;
    this.#mix(message.view, message.callIdOffset, message.callIdLength);
    this.#mix(message.view, message.branchOffset, message.branchLength);
    this.#mix(message.view, message.sentByOffset, message.sentByLength);
    // Methods that are not registered share an id; their CSeq numbers tell them apart.
    const cseq = Math.imul(message.cseqNumber, 0x9e3779b1) ^ (method << 24);
    // Both lanes are in either half: texts that differ in few top bits can be made to collide in one lane by anybody.
    let low = Math.imul(((this.#hopLow + this.#hopHigh) | 0) ^ cseq, this.#multiplierHigh);
    low ^= low >>> 15;
    this.transactionLow = Math.imul(low, this.#multiplierLow);
    let high = Math.imul((this.#hopHigh + cseq) | 0, this.#multiplierLow);
    high ^= high >>> 13;
    this.transactionHigh = (high + this.#hopLow) | 0;
  }

  /** Computes the attempt's key. */
  readAttempt(message: SipMessage): void {
    this.#readCallAnd(message, message.view, message.fromTagOffset, message.fromTagLength);
    this.#fromLow = this.#hash.low;
    this.#fromHigh = this.#hash.high;
  }

  /** Computes the dialog's key, after `readAttempt`. */
  readDialog(message: SipMessage): void {
    const hash = this.#hash;
    hash.hash(message.view, message.toTagOffset, message.toTagLength);
    this.dialogLow = (this.#callLow + Math.imul((this.#fromLow + hash.low) | 0, 0x85ebca6b)) | 0;
    this.dialogHigh = (this.#callHigh + Math.imul((this.#fromHigh + hash.high) | 0, 0x85ebca6b)) | 0;
  }

  /** Computes, in the attempt's place, the key of a registration: Call-ID and address-of-record. */
  readRegistration(message: SipMessage, addressOfRecord: DataView, length: number): void {
    this.#readCallAnd(message, addressOfRecord, 0, length);
  }

  /** Hashes the Call-ID and then a text, which leaves the text's hash, and makes the attempt's key of both. */
  #readCallAnd(message: SipMessage, view: DataView, offset: number, length: number): void {
    const hash = this.#hash;
    hash.hash(message.view, message.callIdOffset, message.callIdLength);
    this.#callLow = hash.low;
    this.#callHigh = hash.high;
    hash.hash(view, offset, length);
    // The multiplication keeps a tag that equals its Call-ID from cancelling it out.
    this.attemptLow = (this.#callLow + Math.imul(hash.low, 0x9e3779b1)) | 0;
    this.attemptHigh = (this.#callHigh + Math.imul(hash.high, 0x9e3779b1)) | 0;
  }

  /** Adds a text, and where it ends, to the lanes. */
  #mix(view: DataView, offset: number, length: number): void {
    const multiplierLow = this.#multiplierLow;
    const multiplierHigh = this.#multiplierHigh;
    let low = this.#hopLow ^ length;
    let high = this.#hopHigh;
    let p = offset | 0;
    const lastWord = (p + length - 4) | 0;
    for (; p < lastWord; p += 4) {
      const word = view.getInt32(p, true);
      low = Math.imul(low ^ word, multiplierLow);
      low ^= low >>> 15;
      high = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + word) | 0;
    }
    // The last word overlaps the one before; a text that is shorter than a word stands alone.
    let word = 0;
    if (length >= 4) word = view.getInt32(lastWord, true);
    else for (const end = (p + length) | 0; p < end; p++) word = (word << 8) | view.getUint8(p);
    low = Math.imul(low ^ word, multiplierLow);
    this.#hopLow = low ^ (low >>> 15);
    this.#hopHigh = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + word) | 0;
  }
}
