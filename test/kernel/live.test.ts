// SPDX-License-Identifier: Apache-2.0
// Needs root: a capture whose workers fail.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { SeriesGrants } from '../../src/metrics/series-grants.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { startLive } from '../../src/pipeline/live.ts';
import { testAnalysis } from '../pipeline/monitor.ts';
import { captureOptions, enterTestNamespace } from './network.ts';

enterTestNamespace();

const budget = { maxSeries: 50_000, maxSeriesPerFamily: 20_000 };
const parts = {
  capture: captureOptions(['lo'], { ringBytes: 1 << 21 }),
  analysis: testAnalysis,
  budget,
  handoverBytes: 1 << 20,
  onFinding: () => {},
};
/** No worker can count in there. */
const tooSmall = { buffer: new SharedArrayBuffer(8) } as ShardMemory;

for (const failing of [0, 1, 2]) {
  test(`a worker that fails ends the others, and its failure is told: worker ${failing} of 3`, async () => {
    const before = readdirSync('/proc/self/fd').length;
    const shards = [0, 1, 2].map((worker) => (worker === failing ? tooSmall : ShardMemory.allocate(budget)));
    const live = startLive({ ...parts, shards, grants: new SeriesGrants(budget), onInterface: () => {} });
    await assert.rejects(live.ready, RangeError);
    await assert.rejects(live.ended, RangeError);
    assert.equal(readdirSync('/proc/self/fd').length, before, 'nothing stays open');
  });
}

test('workers that are stopped end all', async () => {
  const states: string[] = [];
  const shards = [0, 1, 2, 3].map(() => ShardMemory.allocate(budget));
  const onInterface = (name: string, state: string): void => void states.push(`${name} ${state}`);
  const live = startLive({ ...parts, shards, grants: new SeriesGrants(budget), onInterface });
  await live.ready;
  assert.deepEqual(states, ['lo up'], 'one worker tells');
  live.stop();
  await live.ended;
});
