// SPDX-License-Identifier: Apache-2.0
import { Space } from '../../../src/metrics/definition.ts';
import { Histogram } from '../../../src/metrics/histogram.ts';
import { ShardMemory } from '../../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../../src/metrics/shard-writer.ts';
import type { BenchCase } from '../../measure-case.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };
const observations = 1 << 20;

/** One size observed for each message: most from 300 to 1000 bytes, one in 16 up to 4000, in no order. */
export default function prepare(): BenchCase {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const histogram = new Histogram(writer, 'sip_message_size_bytes');
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const sizes = new Int32Array(1 << 12);
  let state = 1;
  for (let i = 0; i < sizes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const random = (state >>> 8) / 2 ** 24;
    sizes[i] = i % 16 === 0 ? 1000 + random * 3000 : 300 + random * 700;
  }
  return {
    unit: 'value',
    units: observations,
    pass() {
      for (let i = 0; i < observations; i++) histogram.observe(context, 0, sizes[i & 4095]!);
    },
  };
}
