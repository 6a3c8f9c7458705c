// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Real SIPp calls over TCP through veth, with what its segmentation offload
// makes of them, against the real program; tshark reads the same streams.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { shortForkTimeout, waitForFigures } from './check-flow.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const cases = [
  { name: 'one connection', flow: flows.answered, calls: 300, transport: 't1', ipv6: false },
  { name: 'a connection a call', flow: flows.answered, calls: 200, transport: 'tn', ipv6: false },
  { name: 'one connection, IPv6', flow: flows.busy, calls: 200, transport: 't1', ipv6: true },
  { name: 'a connection a call, IPv6', flow: flows.canceled, calls: 100, transport: 'tn', ipv6: true },
] as const;

describe('root: calls over TCP', { concurrency: true }, () => {
  for (const { name, flow, calls, transport, ipv6 } of cases) {
    test(name, async () => {
      await using network = await openNetwork();
      await using ringtap = await startRingtap(network.callee, { args: shortForkTimeout });
      await using judge = await startPacketJudge(network);
      await runCalls(network, planOf({ flow, calls }, { callsPerSecond: 200, transport, ipv6 }));
      await settle(network, ringtap);
      const { interfaceName } = network.callee;
      const expected = expectedFigures([{ flow, calls }], { side: 'callee', interfaceName, keepAlives: 1 });
      const exposition = await waitForFigures(ringtap, expected);
      // How many segments there are is SIPp's and the kernel's business.
      const { packets } = figuresOf(exposition);
      assert.deepEqual(figuresOf(exposition), { ...expected, packets });
      assert.equal(exposition.sum('ringtap_stream_losses_total'), 0);
      const carried = exposition.byLabels('sip_transport_messages_total', ['transport']);
      assert.deepEqual(carried, { tcp: calls * flow.ladder.length });
      assert.deepEqual(await judge.streamCounts(), countsByKind(expected), 'tshark');
    });
  }
});

/** Requests by direction and method, responses by direction and code, as `streamCounts` has them. */
function countsByKind({ requests, responses }: ReturnType<typeof expectedFigures>): Record<string, number> {
  const counts: Record<string, number> = { ...requests };
  for (const [name, count] of Object.entries(responses)) {
    const [direction, , code] = name.split(' ');
    const kind = `${direction} ${code}`;
    counts[kind] = (counts[kind] ?? 0) + count;
  }
  return counts;
}
