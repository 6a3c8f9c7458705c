// SPDX-License-Identifier: Apache-2.0
import { readInt32, readUint16 } from '../decode/big-endian.ts';
import { hep3HeaderLength, hep3Magic } from './hep-format.ts';
import { HepResult } from './hep-result.ts';

/** Takes a whole HEP3 packet: `length` bytes at `offset`, valid inside the call only. */
export type HepPacketConsumer = (bytes: Uint8Array, view: DataView, offset: number, length: number) => void;

/**
 * Finds the HEP3 packets in a TCP stream, which follow each other without anything between. Only HEP3 tells its length,
 * so the older versions do not go by TCP. What does not begin a packet ends the stream: there is no next beginning to
 * be found safely. Holds at most one packet that is not complete.
 */
export class HepStream {
  /** Packets found so far. */
  packetCount = 0;

  readonly #maxPacketBytes: number;
  readonly #consumer: HepPacketConsumer;
  /** The beginning of a packet whose rest is to come. */
  #partial: Uint8Array = new Uint8Array(0);
  #partialView: DataView = new DataView(this.#partial.buffer);
  #partialLength = 0;

  constructor(maxPacketBytes: number, consumer: HepPacketConsumer) {
    this.#maxPacketBytes = maxPacketBytes;
    this.#consumer = consumer;
  }

  /** Whether a packet has begun and not ended. */
  get isIncomplete(): boolean {
    return this.#partialLength > 0;
  }

  /** Takes the next bytes. Returns `message`, or why the stream cannot go on. */
  push(bytes: Uint8Array, view: DataView): HepResult {
    let position = this.#partialLength > 0 ? this.#complete(bytes) : 0;
    if (position < 0) return -position as HepResult;
    while (position < bytes.length) {
      const left = bytes.length - position;
      const length = left < hep3HeaderLength ? hep3HeaderLength : this.#packetLength(bytes, position);
      if (length < 0) return -length as HepResult;
      if (left < length) return this.#keep(bytes, position);
      this.packetCount++;
      this.#consumer(bytes, view, position, length);
      position += length;
    }
    return HepResult.message;
  }

  /** Adds to the packet that has begun; returns where the next one begins, or minus the reason why it is none. */
  #complete(bytes: Uint8Array): number {
    let position = this.#fill(bytes, 0, hep3HeaderLength);
    if (this.#partialLength < hep3HeaderLength) return position;
    const length = this.#packetLength(this.#partial, 0);
    if (length < 0) return length;
    position = this.#fill(bytes, position, length);
    if (this.#partialLength < length) return position;
    this.#partialLength = 0;
    this.packetCount++;
    this.#consumer(this.#partial, this.#partialView, 0, length);
    return position;
  }

  /** Copies from `position` until the packet has `length` bytes or there are no more; returns where it stopped. */
  #fill(bytes: Uint8Array, position: number, length: number): number {
    const count = Math.max(0, Math.min(length - this.#partialLength, bytes.length - position));
    this.#partial.set(bytes.subarray(position, position + count), this.#partialLength);
    this.#partialLength += count;
    return position + count;
  }

  #keep(bytes: Uint8Array, position: number): HepResult {
    if (this.#partial.length === 0) {
      this.#partial = new Uint8Array(this.#maxPacketBytes);
      this.#partialView = new DataView(this.#partial.buffer);
    }
    this.#fill(bytes, position, this.#maxPacketBytes);
    return HepResult.message;
  }

  /** Length of the packet whose header is at `position`, or minus the reason why it is none. */
  #packetLength(bytes: Uint8Array, position: number): number {
    if (readInt32(bytes, position) !== hep3Magic) return -HepResult.notHep;
    const length = readUint16(bytes, position + 4);
    if (length < hep3HeaderLength) return -HepResult.badLength;
    return length > this.#maxPacketBytes ? -HepResult.tooLong : length;
  }
}
