// SPDX-License-Identifier: Apache-2.0
import { callTemplates, type MessageTemplate } from './call-templates.ts';

/** Messages of one call. */
export const messagesPerCall = 7;

/** No frame of the stream is longer. */
export const frameLimitBytes = 1024;

const hexPairs = Uint8Array.from(
  Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))
    .join('')
    .split('')
    .map((digit) => digit.charCodeAt(0)),
);

/** One 32-bit word of the identity of a call: a bijection of the call number (MurmurHash3's finalizer). */
function identityWord(call: number, word: number): number {
  let mixed = (call + Math.imul(word + 1, 0x9e3779b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * Writes a template as call `call` and IPv4 identification `identification` (0-65535) at `offset`.
 * The same numbers give the same bytes. Returns the frame's length; does not allocate.
 */
export function writeFrame(
  template: MessageTemplate,
  call: number,
  identification: number,
  target: Uint8Array,
  offset: number,
): number {
  const { bytes, fieldOffsets, fieldWords } = template;
  target.set(bytes, offset);
  for (let field = 0; field < fieldOffsets.length; field++) {
    const value = identityWord(call, fieldWords[field]!);
    let at = offset + fieldOffsets[field]!;
    for (let shift = 24; shift >= 0; shift -= 8) {
      const pair = ((value >>> shift) & 255) << 1;
      target[at++] = hexPairs[pair]!;
      target[at++] = hexPairs[pair + 1]!;
    }
  }
  let sum = template.headerSum + identification;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = ~((sum & 0xffff) + (sum >>> 16));
  target[offset + 18] = identification >>> 8;
  target[offset + 19] = identification & 255;
  target[offset + 24] = (sum >>> 8) & 255;
  target[offset + 25] = sum & 255;
  return bytes.length;
}

/**
 * The frames of `calls` full calls, each with its own Call-ID, tags and branches, interleaved so that about
 * `callsInFlight` calls are under way at once. Frame n of a stream is always the same.
 */
export class CallStream {
  readonly frames: number;
  readonly #templates = callTemplates();
  readonly #calls: number;
  readonly #stride: number;
  readonly #firstCall: number;
  #tick = 0;
  #message = -1;
  #frame = 0;

  constructor(calls: number, callsInFlight: number, firstCall = 0) {
    this.#calls = calls;
    this.#stride = Math.max(1, Math.round(callsInFlight / (messagesPerCall - 1)));
    this.#firstCall = firstCall;
    this.frames = calls * messagesPerCall;
  }

  /** Writes the next frame at `offset` of `target` (room for `frameLimitBytes`); 0 at the end of the stream. */
  next(target: Uint8Array, offset: number): number {
    if (this.#frame === this.frames) return 0;
    let call: number;
    do {
      if (++this.#message === messagesPerCall) {
        this.#message = 0;
        this.#tick++;
      }
      // Message m of a call comes m strides after its INVITE; the ends of the stream have gaps.
      call = this.#tick - this.#message * this.#stride;
    } while (call < 0 || call >= this.#calls);
    const template = this.#templates[this.#message]!;
    return writeFrame(template, this.#firstCall + call, this.#frame++ & 0xffff, target, offset);
  }
}
