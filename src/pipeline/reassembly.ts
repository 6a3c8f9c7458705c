// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { SeededHash } from '../base/hash.ts';
import type { Datagram } from '../decode/datagram.ts';
import { DecodeResult, maxFragmentLevels } from '../decode/decode-result.ts';
import { FragmentTable } from '../decode/fragment-table.ts';
import { decodeWholePacket } from '../decode/frame-decoder.ts';
import { FragmentMetrics } from '../metrics/fragment-metrics.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import type { AnalysisOptions } from './analysis-options.ts';

/** Makes packets of their fragments, also of fragments that are in tunnels that come in fragments. */
export class Reassembly {
  readonly #table: FragmentTable;
  readonly #metrics: FragmentMetrics;

  constructor({ fragments, state }: AnalysisOptions, hash: SeededHash, writer: ShardWriter) {
    this.#metrics = new FragmentMetrics(writer);
    this.#table = new FragmentTable(fragments, state.duplicateMicros, hash, this.#metrics);
  }

  /** What there is in the packet that a fragment makes whole; `fragment` where it waits for others, or is given up. */
  add(frame: Frame, datagram: Datagram, interfaceContext: number): DecodeResult {
    const table = this.#table;
    let source = frame;
    for (let level = 0; level < maxFragmentLevels; level++) {
      if (!table.add(source, datagram, interfaceContext)) return DecodeResult.fragment;
      source = table.packet;
      const decoded = decodeWholePacket(source, datagram);
      if (decoded !== DecodeResult.fragment) return decoded;
    }
    return DecodeResult.nestedFragment;
  }

  /** Whether a datagram is in a packet that was made here. There is one place for such a packet. */
  made(datagram: Datagram): boolean {
    return datagram.bytes === this.#table.packet.bytes;
  }

  /** Gives up what waited for too long. */
  advance(nowMicros: number): void {
    this.#table.advance(nowMicros);
  }

  /** Brings the figures of memory up to date. */
  refresh(nowMicros: number): void {
    this.#table.advance(nowMicros);
    this.#metrics.memory(this.#table);
  }
}
