// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. On a bridge every frame is captured twice: where it comes in and
// where it goes out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crlfKeepAlive, sendDatagrams } from '../support/datagrams.ts';
import { type Figures, figuresOf } from '../support/figures.ts';
import { openBridgedNetwork } from '../support/network.ts';
import { countMessages, countRetransmissions, startPacketJudge } from '../support/packet-judge.ts';
import { startRingtap } from '../support/ringtap.ts';
import { addCount } from '../support/sip-counts.ts';
import { runCalls, startClient, startServer } from '../support/sipp.ts';
import { shortForkTimeout, waitForFigures } from './check-flow.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

describe('root: both ports of a bridge', { concurrency: 2 }, () => {
  test('each message counts once, and its copy as a duplicate', checkDuplicates);
  test('what is sent again is a retransmission and no duplicate', checkRetransmissions);
});

async function checkDuplicates(): Promise<void> {
  await using network = await openBridgedNetwork();
  const { namespace, ports } = network.bridge;
  await using ringtap = await startRingtap(
    { namespace, interfaceName: ports[0] },
    { interfaces: ports, args: shortForkTimeout },
  );
  await using judge = await startPacketJudge(network);
  const runs = [
    { flow: flows.answered, calls: 100 },
    { flow: flows.busy, calls: 50 },
    { flow: flows.challengedThenAnswered407, calls: 50 },
    { flow: flows.transferred, calls: 30 },
  ];
  for (const run of runs) await runCalls(network, planOf(run));
  await sendDatagrams(network, 5060, [crlfKeepAlive]);
  const viewPoint = { side: 'callee', interfaceName: ports[0], keepAlives: 1 } as const;
  const onePort = expectedFigures(runs, viewPoint);
  const packets = onePort.packets[ports[0]]!;
  const expected: Figures = {
    ...onePort,
    captureDuplicates: packets - 1,
    keepAlives: { crlf: 2 },
    packets: { [ports[0]]: packets, [ports[1]]: packets },
  };
  const figures = figuresOf(await waitForFigures(ringtap, expected));
  assert.deepEqual(withoutDirections(figures), withoutDirections(expected));
  const { requests, responses } = expected;
  assert.deepEqual(await judge.count(), { requests, responses }, 'tshark');
}

async function checkRetransmissions(): Promise<void> {
  await using network = await openBridgedNetwork();
  const { namespace, ports } = network.bridge;
  await using ringtap = await startRingtap({ namespace, interfaceName: ports[0] }, { interfaces: ports });
  await using judge = await startPacketJudge(network);
  const plan = { calls: 40, callsPerSecond: 40, retransmits: true };
  {
    await using _callee = await startServer(network.callee, { ...plan, scenario: 'uas-lossy' });
    await using caller = await startClient(network, { ...plan, scenario: 'uac-lossy' });
    await caller.end();
  }
  const messages = await judge.messages();
  await sendDatagrams(network, 5060, [crlfKeepAlive]);
  await ringtap.scrapeUntil('both ports are read', (scrape) => scrape.sum('sip_keepalives_total') >= 2);
  const figures = figuresOf(await ringtap.scrape());
  const retransmissions = countRetransmissions(messages);
  assert.notDeepEqual(retransmissions, {});
  assert.deepEqual(figures.retransmissions, retransmissions);
  assert.equal(figures.captureDuplicates, messages.length);
  const judged = { ...figures, ...countMessages(messages) };
  assert.deepEqual(withoutDirections(figures), withoutDirections(judged), 'tshark');
}

/** Which of both copies is read first, and so gives the message its direction, is a matter of chance. */
function withoutDirections(figures: Figures): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => {
      if (typeof value === 'number') return [name, value];
      const counts: Record<string, number> = {};
      for (const [key, count] of Object.entries(value)) {
        addCount(counts, key.replace(/^(inbound|outbound|unknown)( |$)/, ''), count);
      }
      return [name, counts];
    }),
  );
}
