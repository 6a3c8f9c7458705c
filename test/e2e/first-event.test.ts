// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Debian's Prometheus as it is: does the first event of a carrier count?
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNetwork } from '../support/network.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { PromqlSample } from '../support/promql-server.ts';
import { startRingtap } from '../support/ringtap.ts';
import { startClient, startServer, together } from '../support/sipp.ts';

const numberOf = ([sample]: readonly PromqlSample[]): number => Number(sample?.value?.[1]);
/** `increase` extrapolates to the whole window: of one event it makes a little more. */
const isOne = (samples: readonly PromqlSample[]): boolean =>
  numberOf(samples) >= 1 && numberOf(samples) < 1.5;

test('root: increase() has the first call of a carrier that is configured, and its first failure', async () => {
  await using network = await openNetwork();
  const { caller, callee } = network;
  await using _ringtap = await startRingtap(callee, {
    args: [
      ...['--labels.carrier', `north=${caller.ipv4}`, '--labels.carrier', 'south=192.0.2.0/24'],
      ...['--labels.user-agent', 'phone=phone*', '--capture.workers', '2'],
    ],
  });
  await using prometheus = await startPrometheus(
    callee.namespace,
    "static_configs: [{ targets: ['127.0.0.1:10060'] }]",
  );
  await prometheus.queryUntil(
    'count_over_time(sip_session_attempts_total{carrier="north",ua_type="phone",direction="inbound"}[1m]) >= 3',
    (samples) => samples.length === 1,
  );
  await using server = await startServer(callee, { scenario: 'uas-call', calls: 1 });
  const keys = { agent: 'phone 1', from: 'alice', to: 'bob' };
  await using client = await startClient(network, {
    scenario: 'uac-labelled',
    calls: 1,
    callsPerSecond: 1,
    keys,
  });
  await together([client, server]).succeed();
  for (const [family, label] of [
    ['sip_session_attempts_total', ''],
    ['sip_session_attempt_results_total', 'result="answered"'],
    ['sip_session_attempt_codes_total', 'code="200"'],
    ['sip_sessions_ended_total', 'reason="bye"'],
    ['sip_requests_total', 'method="INVITE"'],
  ] as const) {
    const set = 'direction="inbound",carrier="north",ua_type="phone"';
    await prometheus.queryUntil(`increase(${family}{${set},${label}}[1m])`, isOne);
  }
  // What such a carrier would have without them: a family that begins with its first event, which is not seen.
  const late = 'sip_responses_total{carrier="north",method="INVITE",code="200"}';
  await prometheus.queryUntil(`count_over_time(${late}[1m]) >= 3`, (samples) => samples.length === 1);
  assert.equal(numberOf(await prometheus.query(late)), 1);
  assert.equal(numberOf(await prometheus.query(`increase(${late}[1m])`)), 0);
  assert.equal(
    numberOf(await prometheus.query('sum(increase(sip_session_attempts_total{carrier="south"}[1m]))')),
    0,
  );
});
