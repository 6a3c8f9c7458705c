// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Real SIPp calls over veth against the real program; the counts are
// checked against the plan and, as a second opinion, against tshark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { type CallPlan, runCalls } from '../support/sipp.ts';
import { tagFrames, type VlanTags } from '../support/vlan.ts';
import { expectedFigures, type FlowRun, flows, planOf } from './flows.ts';

const shortRetryTimeout = ['--sip.retry-timeout', '1s'];

type Situation = {
  readonly args?: readonly string[];
  readonly plan?: Partial<CallPlan>;
  readonly vlanTags?: VlanTags;
  /** What the judge's filter adds, to show that the traffic is what the test says it is. */
  readonly filter?: string;
};

/** Runs one flow and checks every figure. */
async function checkFlow(run: FlowRun, situation: Situation = {}): Promise<void> {
  await using network = await openNetwork();
  if (situation.vlanTags !== undefined) await tagFrames(network, situation.vlanTags);
  await using ringtap = await startRingtap(network.callee, { args: situation.args ?? [] });
  await using judge = await startPacketJudge(network);
  await runCalls(network, planOf(run, { callsPerSecond: 200, ...situation.plan }));
  await settle(network, ringtap);
  const viewPoint = { side: 'callee', interfaceName: network.callee.interfaceName, keepAlives: 1 } as const;
  const expected = expectedFigures([run], viewPoint);
  const finished = Object.values(expected.results).reduce((sum, count) => sum + count, 0);
  const exposition = await ringtap.scrapeUntil(
    'every attempt has its result',
    (scrape) => scrape.sum('sip_session_attempt_results_total') >= finished,
  );
  assert.deepEqual(figuresOf(exposition), expected);
  const { requests, responses } = expected;
  const judged = await judge.count({
    ports: [situation.plan?.port ?? 5060],
    ...(situation.filter === undefined ? {} : { filter: situation.filter }),
  });
  assert.deepEqual(judged, { requests, responses }, 'tshark');
  if (run.flow.result !== undefined) {
    // RFC 6076 §4.6: redirected attempts are neither success nor failure; with nothing else there is no ratio.
    const ratio = run.flow.result === 'answered' ? 1 : run.flow.result === 'redirected' ? Number.NaN : 0;
    await ringtap.scrapeUntil(`the session establishment ratio is ${ratio}`, (scrape) =>
      Object.is(scrape.find('sip_session_establishment_ratio', { window: '5m' }), ratio),
    );
  }
}

test('root: answered calls', () => checkFlow({ flow: flows.answered, calls: 200 }));
test('root: calls answered with 486', () => checkFlow({ flow: flows.busy, calls: 100 }));
test('root: calls answered with 500', () => checkFlow({ flow: flows.serverError, calls: 100 }));
test('root: calls answered with 302', () =>
  checkFlow({ flow: flows.redirected, calls: 100 }, { args: shortRetryTimeout }));
test('root: calls the caller cancels', () => checkFlow({ flow: flows.canceled, calls: 100 }));
test('root: calls that need a second INVITE with credentials are one attempt each', () =>
  checkFlow({ flow: flows.challengedThenAnswered, calls: 100 }));
test('root: REGISTER', () => checkFlow({ flow: flows.register, calls: 100 }));
test('root: REGISTER with digest', () => checkFlow({ flow: flows.registerWithDigest, calls: 100 }));
test('root: OPTIONS', () => checkFlow({ flow: flows.options, calls: 100 }));

test('root: answered calls on a port nobody named, with --sip.detect', () =>
  checkFlow({ flow: flows.answered, calls: 100 }, { args: ['--sip.detect'], plan: { port: 7060 } }));
test('root: answered calls over IPv6', () =>
  checkFlow({ flow: flows.answered, calls: 100 }, { plan: { ipv6: true }, filter: 'ipv6' }));
test('root: answered calls in VLAN-tagged frames', () =>
  checkFlow({ flow: flows.answered, calls: 100 }, { vlanTags: 'customer', filter: 'vlan.id == 100' }));
test('root: answered calls over IPv6 in VLAN-tagged frames', () =>
  checkFlow(
    { flow: flows.answered, calls: 100 },
    { plan: { ipv6: true }, vlanTags: 'customer', filter: 'vlan.id == 100 && ipv6' },
  ));
test('root: answered calls in frames with two VLAN tags', () =>
  checkFlow(
    { flow: flows.answered, calls: 100 },
    { vlanTags: 'both', filter: 'ieee8021ad.id == 200 && vlan.id == 100' },
  ));
