// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cellsPerTuple, type HistogramDefinition, Space } from './definition.ts';
import { families, familyId } from './families.ts';
import { Histogram } from './histogram.ts';
import { ShardMemory } from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };
const histograms = families.filter((family) => family.type === 'histogram') as HistogramDefinition[];

/** A histogram in one context, and its cells. */
function setUp(name: string) {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const histogram = new Histogram(writer, name);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const size = cellsPerTuple(families[familyId(name)]!);
  const cells = (index: number): number[] => {
    const base = writer.base(familyId(name), context) + index * size;
    return [...writer.memory.cells.subarray(base, base + size)];
  };
  return { observe: (index: number, value: number) => histogram.observe(context, index, value), cells };
}

test('a value counts in the first bucket whose bound is not below it', () => {
  for (const { name, buckets, unitsPerBase } of histograms) {
    const { observe, cells } = setUp(name);
    let sum = 0;
    for (const bound of buckets) {
      const units = Math.round(bound * unitsPerBase);
      for (const value of [units, units + 1]) {
        observe(0, value);
        sum += value;
      }
    }
    // Each bound counts below, each value above a bound in the next bucket, the last one beyond all.
    assert.deepEqual(cells(0), [1, ...buckets.slice(1).map(() => 2), 1, sum], name);
  }
});

test('the bounds of every histogram are whole units, ascending, below 2^31', () => {
  assert.ok(histograms.length >= 10);
  for (const { name, buckets, unitsPerBase } of histograms) {
    const units = buckets.map((bound) => bound * unitsPerBase);
    for (const [i, bound] of units.entries()) {
      assert.ok(Math.abs(bound - Math.round(bound)) < 1e-6, `${name}: ${buckets[i]}`);
      assert.ok(bound > (units[i - 1] ?? 0) && bound < 2 ** 31, `${name}: ${buckets[i]}`);
    }
  }
});

test('the extremes of an argument count, outcomes apart', () => {
  const { observe, cells } = setUp('sip_session_request_delay_seconds');
  observe(0, 0);
  observe(1, 2 ** 31 - 1);
  assert.deepEqual([cells(0)[0], cells(0).at(-2), cells(0).at(-1)], [1, 0, 0]);
  assert.deepEqual([cells(1)[0], cells(1).at(-2), cells(1).at(-1)], [0, 1, 2 ** 31 - 1]);
});

test('a family that is no histogram is refused', () => {
  assert.throws(() => setUp('sip_requests_total'), /sip_requests_total is no histogram/);
});

test('property: equals a model, in whatever order the values come', () => {
  const value = fc.oneof(fc.nat(70_000), fc.nat(2 ** 31 - 1), fc.constantFrom(1299, 1300, 1301, 65_535));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), (values) => {
      const { buckets } = histograms.find(({ name }) => name === 'sip_message_size_bytes')!;
      const expected = [0, ...buckets]
        .map((low, i) => {
          const above = i === 0 ? -1 : low;
          return values.filter((one) => one > above && one <= (buckets[i] ?? Infinity)).length;
        })
        .concat(values.reduce((sum, one) => sum + one, 0));
      for (const order of [values, values.toReversed(), values.toSorted((a, b) => a - b)]) {
        const { observe, cells } = setUp('sip_message_size_bytes');
        for (const one of order) observe(0, one);
        assert.deepEqual(cells(0), expected);
      }
    }),
  );
});
