// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Debian's Prometheus scrapes ringtap over TLS with a password.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import bcrypt from 'bcryptjs';
import { makeCertificate } from '../support/certificates.ts';
import { runCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { openNetwork } from '../support/network.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { PromqlSample, PromqlServer } from '../support/promql-server.ts';
import { startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const calls = 40;
const traffic = planOf({ flow: flows.answered, calls }, { callsPerSecond: 200 });
const is = (value: number) => (samples: readonly PromqlSample[]) => Number(samples[0]?.value?.[1]) === value;

for (const [format, features, isNewer] of [
  ['OpenMetrics', ['exemplar-storage'], false],
  ['protobuf', ['exemplar-storage', 'native-histograms', 'created-timestamp-zero-ingestion'], true],
] as const) {
  test(`root: ${isNewer ? 'Debian 13' : 'Debian 12'}'s Prometheus scrapes ${format} over TLS with a password, exemplars too`, async () => {
    await using network = await openNetwork();
    using certificate = await makeCertificate();
    // For whom root becomes.
    chmodSync(certificate.folder, 0o755);
    chmodSync(certificate.keyFile, 0o644);
    const file = join(certificate.folder, 'web.yml');
    writeFileSync(
      file,
      `tls_server_config: { cert_file: cert.pem, key_file: key.pem }\nbasic_auth_users:\n  scraper: ${bcrypt.hashSync('secret', 10)}\n`,
    );
    const { namespace } = network.callee;
    await using ringtap = await startRingtap(network.callee, {
      args: [
        '--web.config.file',
        file,
        '--metrics.exemplars',
        '--metrics.native-histograms',
        '--web.telemetry-path',
        '/m',
      ],
      waitForReady: false,
    });
    await waitUntil(
      'the capture runs',
      () => ringtap.log().includes('msg=capturing') || undefined,
      20_000,
      ringtap.log,
    );
    assert.match(ringtap.log(), /privileges are given up" uid=65534 /);
    await using prometheus = await startPrometheus(
      namespace,
      `scheme: https
metrics_path: /m
basic_auth: { username: scraper, password: secret }
tls_config: { insecure_skip_verify: true }
static_configs: [{ targets: ['127.0.0.1:10060'] }]`,
      { features, isNewer },
    );
    await prometheus.queryUntil('up', is(1));
    await runCalls(network, traffic);
    await prometheus.queryUntil('sum(sip_session_attempt_results_total{result="answered"})', is(calls));
    await prometheus.queryUntil('ringtap_web_password_hashes_total', is(1));
    assert.equal(
      (await prometheus.query('ringtap_web_requests_total{outcome="unauthorized"} > 0')).length,
      0,
    );
    if (format === 'protobuf') await checkNativeHistograms(prometheus);
    else await prometheus.queryUntil('sum(sip_answer_delay_seconds_count)', is(calls));
    await checkExemplars(prometheus);
    // What it says of the target: each sample was taken.
    const { data } = (await prometheus.get('/api/v1/targets')) as {
      data: { activeTargets: { lastError: string; health: string }[] };
    };
    assert.deepEqual(
      data.activeTargets.map(({ lastError, health }) => [lastError, health]),
      [['', 'up']],
    );
    assert.doesNotMatch(prometheus.log(), /level=(warn|error).*(scrape|sample|exemplar|histogram)/i);
    const text = await runCommand('ip', [
      'netns',
      'exec',
      namespace,
      'curl',
      '-sk',
      '-u',
      'scraper:secret',
      'https://127.0.0.1:10060/m',
    ]);
    await runCommand('promtool', ['check', 'metrics'], { input: text });
  });
}

test('root: a Prometheus that is sent the metrics has each series as a scrape would', async () => {
  await using network = await openNetwork();
  const { namespace } = network.callee;
  await using ringtap = await startRingtap(network.callee, {
    args: ['--remote-write.url', 'http://127.0.0.1:9090/api/v1/write', '--remote-write.interval', '1s'],
  });
  // It was not there at first: that is told, and no end of it.
  await waitUntil(
    'it is told',
    () => ringtap.log().includes('cannot be sent') || undefined,
    15_000,
    ringtap.log,
  );
  await using prometheus = await startPrometheus(namespace, undefined);
  await runCalls(network, traffic);
  await prometheus.queryUntil(
    'sum(sip_session_attempt_results_total{result="answered",job="ringtap"})',
    is(calls),
  );
  await prometheus.queryUntil('sum(sip_answer_delay_seconds_bucket{le="+Inf"})', is(calls));
  await waitUntil(
    'it is told',
    () => ringtap.log().includes('metrics are sent') || undefined,
    15_000,
    ringtap.log,
  );
  const { samples } = await ringtap.scrape();
  await prometheus.queryUntil('count({job="ringtap"})', is(samples.length));
  const [failed] = await prometheus.query('ringtap_remote_write_total{result="failed"}');
  assert.ok(Number(failed!.value![1]) >= 1);
});

async function checkNativeHistograms(prometheus: PromqlServer): Promise<void> {
  await prometheus.queryUntil('histogram_count(sum(sip_answer_delay_seconds))', is(calls));
  const [sum] = await prometheus.query('histogram_sum(sum(sip_answer_delay_seconds))');
  const seconds = Number(sum!.value![1]);
  assert.ok(seconds > 0 && seconds < 40, `${seconds} s`);
  const [median] = await prometheus.query('histogram_quantile(0.5, sum(sip_answer_delay_seconds))');
  const value = Number(median!.value![1]);
  assert.ok(value > 0 && value < 1, `${value} s`);
}

async function checkExemplars(prometheus: PromqlServer): Promise<void> {
  const path = '/api/v1/query_exemplars?query=sip_answer_delay_seconds_bucket&start=0&end=9999999999';
  type Exemplars = {
    data?: { seriesLabels: object; exemplars: { labels: { call_id: string }; value: string }[] }[];
  };
  const native = path.replace('_bucket', '');
  const found = await waitUntil('an exemplar', async () => {
    const answers = [(await prometheus.get(path)) as Exemplars, (await prometheus.get(native)) as Exemplars];
    const exemplars = answers.flatMap(({ data }) => data ?? []).flatMap((series) => series.exemplars);
    return exemplars.length > 0 ? exemplars : undefined;
  });
  // As SIPp names its calls.
  for (const { labels, value } of found) {
    assert.match(labels.call_id, /^\d+-\d+@10\.99\.0\.1$/);
    assert.ok(Number(value) > 0);
  }
}
