// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type Figures, figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { countMessages, startPacketJudge } from '../support/packet-judge.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { type Ringtap, settle, startRingtap } from '../support/ringtap.ts';
import { type CallPlan, runCalls } from '../support/sipp.ts';
import { tagFrames, type VlanTags } from '../support/vlan.ts';
import { expectedFigures, type FlowRun, planOf } from './expected-figures.ts';

/**
 * A failed call gets its result once no better branch has come for this time (5 s by default). The scenarios without a
 * fork have no use for the wait.
 */
export const shortForkTimeout: readonly string[] = ['--sip.fork-timeout', '100ms'];

/** What is special about a run. */
export type Situation = {
  readonly args?: readonly string[];
  readonly plan?: Partial<CallPlan>;
  readonly vlanTags?: VlanTags;
  /** What the judge's filter adds, to show that the traffic is what the test says it is. */
  readonly filter?: string;
  /** How long results may take to come after the last packet; 15 s if not given. */
  readonly deadlineMillis?: number;
};

/** Runs one flow between two hosts in a network of its own and checks every figure. */
export async function checkFlow(run: FlowRun, situation: Situation = {}): Promise<void> {
  await using network = await openNetwork();
  if (situation.vlanTags !== undefined) await tagFrames(network, situation.vlanTags);
  await using ringtap = await startRingtap(network.callee, {
    args: [...shortForkTimeout, ...(situation.args ?? [])],
  });
  await using judge = await startPacketJudge(network);
  await runCalls(network, planOf(run, { callsPerSecond: 200, ...situation.plan }));
  await settle(network, ringtap);
  const { interfaceName } = network.callee;
  const expected = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  const exposition = await waitForFigures(ringtap, expected, situation.deadlineMillis);
  assert.deepEqual(figuresOf(exposition), expected);
  const { requests, responses } = expected;
  const messages = await judge.messages({
    ports: [situation.plan?.port ?? 5060],
    ...(situation.filter === undefined ? {} : { filter: situation.filter }),
  });
  assert.deepEqual(countMessages(messages), { requests, responses }, 'tshark');
  const sizeBytes = messages.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  assert.equal(exposition.sum('sip_message_size_bytes_sum'), sizeBytes);
}

/**
 * Scrapes until there are as many results and ended sessions as expected, and as few open dialogs: those come some
 * time after the packet that makes them. Everything else must be right then.
 */
export async function waitForFigures(
  ringtap: Ringtap,
  expected: Figures,
  deadlineMillis?: number,
): Promise<Exposition> {
  const total = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  await ringtap.scrapeUntil(
    'every attempt has its result, every session its end',
    (scrape) => {
      const figures = figuresOf(scrape);
      return (
        total(figures.results) >= total(expected.results) &&
        total(figures.registrationResults) >= total(expected.registrationResults) &&
        total(figures.transactionTimeouts) >= total(expected.transactionTimeouts) &&
        total(figures.keepAlives) >= total(expected.keepAlives) &&
        total(figures.dialogs) <= total(expected.dialogs)
      );
    },
    deadlineMillis,
  );
  // The scrape that showed it may have read other counters before.
  return await ringtap.scrape();
}
