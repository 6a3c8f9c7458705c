// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What becomes known only because nothing comes: each of these waits
// for a timer of RFC 3261 or RFC 4028, all at the same time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { countRetransmissions, startPacketJudge } from '../support/packet-judge.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls, startCalls, startClient } from '../support/sipp.ts';
import { waitForFigures } from './check-flow.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const deadlineMillis = 60_000;

describe('root: waits', { concurrency: 3 }, () => {
  test('a session without refresh ends with its timer, one without a timer goes on', checkSessionTimer);
  test('an INVITE that nobody answers times out, however often it is repeated', checkSilence);
  test('a peer is up while it answers OPTIONS, and down when it does not', checkPeer);
});

async function checkSessionTimer(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, { args: ['--sip.ports', '5060,5062'] });
  const runs = [
    { flow: flows.sessionTimer, calls: 20 },
    { flow: flows.withoutSessionTimer, calls: 10 },
  ] as const;
  await runCalls(network, planOf(runs[1], { port: 5062 }));
  await runCalls(network, planOf(runs[0]));
  const before = figuresOf(await settle(network, ringtap));
  assert.deepEqual(before.dialogs, { confirmed: 30 });
  const { interfaceName } = network.callee;
  const expected = expectedFigures(runs, { side: 'callee', interfaceName, keepAlives: 1 });
  assert.deepEqual(figuresOf(await waitForFigures(ringtap, expected, deadlineMillis)), expected);
}

async function checkSilence(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  await using judge = await startPacketJudge(network);
  const run = { flow: flows.unanswered, calls: 10 };
  await using _calls = await startCalls(network, planOf(run, { retransmits: true }));
  await ringtap.scrapeUntil(
    'every attempt has its result',
    (scrape) => scrape.sum('sip_session_attempt_results_total') >= run.calls,
    deadlineMillis,
  );
  const messages = await judge.messages();
  const figures = figuresOf(await settle(network, ringtap));
  const { interfaceName } = network.callee;
  const expected = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  const retransmissions = countRetransmissions(messages);
  // RFC 3261 §17.1.1.2: after 0.5, 1.5, 3.5, 7.5 and 15.5 s, and SIPp gives up at 31.5 s.
  assert.deepEqual(retransmissions, { 'INVITE request': 5 * run.calls });
  assert.deepEqual(figures, {
    ...expected,
    requests: { 'inbound INVITE': 6 * run.calls },
    retransmissions,
    packets: { [interfaceName]: 6 * run.calls + 1 },
  });
}

async function checkPeer(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: ['--sip.peer', `gateway=${network.callee.ipv4}:5060`, '--sip.peer', 'silent=10.99.0.9'],
  });
  const peer = { peer: 'gateway' };
  const verdict = (scrape: Exposition): readonly (number | undefined)[] => [
    scrape.find('sip_peer_up', peer),
    scrape.find('sip_peer_flaps_total', peer),
  ];
  const answering = planOf({ flow: flows.options, calls: 5 });
  const refusing = { ...answering, keys: { code: '503', header: 'Retry-After: 60' } };
  assert.deepEqual(verdict(await ringtap.scrape()), [Number.NaN, 0]);

  await runCalls(network, answering);
  const up = await settle(network, ringtap);
  assert.deepEqual(verdict(up), [1, 0]);
  const roundTrip = up.find('sip_peer_round_trip_seconds', peer)!;
  assert.ok(roundTrip > 0 && roundTrip < 1, `round trip ${roundTrip} s`);
  assert.deepEqual(up.find('sip_peer_up', { peer: 'silent' }), Number.NaN);

  {
    await using _caller = await startClient(network, {
      ...{ ...answering, scenario: answering.caller, calls: 1, retransmits: true },
    });
    const down = await ringtap.scrapeUntil(
      'the peer is down',
      (scrape) => scrape.find('sip_peer_up', peer) === 0,
      deadlineMillis,
    );
    assert.deepEqual(verdict(down), [0, 1]);
  }
  await runCalls(network, answering);
  assert.deepEqual(verdict(await settle(network, ringtap)), [1, 2]);
  await runCalls(network, { ...refusing, calls: 1 });
  assert.deepEqual(verdict(await settle(network, ringtap)), [0, 3]);
  const { transactionTimeouts, responses } = figuresOf(await ringtap.scrape());
  assert.deepEqual(transactionTimeouts, { OPTIONS: 1 });
  assert.deepEqual(responses, { 'outbound OPTIONS 200': 10, 'outbound OPTIONS 503': 1 });
}
