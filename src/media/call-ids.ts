// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../sip/message.ts';

/** The memory of Call-IDs, where several threads have it. */
export interface CallIdMemory {
  readonly bytes: ArrayBufferLike;
  readonly lengths: ArrayBufferLike;
}

/**
 * The Call-IDs of calls whose media is known, by the slot of their record, cut where they are too long. Records are named by a
 * hash; the text is only kept where somebody wants to see it.
 */
export class CallIds {
  readonly bytes: Uint8Array;
  readonly #lengths: Uint8Array;
  readonly #maxLength: number;

  /** `maxLength` is at most 255 bytes; `memory` is made by `sharedMemory` for the same; of its own, if not given. */
  constructor(maxCalls: number, maxLength: number, memory?: CallIdMemory) {
    this.bytes = new Uint8Array(memory?.bytes ?? new ArrayBuffer(maxCalls * maxLength));
    this.#lengths = new Uint8Array(memory?.lengths ?? new ArrayBuffer(maxCalls));
    this.#maxLength = maxLength;
  }

  /** Memory of Call-IDs that several threads have: one notes them, others look. */
  static sharedMemory(maxCalls: number, maxLength: number): CallIdMemory {
    return { bytes: new SharedArrayBuffer(maxCalls * maxLength), lengths: new SharedArrayBuffer(maxCalls) };
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
