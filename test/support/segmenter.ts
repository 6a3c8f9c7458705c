// SPDX-License-Identifier: Apache-2.0
import { type TcpEnd, tcpFrame } from './tcp-frame.ts';

/** Whole numbers from 0 to below a limit, as `randomSource` gives them. */
export type Random = (limit: number) => number;

/** How bytes of a stream go on the wire; every chance is one in so many, 0 never. */
export interface Segmentation {
  /** Bytes of a segment, at most. */
  readonly maxBytes: number;
  /** Segments of one send come in any order. */
  readonly isReordered?: boolean;
  readonly repeatOneIn?: number;
  /** A segment begins so many bytes too early, with bytes that were sent before. */
  readonly overlapOneIn?: number;
}

/** One direction of a connection: cuts what is sent into segments. */
export class StreamSender {
  /** Sequence number of the next byte. */
  sequence: number;
  readonly #from: TcpEnd;
  readonly #to: TcpEnd;
  readonly #random: Random;
  #sent: Uint8Array = new Uint8Array(0);

  constructor(from: TcpEnd, to: TcpEnd, sequence: number, random: Random) {
    this.#from = from;
    this.#to = to;
    this.sequence = sequence >>> 0;
    this.#random = random;
  }

  /** A segment with flags and without payload; SYN and FIN take a sequence number. */
  control(flags: string, acknowledgment: number = 0): Uint8Array {
    const frame = tcpFrame(this.#from, this.#to, { sequence: this.sequence, flags, acknowledgment });
    if (/[SF]/.test(flags)) this.sequence = (this.sequence + 1) >>> 0;
    return frame;
  }

  /** One segment. */
  whole(bytes: Uint8Array): Uint8Array {
    const frame = tcpFrame(this.#from, this.#to, { sequence: this.sequence, flags: 'PA' }, bytes);
    this.skip(bytes.length);
    return frame;
  }

  /** The frames of some bytes. */
  send(bytes: Uint8Array, how: Segmentation): Uint8Array[] {
    const random = this.#random;
    const all = new Uint8Array([...this.#sent, ...bytes]);
    const first = this.#sent.length;
    const start = (this.sequence - first) >>> 0;
    const frames: Uint8Array[] = [];
    for (let p = first; p < all.length; ) {
      const end = Math.min(all.length, p + 1 + random(how.maxBytes));
      const isOverlapping = how.overlapOneIn !== undefined && random(how.overlapOneIn) === 0;
      const from = isOverlapping ? Math.max(0, p - 1 - random(200)) : p;
      const frame = tcpFrame(
        this.#from,
        this.#to,
        { sequence: start + from, flags: 'PA' },
        all.subarray(from, end),
      );
      frames.push(frame);
      if (how.repeatOneIn !== undefined && random(how.repeatOneIn) === 0) frames.push(frame);
      p = end;
    }
    this.sequence = (this.sequence + bytes.length) >>> 0;
    this.#sent = all.slice(-4096);
    return how.isReordered ? shuffled(frames, random) : frames;
  }

  /** Bytes that are sent where the sensor does not see them, or otherwise. */
  skip(lengthBytes: number): void {
    this.sequence = (this.sequence + lengthBytes) >>> 0;
    this.#sent = new Uint8Array(0);
  }
}

/** The same things in another order. */
export function shuffled<T>(things: readonly T[], random: Random): T[] {
  const result = [...things];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
