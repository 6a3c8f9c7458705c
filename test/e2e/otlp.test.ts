// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What is sent by OTLP says what a scrape says.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { killAndWait, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { openNetwork } from '../support/network.ts';
import { decodeOtlp, samplesOf } from '../support/otlp.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { Sample } from '../support/prometheus-text.ts';
import { type Ringtap, settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
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
    .map(({ name, labels, value }) => `${name} ${JSON.stringify(Object.entries(labels).sort())} ${value}`)
    .sort();
}

test('root: what is sent by OTLP has every series as a scrape has it', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: ['--otlp.endpoint', 'http://127.0.0.1:4318', '--otlp.interval', '1s', '--otlp.compression', 'gzip'],
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
    await waitUntil(
      'they are the same',
      async () => {
        // What is known of the media of calls is given up some time after them.
        expected = keysOf((await ringtap.scrape()).samples);
        const requests = running.stdout().split('\n').slice(0, -1).map(readRequest);
        const time = requests.at(-1)?.timeUnixNano;
        last = keysOf(samplesOf(requests.filter(({ timeUnixNano }) => timeUnixNano === time)));
        return last.join() === expected.join() || undefined;
      },
      30_000,
      () => `${last.length} of ${expected.length}: ${last.filter((key) => !expected.includes(key))}`,
    );
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

// Debian's Prometheus is older than OTLP in it. docs/push.md tells how one is had.
const prometheus3 = process.env['RINGTAP_TEST_PROMETHEUS_3'];
for (const isNative of [false, true]) {
  test(`root: a Prometheus that is sent ${isNative ? 'exponential' : 'explicit'} histograms by OTLP has what a scrape has`, {
    skip: prometheus3 === undefined && 'RINGTAP_TEST_PROMETHEUS_3 names a Prometheus of version 3',
  }, async () => {
    await using network = await openNetwork();
    const { namespace } = network.callee;
    await using prometheus = await startPrometheus(namespace, undefined, ['exemplar-storage'], prometheus3);
    await using ringtap = await startRingtap(network.callee, {
      args: [
        ...['--otlp.endpoint', 'http://127.0.0.1:9090/api/v1/otlp', '--otlp.interval', '1s'],
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
        expected = keysOf((await ringtap.scrape()).samples).filter((key) => !isNative || !isOfHistogram(key));
        const samples = await prometheus.query('{job="ringtap",instance="one"}');
        last = keysOf(
          samples.flatMap(({ metric, value }) => {
            const { __name__: name, job: _job, instance: _instance, le, ...labels } = metric;
            if (value === undefined) return [];
            const bound = le && (/^\d+$/.test(le) ? `${le}.0` : le);
            return [
              { name: name!, labels: { ...labels, ...(bound && { le: bound }) }, value: Number(value[1]) },
            ];
          }),
        );
        return last.join() === expected.join() || undefined;
      },
      30_000,
      () =>
        `${last.length} of ${expected.length}: ${last.filter((key) => !expected.includes(key)).slice(0, 5)}; ${expected.filter((key) => !last.includes(key)).slice(0, 5)}`,
    );
    if (isNative) {
      for (const name of ['sip_answer_delay_seconds', 'sip_message_size_bytes']) {
        const [count] = await prometheus.query(`sum(histogram_count(${name}))`);
        assert.equal(Number(count!.value![1]), exposition.sum(`${name}_count`));
        const [sum] = await prometheus.query(`sum(histogram_sum(${name}))`);
        assert.ok(Math.abs(Number(sum!.value![1]) - exposition.sum(`${name}_sum`)) < 1e-6);
      }
    }
    const { data } = (await prometheus.get(
      `/api/v1/query_exemplars?query=sip_answer_delay_seconds${isNative ? '' : '_bucket'}&start=0&end=9999999999`,
    )) as { data: { exemplars: { labels: { call_id: string } }[] }[] };
    const ids = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.call_id));
    assert.notEqual(ids.length, 0);
    for (const id of ids) assert.match(id, /^\d+-\d+@10\.99\.0\.1$/);
    assert.equal((await ringtap.scrape()).sum('ringtap_otlp_rejected_points_total'), 0);
    assert.doesNotMatch(prometheus.log(), /level=(WARN|ERROR)/);
  });
}

const isOfHistogram = (key: string): boolean => /^\S+_(bucket|sum|count) /.test(key);

async function toldThat(ringtap: Ringtap, sentence: string): Promise<void> {
  await waitUntil(sentence, () => ringtap.log().includes(sentence) || undefined, 15_000, ringtap.log);
}
