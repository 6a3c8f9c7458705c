// SPDX-License-Identifier: Apache-2.0
// What is written is read by OpenTelemetry's own decoder. A receiver over HTTP takes it in src/server/push.test.ts.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MAX_POINTS, OtlpRenderer } from '../../src/exposition/otlp.ts';
import { partialSuccessOf, statusMessageOf } from '../../src/exposition/otlp-answer.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Counter } from '../../src/metrics/counter.ts';
import { Space } from '../../src/metrics/definition.ts';
import { Histogram } from '../../src/metrics/histogram.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { attributesOf, decodeOtlp, type OtlpMetric, partialSuccess, samplesOf } from '../support/otlp.ts';
import { parsePrometheusText, sampleText } from '../support/prometheus-text.ts';
import { makeProgramShards } from './shards.ts';

const resource = new Map([
  ['service.name', 'ringtap'],
  ['host.name', 'sensor-1'],
]);
const startMillis = 1_790_000_000_000.123;
const nowMillis = 1_790_000_060_500;

function decoded(layout: SeriesLayout) {
  layout.refresh();
  return [...new OtlpRenderer(resource, startMillis).render(layout, nowMillis)].map(decodeOtlp);
}

/** A shard with a distribution of the values, each of a call of its own where exemplars are wanted. */
function layoutOf(values: readonly number[], isNative: boolean, callId = ''): SeriesLayout {
  const budget = {
    maxSeriesPerFamily: 1000,
    maxSeries: 1000,
    hasNativeHistograms: isNative,
    hasExemplars: true,
  };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const histogram = new Histogram(writer, 'sip_cancel_ring_seconds');
  const id = new TextEncoder().encode(callId);
  for (const value of values) {
    histogram.observe(context, 0, value);
    writer.exemplars!.set(1_790_000_000_123_456, id, 0, id.length);
    histogram.exemplify(context, 0, value, writer.exemplars!);
  }
  return new SeriesLayout([writer.memory]);
}

const metricOf = (layout: SeriesLayout, name: string): OtlpMetric =>
  decoded(layout)
    .flatMap(({ metrics }) => metrics)
    .find((metric) => metric.name === name)!;
const observations = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 50 });

test('every series of the program has the value that a scrape has', () => {
  const { layout } = makeProgramShards();
  const requests = decoded(layout);
  const scraped = parsePrometheusText(renderText(layout)).samples;
  assert.ok(scraped.length > 3000, `${scraped.length} series`);
  assert.deepEqual(samplesOf(requests).map(sampleText).sort(), scraped.map(sampleText).sort());
  for (const request of requests) {
    assert.deepEqual(request.resource, Object.fromEntries(resource));
    const points = request.metrics.flatMap(({ gauge, sum, histogram }) => [
      ...(gauge?.dataPoints ?? []),
      ...(sum?.dataPoints ?? []),
      ...(histogram?.dataPoints ?? []),
    ]);
    assert.ok(points.length <= MAX_POINTS);
  }
  assert.ok(requests.length > 1, 'so much is sent in pieces');
});

test('a metric has the kind of its family, its unit and the times it is of', () => {
  const { layout } = makeProgramShards();
  const metrics = decoded(layout).flatMap((request) => request.metrics);
  const find = (name: string): OtlpMetric => metrics.find((metric) => metric.name === name)!;
  const requests = find('sip_requests_total');
  assert.deepEqual(
    [requests.unit, requests.sum!.aggregationTemporality, requests.sum!.isMonotonic],
    [undefined, 'AGGREGATION_TEMPORALITY_CUMULATIVE', true],
  );
  assert.match(requests.description, /^SIP requests on the wire/);
  const [point] = requests.sum!.dataPoints;
  assert.deepEqual(
    [point!.startTimeUnixNano, point!.timeUnixNano],
    ['1790000000000123000', '1790000060500000000'],
  );
  assert.equal(find('process_cpu_seconds_total').unit, 's');
  assert.equal(find('process_resident_memory_bytes').unit, 'By');
  assert.equal(find('sip_session_establishment_ratio').unit, '1');
  assert.equal(find('process_resident_memory_bytes').gauge!.dataPoints[0]!.startTimeUnixNano, undefined);
  const delay = find('sip_session_request_delay_seconds').histogram!;
  assert.equal(delay.aggregationTemporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
  // A ratio of nothing: no value, and none is made up.
  assert.deepEqual(
    find('sip_session_establishment_ratio').gauge!.dataPoints.map(({ flags, asDouble }) => [flags, asDouble]),
    [[1, undefined]],
  );
});

test('a native histogram is an exponential one with the same buckets', () => {
  fc.assert(
    fc.property(observations, (values) => {
      const layout = layoutOf(values, true);
      const metric = metricOf(layout, 'sip_cancel_ring_seconds');
      assert.equal(metric.histogram, undefined);
      const { dataPoints, aggregationTemporality } = metric.exponentialHistogram!;
      assert.equal(aggregationTemporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
      const [point] = dataPoints;
      assert.deepEqual(attributesOf(point!.attributes), { interface: 'eth0', direction: 'inbound' });
      assert.deepEqual([point!.count, point!.scale], [`${values.length}`, 2]);
      assert.equal(point!.sum, values.reduce((sum, value) => sum + value, 0) / 1e6);
      assert.equal(point!.zeroCount, `${values.filter((value) => value === 0).length}`);
      // Bucket i holds what is above base^i and at most base^(i+1) (OpenTelemetry, "Metrics Data Model").
      const base = 2 ** (1 / 4);
      const { offset, bucketCounts } = point!.positive ?? { offset: 0, bucketCounts: [] };
      const counts = bucketCounts.map((count, i) => [i + offset, Number(count)] as const);
      for (const [index, count] of counts) {
        const isWithin = (value: number): boolean =>
          value / 1e6 > base ** index * (1 - 1e-12) && value / 1e6 <= base ** (index + 1) * (1 + 1e-12);
        assert.equal(count, values.filter((value) => value > 0 && isWithin(value)).length, `bucket ${index}`);
      }
      assert.equal(
        counts.reduce((sum, [, count]) => sum + count, Number(point!.zeroCount)),
        values.length,
      );
      if (counts.length > 0) assert.ok(counts[0]![1] > 0 && counts.at(-1)![1] > 0, 'no bucket too many');
    }),
  );
});

test('a distribution has explicit bounds and exemplars of the calls in it, whatever their Call-IDs have in them', () => {
  fc.assert(
    fc.property(observations, fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (values, id) => {
      for (const isNative of [false, true]) {
        const layout = layoutOf(values, isNative, id);
        const metric = metricOf(layout, 'sip_cancel_ring_seconds');
        const [point] = (metric.exponentialHistogram ?? metric.histogram)!.dataPoints;
        const exemplars = point!.exemplars!;
        const bounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 8, 15, 30, 60];
        if (!isNative) {
          assert.deepEqual(point!.explicitBounds, bounds);
          assert.deepEqual(
            point!.bucketCounts!.map(Number),
            [...bounds, Infinity].map(
              (bound, i) =>
                values.filter((value) => value <= bound * 1e6 && (i === 0 || value > bounds[i - 1]! * 1e6))
                  .length,
            ),
          );
        }
        // The newest of each bucket.
        const newest = new Map(
          values.map((value) => [bounds.findIndex((bound) => value <= bound * 1e6), value / 1e6]),
        );
        assert.deepEqual(exemplars.map(({ asDouble }) => asDouble).sort(), [...newest.values()].sort());
        for (const { timeUnixNano, filteredAttributes } of exemplars) {
          assert.equal(timeUnixNano, '1790000000123456000');
          const { call_id: text, ...others } = attributesOf(filteredAttributes);
          assert.deepEqual(others, {});
          assert.match(text!, /^[!-~]{1,121}$/);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('large counters keep their value', () => {
  const budget = { maxSeriesPerFamily: 1000, maxSeries: 1000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  new Counter(writer, 'process_open_fds').set(writer.context(Space.global, []), 0, 2 ** 53 - 1);
  const metric = metricOf(new SeriesLayout([writer.memory]), 'process_open_fds');
  assert.equal(metric.gauge!.dataPoints[0]!.asDouble, 2 ** 53 - 1);
});

test('an answer is read for what was rejected, and is never trusted', () => {
  assert.deepEqual(partialSuccessOf(partialSuccess(17, 'too old')), {
    rejectedPoints: 17,
    message: 'too old',
  });
  const all = { rejectedPoints: 0, message: '' };
  assert.deepEqual(partialSuccessOf(new Uint8Array(0)), all);
  assert.deepEqual(partialSuccessOf(partialSuccess(0, '')), all);
  // google.rpc.Status: code 8, a message.
  const status = Uint8Array.from([8, 8, 18, 4, ...new TextEncoder().encode('slow')]);
  assert.equal(statusMessageOf(status), 'slow');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const { rejectedPoints, message } = partialSuccessOf(bytes);
      assert.ok(
        rejectedPoints >= 0 && typeof message === 'string' && typeof statusMessageOf(bytes) === 'string',
      );
    }),
    { numRuns: 2000 },
  );
});
