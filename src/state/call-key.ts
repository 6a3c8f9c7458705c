// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Method } from '../sip/method.ts';

/**
 * Keys of the records a message belongs to, as two int32 lanes each: 64 bits of a keyed hash stand for the text
 * itself (a million records collide with a probability of 3e-8).
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
  readonly #words = new Int32Array(2);
  readonly #view = new DataView(this.#words.buffer);
  #callLow = 0;
  #callHigh = 0;
  #fromLow = 0;
  #fromHigh = 0;
  /** Of branch and sent-by. */
  #hopLow = 0;
  #hopHigh = 0;

  constructor(hash: SeededHash) {
    this.#hash = hash;
  }

  /**
   * Computes the transaction's key; all others need it done before. RFC 3261 §17.2.3 matches by branch, sent-by and
   * method; Call-ID and CSeq number, which are the same too, tell apart the requests of peers without the magic cookie
   * and of those that use one branch for ever.
   */
  readTransaction(message: SipMessage): void {
    const hash = this.#hash;
    hash.hash(message.view, message.callIdOffset, message.callIdLength);
    this.#callLow = hash.low;
    this.#callHigh = hash.high;
    this.#hopLow = message.branchLength;
    this.#hopHigh = message.sentByLength;
    this.#mix(message.view, message.branchOffset, message.branchLength);
    this.#mix(message.view, message.sentByOffset, message.sentByLength);
    this.readTransactionOf(message, message.method);
  }

  /** Computes the key of the transaction of another method, to which a CANCEL or ACK belongs (§9.1, §17.1.1.3). */
  readTransactionOf(message: SipMessage, method: Method): void {
    const hash = this.#hash;
    // Unregistered methods share an id, and their CSeq numbers tell them apart.
    this.#words[0] = this.#hopLow ^ Math.imul(method + 1, 0x9e3779b1);
    this.#words[1] = this.#hopHigh ^ message.cseqNumber;
    hash.hash(this.#view, 0, 8);
    this.transactionLow = (this.#callLow + Math.imul(hash.low, 0xc2b2ae35)) | 0;
    this.transactionHigh = (this.#callHigh + Math.imul(hash.high, 0xc2b2ae35)) | 0;
  }

  /** Computes the attempt's key. */
  readAttempt(message: SipMessage): void {
    const hash = this.#hash;
    hash.hash(message.view, message.fromTagOffset, message.fromTagLength);
    this.#fromLow = hash.low;
    this.#fromHigh = hash.high;
    // The multiplication keeps a tag that equals its Call-ID from cancelling it out.
    this.attemptLow = (this.#callLow + Math.imul(hash.low, 0x9e3779b1)) | 0;
    this.attemptHigh = (this.#callHigh + Math.imul(hash.high, 0x9e3779b1)) | 0;
  }

  /** Computes the dialog's key, after `readAttempt`. */
  readDialog(message: SipMessage): void {
    const hash = this.#hash;
    hash.hash(message.view, message.toTagOffset, message.toTagLength);
    this.dialogLow = (this.#callLow + Math.imul((this.#fromLow + hash.low) | 0, 0x85ebca6b)) | 0;
    this.dialogHigh = (this.#callHigh + Math.imul((this.#fromHigh + hash.high) | 0, 0x85ebca6b)) | 0;
  }

  /** Computes, in the attempt's place, the key of a registration: Call-ID and address-of-record. */
  readRegistration(addressOfRecord: DataView, length: number): void {
    const hash = this.#hash;
    hash.hash(addressOfRecord, 0, length);
    this.attemptLow = (this.#callLow + Math.imul(hash.low, 0x9e3779b1)) | 0;
    this.attemptHigh = (this.#callHigh + Math.imul(hash.high, 0x9e3779b1)) | 0;
  }

  /**
   * Adds a text to the hop's lanes. It is no keyed hash and needs none: what it gives goes through one, and who makes
   * two branches collide only merges two of his own requests with the same Call-ID and CSeq.
   */
  #mix(view: DataView, offset: number, length: number): void {
    let low = this.#hopLow;
    let high = this.#hopHigh;
    let p = offset | 0;
    const end = (p + length) | 0;
    while (p < end) {
      let word: number;
      if (p + 4 <= end) {
        word = view.getInt32(p, true);
        p += 4;
      } else {
        word = view.getUint8(p);
        p++;
      }
      low = Math.imul(low ^ word, 0xcc9e2d51);
      low ^= low >>> 15;
      high = (Math.imul((high << 13) | (high >>> 19), 0x1b873593) + word) | 0;
    }
    this.#hopLow = low;
    this.#hopHigh = high;
  }
}
