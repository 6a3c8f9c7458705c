// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../sip/message.ts';

/**
 * The Call-IDs of calls whose media is known, by the slot of their record, cut where they are too long. Records are named by a
 * hash; the text is only kept where somebody wants to see it.
 */
export class CallIds {
  readonly bytes: Uint8Array;
  readonly #lengths: Uint8Array;
  readonly #maxLength: number;

  /** `maxLength` is at most 255 bytes. */
  constructor(maxCalls: number, maxLength: number) {
    this.bytes = new Uint8Array(maxCalls * maxLength);
    this.#lengths = new Uint8Array(maxCalls);
    this.#maxLength = maxLength;
  }

  /** The record at a slot is of the message's call from now on. */
  note(slot: number, { bytes, callIdOffset, callIdLength }: SipMessage): void {
    const length = Math.min(callIdLength, this.#maxLength);
    const to = this.offsetOf(slot);
    for (let i = 0; i < length; i++) this.bytes[to + i] = bytes[callIdOffset + i]!;
    this.#lengths[slot] = length;
  }

  offsetOf(slot: number): number {
    return slot * this.#maxLength;
  }

  lengthOf(slot: number): number {
    return this.#lengths[slot]!;
  }
}
