// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What is sent by OTLP says what a scrape says.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { killAndWait, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { openNetwork } from '../support/network.ts';
import { attributesOf, decodeOtlp, samplesOf } from '../support/otlp.ts';
import { type Exposition, type Sample, sampleText } from '../support/prometheus-text.ts';
import type { PromqlSample } from '../support/promql-server.ts';
import { type Ringtap, settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { startVictoriaMetrics, victoriaMetricsOtlpEndpoint } from '../support/victoria-metrics.ts';
import { planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const traffic = planOf({ flow: flows.answered, calls: 40 }, { callsPerSecond: 200 });
const receiver = join(import.meta.dirname, '../support/otlp-receiver.ts');

/** Of the network, which is still once the calls are over; what the program uses itself is not. */
const isOfNetwork = ({ name }: Sample): boolean => /^(sip|rtp)_/.test(name);
/** Without those that have no value, and that a receiver of OTLP is told to have none. */
function keysOf(samples: readonly Sample[]): string[] {
  return samples
    .filter((sample) => isOfNetwork(sample) && !Number.isNaN(sample.value))
    .map(sampleText)
    .sort();
}

test('root: what is sent by OTLP has every series as a scrape has it, and exemplars', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: [
      ...['--otlp.endpoint', 'http://127.0.0.1:4318', '--otlp.interval', '1s', '--otlp.compression', 'gzip'],
      '--metrics.exemplars',
    ],
  });
  await toldThat(ringtap, 'metrics cannot be sent by OTLP');
  const running = await startCommand(process.execPath, [receiver, '4318'], {
    namespace: network.callee.namespace,
  });
  try {
    await runCalls(network, traffic);
    const exposition = await settle(network, ringtap);
    await toldThat(ringtap, 'metrics are sent by OTLP');
    let expected = keysOf(exposition.samples);
    assert.ok(expected.length > 1000, `${expected.length} series`);
    let last: string[] = [];
    const requests = await waitUntil(
      'they are the same',
      async () => {
        // What is known of the media of calls is given up some time after them.
        expected = keysOf((await ringtap.scrape()).samples);
        const all = running.stdout().split('\n').slice(0, -1).map(readRequest);
        const newest = all.filter(({ timeUnixNano }) => timeUnixNano === all.at(-1)!.timeUnixNano);
        last = keysOf(samplesOf(newest));
        return last.join() === expected.join() ? newest : undefined;
      },
      30_000,
      () => `${last.length} of ${expected.length}: ${last.filter((key) => !expected.includes(key))}`,
    );
    const callIds = requests
      .flatMap(({ metrics }) => metrics.find(({ name }) => name === 'sip_answer_delay_seconds') ?? [])
      .flatMap(({ histogram }) => histogram!.dataPoints.flatMap(({ exemplars }) => exemplars ?? []))
      .map(({ filteredAttributes }) => attributesOf(filteredAttributes)['call_id']!);
    assert.notEqual(callIds.length, 0);
    // As SIPp names its calls.
    for (const callId of callIds) assert.match(callId, /^\d+-\d+@10\.99\.0\.1$/);
    assert.ok((await ringtap.scrape()).sum('ringtap_otlp_exports_total', { result: 'failed' }) >= 1);
  } finally {
    await killAndWait(running);
  }
});

function readRequest(line: string) {
  const [method, path, contentType, body] = line.split(' ');
  assert.deepEqual([method, path, contentType], ['POST', '/v1/metrics', 'application/x-protobuf']);
  const request = decodeOtlp(Buffer.from(body!, 'base64'));
  const [first] = request.metrics;
  const data = first!.gauge ?? first!.sum ?? first!.histogram;
  return { ...request, timeUnixNano: data!.dataPoints[0]!.timeUnixNano };
}

for (const isNative of [false, true]) {
  test(`root: a VictoriaMetrics that is sent ${isNative ? 'exponential' : 'explicit'} histograms by OTLP has what a scrape has`, async () => {
    await using network = await openNetwork();
    await using database = await startVictoriaMetrics(network.callee.namespace);
    await using ringtap = await startRingtap(network.callee, {
      args: [
        ...['--otlp.endpoint', victoriaMetricsOtlpEndpoint, '--otlp.interval', '1s'],
        ...['--otlp.compression', 'gzip', '--otlp.resource-attribute', 'service.instance.id=one'],
        ...['--metrics.exemplars', ...(isNative ? ['--metrics.native-histograms'] : [])],
      ],
    });
    await runCalls(network, traffic);
    const exposition = await settle(network, ringtap);
    let expected: string[] = [];
    let last: string[] = [];
    await waitUntil(
      'they are the same',
      async () => {
        expected = keysOf((await ringtap.scrape()).samples).filter((key) => !isNative || !isOfBucket(key));
        // An exponential bucket is called by its range; there is none that holds nothing.
        const samples = await database.query('{service_name="ringtap",service_instance_id="one",vmrange=""}');
        last = keysOf(samples.map(toSample));
        return last.join() === expected.join() || undefined;
      },
      30_000,
      () =>
        `${last.length} of ${expected.length}: ${last.filter((key) => !expected.includes(key)).slice(0, 5)}; ${expected.filter((key) => !last.includes(key)).slice(0, 5)}\n${ringtap.log()}${database.log().slice(-3000)}`,
    );
    if (isNative) {
      for (const name of ['sip_answer_delay_seconds', 'sip_message_size_bytes']) {
        checkBuckets(name, await database.query(`sum(${name}_bucket{vmrange!=""}) by (vmrange)`), exposition);
      }
    }
    assert.equal((await ringtap.scrape()).sum('ringtap_otlp_rejected_points_total'), 0);
    assert.doesNotMatch(database.log(), /\t(warn|error)\t/);
  });
}

/** They hold each observation, in buckets between whose bounds the sum of all lies; a bucket up or down is 19 %. */
function checkBuckets(name: string, samples: readonly PromqlSample[], exposition: Exposition): void {
  let [count, least, most] = [0, 0, 0];
  for (const { metric, value } of samples) {
    const [from, to] = metric['vmrange']!.split('...').map(Number);
    const inBucket = Number(value![1]);
    count += inBucket;
    least += inBucket * from!;
    most += inBucket * to!;
  }
  assert.ok(count > 0);
  assert.equal(count, exposition.sum(`${name}_count`));
  const sum = exposition.sum(`${name}_sum`);
  // Ranges have four digits.
  assert.ok(least * 0.999 <= sum && sum <= most * 1.001, `${name}: ${least}..${most}, ${sum}`);
}

function toSample({ metric, value }: PromqlSample): Sample {
  const {
    __name__: name,
    service_name: _program,
    service_instance_id: _instance,
    service_version: _version,
    host_name: _host,
    le,
    ...labels
  } = metric;
  const bound = le && (/^\d+$/.test(le) ? `${le}.0` : le);
  return { name: name!, labels: { ...labels, ...(bound && { le: bound }) }, value: Number(value![1]) };
}

const isOfBucket = (key: string): boolean => /^\S+_bucket /.test(key);

async function toldThat(ringtap: Ringtap, sentence: string): Promise<void> {
  await waitUntil(sentence, () => ringtap.log().includes(sentence) || undefined, 15_000, ringtap.log);
}
