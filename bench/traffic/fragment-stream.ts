// SPDX-License-Identifier: Apache-2.0
import { Frame, LinkType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult } from '../../src/decode/decode-result.ts';
import { defaultFragmentLimits } from '../../src/decode/fragment-limits.ts';
import { FragmentTable } from '../../src/decode/fragment-table.ts';
import { decodeFrame, decodeWholePacket } from '../../src/decode/frame-decoder.ts';
import { checkedUdp, ipv4Fragment, partsEvery } from '../../test/support/fragments.ts';
import { lendBytes } from '../../test/support/lend-frame.ts';
import { randomSource } from '../../test/support/random.ts';
import { ethernet } from '../../test/support/udp-frame.ts';

const addresses = { source: '192.0.2.1', destination: '198.51.100.2' };

/** Frames with the fragments of many datagrams in one buffer, and a table that takes them, pass after pass. */
export class FragmentStream {
  /** Fragments of all datagrams. */
  readonly count: number;
  /** Numbers of the frames, datagram by datagram. */
  readonly inOrder: Uint32Array;
  /** The same in any order. */
  readonly shuffled: Uint32Array;

  readonly #frame = new Frame();
  readonly #datagram = new Datagram();
  readonly #table: FragmentTable;
  readonly #offsets: Uint32Array;
  readonly #lengths: Uint32Array;

  /** So many datagrams with that many bytes of payload, cut every `partBytes`. */
  constructor(datagrams: number, payloadBytes: number, partBytes: number) {
    const frames: Uint8Array[] = [];
    for (let identification = 0; identification < datagrams; identification++) {
      const payload = new Uint8Array(payloadBytes).fill(65 + (identification % 26));
      for (const part of partsEvery(checkedUdp(addresses, {}, payload), partBytes)) {
        frames.push(ethernet(0x0800, ipv4Fragment({ ...addresses, identification }, part)));
      }
    }
    this.count = frames.length;
    this.#lengths = Uint32Array.from(frames, (frame) => frame.length);
    this.#offsets = new Uint32Array(frames.length);
    for (let i = 1; i < frames.length; i++) this.#offsets[i] = this.#offsets[i - 1]! + this.#lengths[i - 1]!;
    this.inOrder = Uint32Array.from(frames, (_, i) => i);
    this.shuffled = this.inOrder.slice();
    const random = randomSource(5);
    for (let i = this.shuffled.length - 1; i > 0; i--) {
      const j = random(i + 1);
      const other = this.shuffled[j]!;
      this.shuffled[j] = this.shuffled[i]!;
      this.shuffled[i] = other;
    }
    lendBytes(this.#frame, new Uint8Array(Buffer.concat(frames)));
    this.#frame.linkType = LinkType.ethernet;
    this.#frame.arrivalMicros = 1_700_000_000e6;
    this.#table = new FragmentTable(defaultFragmentLimits, 50e3, new SeededHash(1, 2), {
      fragment: () => undefined,
      duplicates: () => undefined,
      ended: () => undefined,
    });
  }

  /** Takes frames as `PacketPipeline` does, a minute after those before; returns how many datagrams became whole. */
  take(order: Uint32Array): number {
    const frame = this.#frame;
    const datagram = this.#datagram;
    const table = this.#table;
    frame.arrivalMicros += 60e6;
    let whole = 0;
    for (let i = 0; i < order.length; i++) {
      frame.offset = this.#offsets[order[i]!]!;
      frame.capturedLength = this.#lengths[order[i]!]!;
      frame.originalLength = frame.capturedLength;
      const decoded = decodeFrame(frame, datagram);
      if (decoded !== DecodeResult.fragment) throw new Error(`no fragment: ${decoded}`);
      if (!table.add(frame, datagram, 0)) continue;
      if (decodeWholePacket(table.packet, datagram) === DecodeResult.datagram) whole++;
    }
    return whole;
  }
}
