// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Calls through a real Kamailio, watched at two places at once: on the
// proxy's own host, where every message is seen on each hop, and on the callees' host, below the fork.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DelaySums, measureDelays } from '../support/call-delays.ts';
import { delaysOf, figuresOf } from '../support/figures.ts';
import { branchPorts, startKamailio } from '../support/kamailio.ts';
import { type Hosts, openProxyNetwork } from '../support/network.ts';
import { countMessages, startPacketJudge } from '../support/packet-judge.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { startClient, startServer, together } from '../support/sipp.ts';
import { waitForFigures } from './check-flow.ts';
import { addKeepAlives, addLadder, addMeaning, noFigures } from './expected-figures.ts';
import { type ProxiedFlow, proxiedFlows } from './proxied-flows.ts';

const calls = 20;
const ports = [5060, ...branchPorts];
const args = ['--sip.ports', ports.join(',')];
/** Early dialogs of the branches that lost end 32 s after the 2xx of the one that won (RFC 3261 §13.2.2.4). */
const deadlineMillis = 60_000;

async function checkProxiedFlow(flow: ProxiedFlow): Promise<void> {
  await using network = await openProxyNetwork();
  const { above, below } = network;
  const fromBelow: Hosts = { caller: below.callee, callee: below.caller };
  const atProxyBelow = fromBelow.callee.interfaceName;
  await using onProxy = await startRingtap(above.callee, {
    interfaces: [above.callee.interfaceName, atProxyBelow],
    args,
  });
  await using onCallee = await startRingtap(below.callee, { args });
  await using judgeAbove = await startPacketJudge(above);
  await using judgeProxyBelow = await startPacketJudge(fromBelow);
  await using judgeBelow = await startPacketJudge(below);
  await using _kamailio = await startKamailio(network);
  {
    await using callees = together(
      await Promise.all(
        flow.callees.map(({ scenario, keys }, branch) =>
          startServer(below.callee, { scenario, keys, calls, port: branchPorts[branch]! }),
        ),
      ),
    );
    await using callers = await startClient(above, {
      ...{ scenario: flow.caller, keys: flow.keys, calls, callsPerSecond: 20 },
    });
    await together([callers, callees]).succeed();
  }
  await settle(below, onCallee);
  await settle(above, onProxy);
  await settle(fromBelow, onProxy);

  const viewAbove = { side: 'callee', interfaceName: above.callee.interfaceName, keepAlives: 1 } as const;
  const viewBelow = { side: 'caller', interfaceName: atProxyBelow, keepAlives: 2 } as const;
  let expected = addMeaning(noFigures, flow.above.meaning, 'inbound', calls);
  expected = addKeepAlives(addLadder(expected, flow.above.ladder, viewAbove, calls), viewAbove);
  expected = addKeepAlives(addLadder(expected, flow.below.ladder, viewBelow, calls), viewBelow);
  const seenOnProxy = await waitForFigures(onProxy, expected, deadlineMillis);
  assert.deepEqual(figuresOf(seenOnProxy), expected, 'on the proxy');

  const viewCallee = { side: 'callee', interfaceName: below.callee.interfaceName, keepAlives: 2 } as const;
  let expectedBelow = addMeaning(noFigures, flow.below.meaning, 'inbound', calls);
  expectedBelow = addKeepAlives(addLadder(expectedBelow, flow.below.ladder, viewCallee, calls), viewCallee);
  const seenOnCallee = await waitForFigures(onCallee, expectedBelow, deadlineMillis);
  assert.deepEqual(figuresOf(seenOnCallee), expectedBelow, 'on the callee');

  const messagesAbove = await judgeAbove.messages({ ports });
  const messagesBelow = await judgeBelow.messages({ ports });
  assert.deepEqual(
    [countMessages(messagesAbove), countMessages(messagesBelow)],
    [
      addLadder(noFigures, flow.above.ladder, viewAbove, calls),
      addLadder(noFigures, flow.below.ladder, viewCallee, calls),
    ].map(({ requests, responses }) => ({ requests, responses })),
    'tshark',
  );
  // Delays are those of the first hop that is seen. Sessions begin and end on whichever hop shows it first.
  const messagesOnProxy = [...messagesAbove, ...(await judgeProxyBelow.messages({ ports }))];
  assertDelays(delaysOf(seenOnProxy, 'sum'), measureDelays(messagesAbove, messagesOnProxy));
  assertDelays(delaysOf(seenOnCallee, 'sum'), measureDelays(messagesBelow));
}

/** Both see the kernel's time of each packet; ringtap counts whole microseconds, and cuts durations to milliseconds. */
function assertDelays(actual: DelaySums, reference: DelaySums): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(reference).sort());
  for (const [name, seconds] of Object.entries(reference)) {
    const missing = seconds - actual[name]!;
    const mayMiss = name.startsWith('session_duration') ? 1e-3 : 1e-6;
    assert.ok(
      missing >= calls * -1e-6 && missing <= calls * mayMiss,
      `${name}: ${actual[name]} s, tshark: ${seconds} s`,
    );
  }
}

// Each has a network of its own, and most of its time is spent waiting.
describe('root: calls through a proxy', { concurrency: 3 }, () => {
  for (const [name, flow] of Object.entries(proxiedFlows)) {
    test(name, () => checkProxiedFlow(flow));
  }
});
