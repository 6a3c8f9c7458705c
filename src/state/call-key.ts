// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Method } from '../sip/method.ts';

/** What tells the kinds of keys apart; a transaction's has its CSeq there. */
const ATTEMPT = 0x27d4eb2f;
const DIALOG = 0x165667b1;
const CALL = 0x61c88647;

/**
 * Keys of the records a message belongs to, as two int32 lanes each: 64 bits of a keyed hash stand for the text
 * itself (a million records collide with a probability of 3e-8).
 *
 * All keys of a call are made of lanes: a text is mixed in word by word, by multiplication with secret odd numbers,
 * rotation and addition, and both lanes are in either half of the result. That is no cryptographic hash, but without the
 * numbers nobody can tell which texts collide or share a bucket, and it takes a third of the time
 * ([decision 013](../../docs/decisions/013-one-mix-for-the-keys-of-a-call.md)). Registrations, whose addresses are no
 * random texts, have HalfSipHash.
 */
export class CallKey {
  /** Call-ID, CSeq number and method, topmost branch and sent-by: a transaction. */
  transactionLow = 0;
  transactionHigh = 0;
  /** Call-ID and From tag: a session attempt. In its place, Call-ID and address-of-record: a registration. */
  attemptLow = 0;
  attemptHigh = 0;
  /** Call-ID and both tags, the same from either end: a dialog (RFC 3261 §12). */
  dialogLow = 0;
  dialogHigh = 0;
  /** Call-ID alone, after `readCall`. */
  callLow = 0;
  callHigh = 0;
  /** 32 bits that stand for a tag among those of its call. */
  fromTag = 0;
  toTag = 0;

  readonly #hash: SeededHash;
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #multiplierLow: number;
  readonly #multiplierHigh: number;
  /** Lanes of the text mixed last, and of Call-ID, branch and sent-by. */
  #low = 0;
  #high = 0;
  #hopLow = 0;
  #hopHigh = 0;
  #callIdLow = 0;
  #callIdHigh = 0;

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

  /** Computes all keys of a message. */
  read(message: SipMessage): void {
    const { view } = message;
    this.#low = this.#seedLow;
    this.#high = this.#seedHigh;
    this.#mix(view, message.callIdOffset, message.callIdLength);
    const callLow = this.#low;
    const callHigh = this.#high;
    this.#callIdLow = callLow;
    this.#callIdHigh = callHigh;
    this.#mix(view, message.branchOffset, message.branchLength);
    this.#mix(view, message.sentByOffset, message.sentByLength);
    this.#hopLow = this.#low;
    this.#hopHigh = this.#high;
    this.readTransaction(message, message.method);

    this.#low = this.#seedLow;
    this.#high = this.#seedHigh;
    this.#mix(view, message.fromTagOffset, message.fromTagLength);
    const fromLow = this.#low;
    const fromHigh = this.#high;
    this.fromTag = (fromLow + fromHigh) | 0;
    this.#finish((callLow + Math.imul(fromLow, 0x9e3779b1)) | 0, (callHigh + fromHigh) | 0, ATTEMPT);
    this.attemptLow = this.#low;
    this.attemptHigh = this.#high;

    this.#low = this.#seedLow;
    this.#high = this.#seedHigh;
    this.#mix(view, message.toTagOffset, message.toTagLength);
    this.toTag = (this.#low + this.#high) | 0;
    const tagsLow = (fromLow + this.#low) | 0;
    const tagsHigh = (fromHigh + this.#high) | 0;
    this.#finish((callLow + Math.imul(tagsLow, 0x9e3779b1)) | 0, (callHigh + tagsHigh) | 0, DIALOG);
    this.dialogLow = this.#low;
    this.dialogHigh = this.#high;
  }

  /** Computes, after `read`, the key of the call: what its Call-ID alone tells. */
  readCall(): void {
    this.#finish(this.#callIdLow, this.#callIdHigh, CALL);
    this.callLow = this.#low;
    this.callHigh = this.#high;
  }

  /**
   * Computes, after `read`, the key of a message's transaction or, for a CANCEL or ACK, of the one of another `method` that
   * it belongs to (RFC 3261 §9.1, §17.1.1.3). §17.2.3 matches by branch, sent-by and method; Call-ID and CSeq number, which
   * are the same too, tell apart the requests of peers without the magic cookie and of those that use one branch for ever.
   */
  readTransaction(message: SipMessage, method: Method): void {
    // Methods that are not registered share an id; their CSeq numbers tell them apart.
    this.#finish(this.#hopLow, this.#hopHigh, Math.imul(message.cseqNumber, 0x9e3779b1) ^ (method << 24));
    this.transactionLow = this.#low;
    this.transactionHigh = this.#high;
  }

  /** Computes, in the attempt's place, the key of a registration: Call-ID and address-of-record. */
  readRegistration(message: SipMessage, addressOfRecord: DataView, length: number): void {
    const hash = this.#hash;
    hash.hash(message.view, message.callIdOffset, message.callIdLength);
    const callLow = hash.low;
    const callHigh = hash.high;
    // This leaves the address's own hash. The multiplication keeps one that equals its Call-ID from cancelling it out.
    hash.hash(addressOfRecord, 0, length);
    this.attemptLow = (callLow + Math.imul(hash.low, 0x9e3779b1)) | 0;
    this.attemptHigh = (callHigh + Math.imul(hash.high, 0x9e3779b1)) | 0;
  }

  /**
   * Makes a key of lanes. Both are in either half: texts that differ in few top bits can be made to collide in one lane by
   * anybody.
   */
  #finish(low: number, high: number, salt: number): void {
    let mixedLow = Math.imul(((low + high) | 0) ^ salt, this.#multiplierHigh);
    mixedLow ^= mixedLow >>> 15;
    this.#low = Math.imul(mixedLow, this.#multiplierLow);
    let mixedHigh = Math.imul((high + salt) | 0, this.#multiplierLow);
    mixedHigh ^= mixedHigh >>> 13;
    this.#high = (mixedHigh + low) | 0;
  }

  /** Adds a text, and where it ends, to the lanes. */
  #mix(view: DataView, offset: number, length: number): void {
    const multiplierLow = this.#multiplierLow;
    const multiplierHigh = this.#multiplierHigh;
    let low = this.#low ^ length;
    let high = this.#high;
    let p = offset | 0;
    const lastWord = (p + length - 4) | 0;
    for (; p < lastWord; p = (p + 4) | 0) {
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
    this.#low = low ^ (low >>> 15);
    this.#high = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + word) | 0;
  }
}
