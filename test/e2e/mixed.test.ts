// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Everything at the same time, on several ports.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { checkWithPromtool, settle, startRingtap } from '../support/ringtap.ts';
import { type CallPlan, runCalls } from '../support/sipp.ts';
import { shortForkTimeout, waitForFigures } from './check-flow.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { type Flow, flows, registrationFlows } from './flows.ts';

type Part = { readonly flow: Flow; readonly calls: number; readonly more: Partial<CallPlan> };

const watched: readonly Part[] = [
  { flow: flows.answered, calls: 150, more: { port: 5060 } },
  { flow: flows.answered, calls: 120, more: { port: 5061, ipv6: true } },
  { flow: flows.busy, calls: 90, more: { port: 5080 } },
  { flow: flows.serverError, calls: 80, more: { port: 5081 } },
  { flow: flows.redirected, calls: 70, more: { port: 5082 } },
  { flow: flows.canceled, calls: 60, more: { port: 5083 } },
  { flow: flows.challengedThenAnswered407, calls: 50, more: { port: 5084, ipv6: true } },
  { flow: registrationFlows.registered, calls: 40, more: { port: 5085 } },
  { flow: registrationFlows.registeredWithDigest, calls: 30, more: { port: 5086 } },
  { flow: flows.options, calls: 20, more: { port: 5090 } },
];
/** On ports next to the watched ones: ringtap must not see them. */
const unwatched: readonly Part[] = [
  { flow: flows.answered, calls: 50, more: { port: 5059 } },
  { flow: flows.answered, calls: 50, more: { port: 5091, ipv6: true } },
];
const args = ['--sip.ports', '5060,5061,5080-5090', '--sip.retry-timeout', '1s', ...shortForkTimeout];
const ports = [5060, 5061, 5080, 5081, 5082, 5083, 5084, 5085, 5086, 5087, 5088, 5089, 5090];

test('root: calls of all kinds on many ports at once', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, { args });
  await using judge = await startPacketJudge(network);
  await Promise.all(
    [...watched, ...unwatched].map(({ more, ...run }) =>
      runCalls(network, planOf(run, { callsPerSecond: 30, ...more })),
    ),
  );
  await settle(network, ringtap);
  const { interfaceName } = network.callee;
  const expected = expectedFigures(watched, { side: 'callee', interfaceName, keepAlives: 1 });
  const exposition = await waitForFigures(ringtap, expected);
  assert.deepEqual(figuresOf(exposition), expected);
  // 320 answered of 620 attempts, 70 of them redirected (RFC 6076 §4.6).
  await ringtap.scrapeUntil(
    'the session establishment ratio is 320 / 550',
    (scrape) => scrape.find('sip_session_establishment_ratio', { window: '5m' }) === 320 / 550,
  );
  const { requests, responses } = expected;
  const filter = 'udp.port in {5060, 5061, 5080..5090}';
  assert.deepEqual(await judge.count({ ports, filter }), { requests, responses }, 'tshark');

  await checkWithPromtool((await ringtap.get('/metrics')).body);
  const openMetrics = await ringtap.get('/metrics', 'application/openmetrics-text;version=1.0.0');
  assert.equal(openMetrics.contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.match(openMetrics.body, /^sip_requests_total\{[^}]*method="INVITE"[^}]*\} 670(\.0)?$/m);
  assert.ok(openMetrics.body.endsWith('\n# EOF\n') || openMetrics.body.endsWith('\n# EOF'));
});
