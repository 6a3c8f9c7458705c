// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Counter } from '../../src/metrics/counter.ts';
import { Space, seriesPerContext } from '../../src/metrics/definition.ts';
import { families } from '../../src/metrics/families.ts';
import { Histogram } from '../../src/metrics/histogram.ts';
import { expose, type JsonFamily, makeProgramShards, makeWriter } from './shards.ts';
import type { ParsedFamily, Sample } from './strict-parser.ts';

// Every line of both formats goes through the strict parser, which shares nothing with the renderers.

/** The value of one series, by the labels given. */
function sampleValue(
  parsed: readonly ParsedFamily[],
  name: string,
  labels: Record<string, string>,
): string | undefined {
  const samples = parsed.flatMap((family) => family.samples).filter((sample) => sample.name === name);
  const found = samples.filter((sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  assert.ok(found.length <= 1, `${found.length} series of ${name} with these labels`);
  return found[0]?.value;
}

/** The samples the text formats would have for what JSON says. */
function samplesOfJson(families: readonly JsonFamily[]): Sample[] {
  return families.flatMap(({ name, metrics }) =>
    metrics.flatMap(({ labels = {}, value, buckets, count, sum }) => {
      if (!buckets) return [{ name, labels, value: value! }];
      const le = (bound: string) => (/^\d+$/.test(bound) ? `${bound}.0` : bound);
      const ascending = Object.entries(buckets).sort(
        ([a], [b]) => Number(a.replace('+Inf', 'Infinity')) - Number(b.replace('+Inf', 'Infinity')),
      );
      return [
        ...ascending.map(([bound, amount]) => ({
          name: `${name}_bucket`,
          labels: { ...labels, le: le(bound) },
          value: amount,
        })),
        { name: `${name}_sum`, labels, value: sum! },
        { name: `${name}_count`, labels, value: count! },
      ];
    }),
  );
}

test('JSON says the same as the text formats, number for number', () => {
  const { layout } = makeProgramShards();
  const { text, json } = expose(layout);
  assert.deepEqual(
    samplesOfJson(json),
    text.flatMap(({ samples }) => samples),
  );
  assert.deepEqual(
    json.map(({ name, help, type }) => ({ name, help, type: type.toLowerCase() })),
    text.map(({ name, help, type }) => ({ name, help, type })),
  );
  const samples = samplesOfJson(json);
  assert.ok(samples.some(({ name, value }) => name === 'sip_peer_up' && value === 'NaN'));
  assert.ok(samples.every(({ value }) => typeof value === 'string'));
});

test('histograms are cumulative, in base units, with count and sum', () => {
  const { layout } = makeProgramShards();
  const { text } = expose(layout);
  const find = (name: string, labels: Record<string, string>) =>
    sampleValue(text, name, { interface: 'eth0', direction: 'inbound', ...labels });
  const name = 'sip_session_request_delay_seconds';
  const failure = (le: string) => find(`${name}_bucket`, { outcome: 'failure', le });
  assert.deepEqual(['1.0', '2.0', '30.0', '60.0', '+Inf'].map(failure), ['0', '1', '1', '2', '2']);
  assert.equal(find(`${name}_sum`, { outcome: 'failure' }), '33.5');
  assert.equal(find(`${name}_count`, { outcome: 'failure' }), '2');
  assert.equal(find(`${name}_bucket`, { outcome: 'success', le: '0.05' }), '0');
  assert.equal(find(`${name}_bucket`, { outcome: 'success', le: '0.1' }), '1');
  const duration = 'sip_session_duration_seconds';
  assert.equal(find(`${duration}_bucket`, { outcome: 'success', le: '86400.0' }), '0');
  assert.equal(find(`${duration}_sum`, { outcome: 'success' }), '90061');
});

test('histograms of several shards are added bucket by bucket', () => {
  const shards = [makeWriter(), makeWriter()];
  for (const [i, shard] of shards.entries()) {
    const histogram = new Histogram(shard, 'sip_message_size_bytes');
    const context = shard.context(Space.traffic, ['eth0', 'inbound']);
    for (const size of [200, 400, 70_000]) histogram.observe(context, 0, size + i);
  }
  const { text } = expose(new SeriesLayout(shards.map(({ memory }) => memory)));
  const bucket = (le: string) => sampleValue(text, 'sip_message_size_bytes_bucket', { le });
  assert.deepEqual(['256.0', '512.0', '65535.0', '+Inf'].map(bucket), ['2', '4', '4', '6']);
  assert.equal(sampleValue(text, 'sip_message_size_bytes_sum', {}), String(2 * 70_600 + 3));
});

test('both text formats of all families obey the grammar and say the same', () => {
  const { layout } = makeProgramShards();
  const { text, openMetrics } = expose(layout);
  assert.deepEqual(
    text.map(({ name }) => name),
    families.map(({ name }) => name),
  );
  const samplesOf = (parsed: readonly ParsedFamily[]) => parsed.flatMap(({ samples }) => samples);
  assert.deepEqual(samplesOf(openMetrics), samplesOf(text));
  assert.deepEqual(
    openMetrics.map(({ help }) => help),
    families.map(({ help }) => help),
  );
  const kindOf = (wanted: string) => openMetrics.find(({ name }) => name === wanted);
  assert.equal(kindOf('ringtap_build')?.type, 'info');
  assert.equal(kindOf('process_cpu_seconds')?.unit, 'seconds');
  assert.equal(kindOf('process_resident_memory_bytes')?.unit, 'bytes');
  assert.equal(kindOf('sip_session_establishment_ratio')?.unit, 'ratio');
  assert.equal(kindOf('sip_requests')?.unit, undefined);
});

test('ringtap_metric_series counts what is exposed', () => {
  const { layout } = makeProgramShards();
  const { text } = expose(layout);
  for (const { name, samples } of text) {
    assert.equal(sampleValue(text, 'ringtap_metric_series', { family: name }), String(samples.length), name);
  }
  const empty = expose(new SeriesLayout([makeWriter().memory])).text;
  assert.deepEqual(
    empty.map(({ name }) => name),
    ['ringtap_metric_series'],
    'a family without series is not exposed',
  );
  assert.equal(sampleValue(empty, 'ringtap_metric_series', { family: 'sip_requests_total' }), '0');
});

// A label without a text is none.
test('property: any label text comes back as it was', () => {
  const hostile = fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        '"',
        '\\',
        '\n',
        'n',
        '{',
        '}',
        ',',
        '=',
        ' ',
        '\r',
        '\t',
        '\u2028',
        '\ufeff',
        'é',
        '😀',
      ),
      minLength: 1,
      maxLength: 15,
    }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(hostile, hostile), { selector: JSON.stringify, maxLength: 5 }),
      (pairs) => {
        const writer = makeWriter();
        const counter = new Counter(writer, 'sip_session_attempts_total');
        for (const [i, pair] of pairs.entries()) counter.add(writer.context(Space.traffic, pair), 0, i + 1);
        const { text, openMetrics } = expose(new SeriesLayout([writer.memory]));
        for (const parsed of [text, openMetrics]) {
          for (const [i, [name, direction]] of pairs.entries()) {
            const labels = { interface: name, direction };
            assert.equal(sampleValue(parsed, 'sip_session_attempts_total', labels), String(i + 1));
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('shards add up: the same labels are one series, whatever order they came in', () => {
  const shards = [makeWriter(), makeWriter(), makeWriter()];
  const names = ['eth0', 'eth1', 'eth2'];
  for (const [i, shard] of shards.entries()) {
    for (const name of i === 1 ? names.toReversed() : names) {
      const context = shard.context(Space.traffic, [name, 'inbound']);
      new Counter(shard, 'sip_requests_total').add(context, 5, 10 ** i);
      new Counter(shard, 'sip_dialogs').set(context, 0, -i);
    }
  }
  const { text } = expose(new SeriesLayout(shards.map(({ memory }) => memory)));
  for (const name of names) {
    assert.equal(sampleValue(text, 'sip_requests_total', { interface: name, method: 'INVITE' }), '111');
    assert.equal(sampleValue(text, 'sip_requests_total', { interface: name, method: 'BYE' }), '0');
    assert.equal(sampleValue(text, 'sip_dialogs', { interface: name, state: 'early' }), '-3');
  }
});

test('texts that were cut to the same label are one series', () => {
  const writer = makeWriter();
  const counter = new Counter(writer, 'ringtap_capture_packets_total');
  for (const end of ['a', 'b']) counter.add(writer.context(Space.interface, ['x'.repeat(80) + end]), 0, 1);
  const { text } = expose(new SeriesLayout([writer.memory]));
  assert.equal(sampleValue(text, 'ringtap_capture_packets_total', {}), '2');
});

test('ratios are divided after the shards are added; NaN while nothing has ended', () => {
  const shards = [makeWriter(), makeWriter()];
  const set = (shard: number, numerator: number, denominator: number) => {
    const counter = new Counter(shards[shard]!, 'sip_session_establishment_ratio');
    const context = shards[shard]!.context(Space.window, ['5m']);
    counter.set(context, 0, numerator);
    counter.set(context, 1, denominator);
  };
  const layout = new SeriesLayout(shards.map(({ memory }) => memory));
  const ratio = () => sampleValue(expose(layout).text, 'sip_session_establishment_ratio', { window: '5m' });
  set(0, 0, 0);
  assert.equal(ratio(), 'NaN');
  // A reader may come between the two writes of a worker.
  set(0, 1, 0);
  assert.equal(ratio(), 'NaN');
  set(0, 1, 1);
  set(1, 0, 3);
  assert.equal(ratio(), '0.25');
  set(0, 0, 0);
  set(1, 0, 0);
  assert.equal(ratio(), 'NaN');
});

test('values of every kind are written so that they read back', () => {
  const writer = makeWriter();
  const gauge = new Counter(writer, 'process_open_fds');
  const layout = new SeriesLayout([writer.memory]);
  const context = writer.context(Space.global, []);
  for (const value of [
    0,
    -0,
    1,
    -1,
    0.1,
    1e21,
    1.5e-7,
    2 ** 53,
    1_763_900_000.123,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
  ]) {
    gauge.set(context, 0, value);
    const { text, openMetrics } = expose(layout);
    assert.equal(Number(sampleValue(text, 'process_open_fds', {})), value + 0);
    assert.equal(Number(sampleValue(openMetrics, 'process_open_fds', {})), value + 0);
  }
  const written = (value: number) => {
    gauge.set(context, 0, value);
    return sampleValue(expose(layout).openMetrics, 'process_open_fds', {});
  };
  assert.deepEqual([Infinity, -Infinity, Number.NaN].map(written), ['+Inf', '-Inf', 'NaN']);
});

test('a layout made early sees what shards get later', () => {
  const writer = makeWriter();
  const layout = new SeriesLayout([writer.memory]);
  expose(layout);
  const requests = new Counter(writer, 'sip_requests_total');
  for (let i = 0; i < 20; i++) {
    const context = writer.context(Space.traffic, [`eth${i}`, 'inbound']);
    requests.add(context, 5, i);
    const { text } = expose(layout);
    assert.equal(
      sampleValue(text, 'sip_requests_total', { interface: `eth${i}`, method: 'INVITE' }),
      String(i),
    );
    assert.equal(layout.total('sip_requests_total'), (i * (i + 1)) / 2);
  }
  const perContext = seriesPerContext(families.find(({ name }) => name === 'sip_requests_total')!);
  const { text } = expose(layout);
  assert.equal(text.find(({ name }) => name === 'sip_requests_total')!.samples.length, 20 * perContext);
});
