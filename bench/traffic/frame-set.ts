// SPDX-License-Identifier: Apache-2.0
import { CallStream, frameLimitBytes } from './call-stream.ts';

const generationDigits = 8;
const zero = 0x30;

/** All frames of interleaved full calls in memory, to be gone through again and again. */
export class FrameSet {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  /** Where the first digit of a frame's Call-ID is in `bytes`. */
  readonly #callIdOffsets: Uint32Array;
  readonly #digits: Uint8Array = new Uint8Array(generationDigits).fill(zero);
  #generation: number;

  /** `generation` is how many passes others have made: no Call-ID of theirs comes again. */
  constructor(calls: number, callsInFlight: number = calls / 10, generation = 0) {
    this.#generation = generation;
    const stream = new CallStream(calls, callsInFlight);
    this.bytes = new Uint8Array(stream.frames * 600 + frameLimitBytes);
    this.view = new DataView(this.bytes.buffer);
    this.offsets = new Uint32Array(stream.frames);
    this.lengths = new Uint32Array(stream.frames);
    this.#callIdOffsets = new Uint32Array(stream.frames);
    // One character a byte, so that an index in the text is one in the frame.
    const decoder = new TextDecoder('latin1');
    for (let frame = 0, end = 0; frame < stream.frames; frame++) {
      const length = stream.next(this.bytes, end);
      this.offsets[frame] = end;
      this.lengths[frame] = length;
      const text = decoder.decode(this.bytes.subarray(end, end + length));
      const callId = text.indexOf('Call-ID: ') + 'Call-ID: '.length;
      this.#callIdOffsets[frame] = end + callId;
      this.#setPort(text, callId, end);
      end += length;
    }
  }

  /** Gives each call ports of its own for its media, from 10,000 on: five digits in each description. */
  #setPort(text: string, callId: number, offset: number): void {
    const at = text.indexOf('m=audio ') + 'm=audio '.length;
    if (at < 'm=audio '.length) return;
    const port = 10_000 + (Number.parseInt(text.slice(callId + 8, callId + 16), 16) % 25_000) * 2;
    for (const [i, digit] of [...`${port}`].entries()) this.bytes[offset + at + i] = digit.charCodeAt(0);
  }

  /** Begins a pass whose calls are new ones: `renew` each frame before it is used. */
  nextGeneration(): void {
    let rest = ++this.#generation;
    for (let place = 0; place < generationDigits; place++) {
      this.#digits[place] = zero + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }

  /** Where the digits are in `bytes` that `renew` writes. */
  callIdOffset(frame: number): number {
    return this.#callIdOffsets[frame]!;
  }

  /** Gives a frame the Call-ID of this generation: eight bytes, a few nanoseconds. */
  renew(frame: number): void {
    const at = this.#callIdOffsets[frame]!;
    for (let digit = 0; digit < generationDigits; digit++) this.bytes[at + digit] = this.#digits[digit]!;
  }
}
