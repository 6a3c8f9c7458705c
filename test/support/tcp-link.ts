// SPDX-License-Identifier: Apache-2.0
import { type TcpEnd, tcpFrame } from './tcp-frame.ts';

/** A whole TCP connection, both directions of it acknowledged, as frames. */
export class TcpLink {
  readonly #ends: readonly [TcpEnd, TcpEnd];
  /** Of the next byte, of client and server. */
  readonly #sequences: [number, number];

  /** `firstSequence` is that of both. */
  constructor(client: TcpEnd, server: TcpEnd, firstSequence: number) {
    this.#ends = [client, server];
    this.#sequences = [firstSequence, firstSequence];
  }

  /** The three segments that open it (RFC 9293 §3.5). */
  open(): Uint8Array[] {
    return [this.#segment(0, 'S'), this.#segment(1, 'SA'), this.#segment(0, 'A')];
  }

  /** Segments with these bytes, from the client or from the server, each with as many as `lengthOf` says. */
  send(fromClient: boolean, bytes: Uint8Array, lengthOf: () => number): Uint8Array[] {
    const segments: Uint8Array[] = [];
    for (let p = 0; p < bytes.length; ) {
      const payload = bytes.subarray(p, p + lengthOf());
      segments.push(this.#segment(fromClient ? 0 : 1, 'PA', payload));
      p += payload.length;
    }
    return segments;
  }

  #segment(from: 0 | 1, flags: string, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
    const to = from === 0 ? 1 : 0;
    const sequence = this.#sequences[from];
    const acknowledgment = flags.includes('A') ? this.#sequences[to] : 0;
    const consumed = flags.includes('S') ? 1 : payload.length;
    this.#sequences[from] = (sequence + consumed) >>> 0;
    return tcpFrame(this.#ends[from], this.#ends[to], { sequence, acknowledgment, flags }, payload);
  }
}
