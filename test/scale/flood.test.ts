// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayFlood } from '../../bench/flood/replay-flood.ts';
import { sum } from '../../bench/support/samples.ts';

// The same with 10 million INVITEs: node bench/flood/run.ts.

test('a flood of INVITEs fills the tables and no more, and calls that were there before it are all intact', async () => {
  const establishedCalls = 1000;
  const limits = { attempts: 16_384, transactions: 32_768, dialogs: 8192 };
  const { samples, mismatches, peakBytes, basePeakBytes, tableBytes } = await replayFlood({
    // Three and a half minutes: a call of which a sign of life is lost is over before its BYE.
    plan: { establishedCalls, invites: 300_000, refreshRounds: 4, sessionExpiresSeconds: 90 },
    framesPerSecond: 1600,
    replayOptions: [
      ...Object.entries(limits).flatMap(([table, limit]) => [`--state.max-${table}`, String(limit)]),
      ...['--media.max-calls', '8192', '--media.max-endpoints', '16384'],
    ],
    baseInvites: 10_000,
  });

  assert.deepEqual(mismatches, []);
  for (const [name, limit] of Object.entries(limits)) {
    const table = `table="${name}"`;
    assert.equal(sum(samples, 'ringtap_table_entries', table), limit, `${name}: the flood does not fill it`);
    assert.ok(
      sum(samples, 'ringtap_table_evictions_total', table, 'state="open"') > 10 * establishedCalls,
      name,
    );
  }
  const boundBytes = (basePeakBytes + tableBytes) * 1.1;
  assert.ok(peakBytes < boundBytes, `${peakBytes} bytes resident, ${basePeakBytes} with few INVITEs`);
});
