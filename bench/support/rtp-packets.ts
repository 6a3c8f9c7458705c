// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../../src/decode/datagram.ts';

/** G.711 in packets of 20 ms. */
export const payloadBytes = 160;
export const headerBytes = 12;
export const packetMicros = 20_000;

/** Headers of RTP, one for each of many streams in an order that is no order of memory, each a packet further with every round. */
export class RtpPackets {
  readonly streams: number;
  readonly view: DataView;
  readonly #order: Int32Array;

  constructor(streams: number) {
    this.streams = streams;
    this.view = new DataView(new ArrayBuffer(streams * headerBytes));
    for (let stream = 0; stream < streams; stream++) {
      const offset = stream * headerBytes;
      this.view.setUint16(offset, 0x8000);
      this.view.setUint16(offset + 2, stream);
      this.view.setInt32(offset + 4, Math.imul(stream, 0x9e3779b1));
      this.view.setInt32(offset + 8, Math.imul(stream, 0x85ebca6b));
    }
    this.#order = Int32Array.from({ length: streams }, (_, index) => (index * 7919) % streams);
  }

  /** Makes the next packet of the stream at `index` of a round; returns where it begins, and sets its addresses. */
  next(index: number, datagram: Datagram): number {
    const stream = this.#order[index]!;
    const offset = stream * headerBytes;
    this.view.setUint16(offset + 2, this.view.getUint16(offset + 2) + 1);
    this.view.setInt32(offset + 4, this.view.getInt32(offset + 4) + 160);
    datagram.sourceAddress[3] = 0x0a000000 | (stream >> 8);
    datagram.destinationAddress[3] = 0x0a010000 | (stream & 0xff);
    datagram.sourcePort = 10_000 + (stream & 0x7ffe);
    datagram.destinationPort = 30_000 + (stream & 0x3ffe);
    return offset;
  }
}
