// SPDX-License-Identifier: Apache-2.0
// A real Prometheus reads it in test/e2e/scrape.test.ts.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { all, delimited, type Field, fieldsOf, varints } from '../../test/support/protobuf.ts';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import { Histogram } from '../metrics/histogram.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { renderOpenMetrics } from './open-metrics.ts';
import { renderProtobuf } from './protobuf.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { SeriesLayout } from './series-layout.ts';

const text = (value: number | Uint8Array | undefined): string =>
  new TextDecoder().decode(value as Uint8Array);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

function familiesOf(bytes: Uint8Array): Map<string, Field[]> {
  const families = delimited(bytes).map(fieldsOf);
  return new Map(families.map((fields) => [text(all(fields, 1)[0]), fields]));
}

function shardWith(observations: readonly number[], callId = ''): SeriesLayout {
  const budget = { maxSeriesPerFamily: 1000, maxSeries: 1000, hasNativeHistograms: true, hasExemplars: true };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const id = new TextEncoder().encode(callId);
  const histogram = new Histogram(writer, 'sip_cancel_ring_seconds');
  for (const value of observations) {
    histogram.observe(context, 0, value);
    writer.exemplars!.set(1_700_000_000_250_000, id, 0, id.length);
    histogram.exemplify(context, 0, value, writer.exemplars!);
  }
  new Counter(writer, 'sip_keepalives_total').add(context, 1, 3);
  new Counter(writer, 'process_open_fds').set(writer.context(Space.global, []), 0, 7);
  const layout = new SeriesLayout([new ShardMemory(writer.memory.buffer)]);
  layout.refresh();
  return layout;
}

test('counters and gauges with their labels', () => {
  const families = familiesOf(renderProtobuf(shardWith([])));
  const keepAlives = families.get('sip_keepalives_total')!;
  assert.match(text(all(keepAlives, 2)[0]), /keeps a path open/);
  assert.deepEqual(all(keepAlives, 3), [0]);
  const metric = fieldsOf(all(keepAlives, 4)[1] as Uint8Array);
  const labels = all(metric, 1).map((label) => fieldsOf(label as Uint8Array).map(([, part]) => text(part)));
  assert.deepEqual(labels, [
    ['interface', 'eth0'],
    ['direction', 'inbound'],
    ['type', 'stun'],
  ]);
  assert.deepEqual(fieldsOf(all(metric, 3)[0] as Uint8Array), [[1, 3]]);
  const gauge = families.get('process_open_fds')!;
  assert.deepEqual(all(gauge, 3), [1]);
  assert.deepEqual(fieldsOf(all(fieldsOf(all(gauge, 4)[0] as Uint8Array), 2)[0] as Uint8Array), [[1, 7]]);
  assert.equal(families.has('sip_requests_total'), false);
});

test('a distribution has classic and native buckets that count the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 50 }), (values) => {
      const family = familiesOf(renderProtobuf(shardWith(values))).get('sip_cancel_ring_seconds')!;
      assert.deepEqual(all(family, 3), [4]);
      const histogram = fieldsOf(all(fieldsOf(all(family, 4)[0] as Uint8Array), 7)[0] as Uint8Array);
      assert.deepEqual(all(histogram, 1), [values.length]);
      assert.equal(all(histogram, 2)[0], values.reduce((sum, value) => sum + value, 0) / 1e6);
      for (const bucket of all(histogram, 3)) {
        const [[, count], [, bound]] = fieldsOf(bucket as Uint8Array) as [Field, Field];
        assert.equal(count, values.filter((value) => value <= Math.round((bound as number) * 1e6)).length);
      }
      assert.equal(unzigzag(all(histogram, 5)[0] as number), 2);
      assert.deepEqual(all(histogram, 7), [values.filter((value) => value === 0).length]);
      const packed = all(histogram, 13)[0] as Uint8Array | undefined;
      const deltas = packed ? varints(packed).map(unzigzag) : [];
      const counts = new Map<number, number>();
      let [index, count] = [0, 0];
      for (const span of all(histogram, 12)) {
        const [[, offset], [, length]] = fieldsOf(span as Uint8Array) as [Field, Field];
        index += unzigzag(offset as number);
        for (let i = 0; i < (length as number); i++) {
          count += deltas.shift()!;
          if (count > 0) counts.set(index, count);
          index++;
        }
      }
      assert.deepEqual(deltas, []);
      const expected = new Map<number, number>();
      for (const value of values.filter((each) => each > 0)) {
        const bucket = Math.ceil(Math.log2(value / 1e6) * 4 - 1e-9);
        expected.set(bucket, (expected.get(bucket) ?? 0) + 1);
      }
      assert.deepEqual([...counts].sort(byBucket), [...expected].sort(byBucket));
    }),
  );
});

const byBucket = ([a]: [number, number], [b]: [number, number]): number => a - b;

test('an exemplar is the call of its bucket, whatever its Call-ID has in it', () => {
  const id = 'a"b\\c\n\0\u00e4}# EOF';
  const lines = renderOpenMetrics(shardWith([1_500_000], id)).split('\n');
  const withExemplar = lines.filter((line) => line.includes('call_id='));
  assert.deepEqual(withExemplar, [
    'sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="2.0"} 1 # {call_id="a\\"b\\\\c????}#?EOF"} 1.5 1700000000.250000',
  ]);
  const family = familiesOf(renderProtobuf(shardWith([1_500_000], id))).get('sip_cancel_ring_seconds')!;
  const histogram = fieldsOf(all(fieldsOf(all(family, 4)[0] as Uint8Array), 7)[0] as Uint8Array);
  const exemplars = all(histogram, 3).flatMap((bucket) => all(fieldsOf(bucket as Uint8Array), 3));
  assert.equal(exemplars.length, 1);
  const fields = fieldsOf(exemplars[0] as Uint8Array);
  assert.equal(text(all(fieldsOf(all(fields, 1)[0] as Uint8Array), 2)[0]), 'a"b\\c????}#?EOF');
  assert.deepEqual(all(fields, 2), [1.5]);
  assert.deepEqual(fieldsOf(all(fields, 3)[0] as Uint8Array), [
    [1, 1_700_000_000],
    [2, 250_000_000],
  ]);
});

test('numbers, texts and nested messages come back as they were written', () => {
  const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(number, fc.string({ unit: 'binary', maxLength: 400 })), { maxLength: 50 }),
      (items) => {
        const out = new ProtobufWriter();
        for (const [value, string] of items) {
          const outer = out.begin(9);
          out.uint(1, value);
          const inner = out.begin(2);
          out.string(3, string);
          out.double(4, value / 3);
          out.end(inner);
          out.end(outer);
        }
        const got = all(fieldsOf(out.bytes.slice()), 9).map((outer) => {
          const fields = fieldsOf(outer as Uint8Array);
          const inner = fieldsOf(all(fields, 2)[0] as Uint8Array);
          return [all(fields, 1)[0], text(all(inner, 3)[0]), all(inner, 4)[0]];
        });
        const lossy = (string: string): string => text(new TextEncoder().encode(string));
        assert.deepEqual(
          got,
          items.map(([value, string]) => [value, lossy(string), value / 3]),
        );
      },
    ),
  );
});
