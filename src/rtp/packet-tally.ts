// SPDX-License-Identifier: Apache-2.0
import { type Codec, codecNames } from './codec.ts';

const codecs = codecNames.length;

/**
 * Packets and bytes by traffic context and codec, for each packet two adds into arrays. What is not to be counted yet goes to
 * cell 0, which nobody reads.
 */
export class PacketTally {
  /** By context and codec; grows with the contexts, which the metrics bound. */
  packets: Float64Array = new Float64Array(codecs);
  bytes: Float64Array = new Float64Array(codecs);

  /** The cell of a context and a codec, 1 and more. */
  cell(context: number, codec: Codec): number {
    const rows = context + 2;
    if (rows * codecs > this.packets.length) {
      this.packets = grown(this.packets, rows);
      this.bytes = grown(this.bytes, rows);
    }
    return (context + 1) * codecs + codec;
  }

  /** Contexts there may be something of: 0 and more, below this. */
  get contexts(): number {
    return this.packets.length / codecs - 1;
  }
}

function grown(cells: Float64Array, rows: number): Float64Array {
  const larger = new Float64Array(rows * codecs);
  larger.set(cells);
  return larger;
}
