// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../test/support/random.ts';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { Evidence, EvidenceKind } from './evidence.ts';
import { SourceCounts } from './source-counts.ts';

const WINDOW_MICROS = 60e6;
const START = 1_700_000_040e6;

function setUp(limit: number, maxTargets = 10): { counts: SourceCounts; clock: PacketClock } {
  const clock = new PacketClock();
  clock.micros = START;
  return { counts: new SourceCounts(limit, WINDOW_MICROS, maxTargets, new SeededHash(1, 2), clock), clock };
}

function evidence(source: number, target: number, window = 0, kind: EvidenceKind = 0): Evidence {
  return Object.assign(new Evidence(), { kind, sourceFirst: 0, sourceSecond: source, target, window });
}

test('all count from the threshold of distinct targets on, those before it with it', () => {
  const { counts } = setUp(10);
  const seen: (readonly [number, boolean])[] = [];
  for (const target of [1, 1, 2, 2, 3, 3, 4])
    seen.push([counts.count(evidence(7, target), 3, true), counts.isNew]);
  assert.deepEqual(seen, [
    [0, false],
    [0, false],
    [0, false],
    [0, false],
    [5, true],
    [1, false],
    [1, false],
  ]);
});

test('the threshold may be 1, and of all that is there', () => {
  const { counts } = setUp(10);
  assert.equal(counts.count(evidence(7, 1), 1, true), 1);
  assert.equal(counts.isNew, true);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => counts.count(evidence(8, 1, 0, EvidenceKind.attempt), 3, false)),
    [0, 0, 3, 1],
  );
});

test('sources, windows and kinds are apart', () => {
  const { counts } = setUp(100);
  for (const source of [1, 2])
    for (const window of [1, 2])
      for (const kind of [0, 1, 2] as const)
        assert.equal(counts.count(evidence(source, 5, window, kind), 2, true), 0);
  assert.equal(counts.table.size, 12);
  assert.equal(counts.count(evidence(1, 6, 1, 0), 2, true), 2);
});

test('in whatever order evidence comes, as much is found as a slow count by sets finds', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomSource(seed);
    const threshold = 1 + random(8);
    const all = Array.from({ length: 2000 }, () =>
      evidence(random(20), random(12), random(4), random(3) as EvidenceKind),
    );
    const targets = new Map<string, { readonly distinct: Set<number>; count: number }>();
    for (const { kind, sourceSecond, window, target } of all) {
      const key = [kind, sourceSecond, window].join();
      const entry = targets.get(key) ?? { distinct: new Set(), count: 0 };
      targets.set(key, entry);
      entry.distinct.add(target);
      entry.count++;
    }
    const found = [...targets.values()].filter(({ distinct }) => distinct.size >= threshold);
    const { counts } = setUp(1000);
    let scans = 0;
    let failures = 0;
    for (const one of all) {
      failures += counts.count(one, threshold, true);
      if (counts.isNew) scans++;
    }
    const expected = [found.length, found.reduce((sum, { count }) => sum + count, 0)];
    assert.deepEqual([scans, failures], expected, `seed ${seed}`);
  }
});

test('a record lasts as long as its window and what may be late', () => {
  const { counts, clock } = setUp(10);
  counts.count(evidence(7, 1), 2, true);
  clock.micros = START + WINDOW_MICROS + 4e6;
  assert.equal(counts.expire(), false);
  assert.equal(counts.count(evidence(7, 2), 2, true), 2);
  clock.micros += WINDOW_MICROS + 5e6;
  assert.equal(counts.expire(), true);
  assert.equal(counts.table.size, 0);
});

test('a million sources stay within the limit, and push out their own before one that does more', () => {
  const { counts } = setUp(1000);
  let found = 0;
  for (let i = 0; i < 1_000_000; i++) {
    counts.count(evidence(1000 + i, i), 10, true);
    assert.ok(counts.table.size <= 1000);
    // Among them one scans, an address in a thousand, and another guesses.
    if (i % 500 === 0 && i < 10_000) found += counts.count(evidence(7, i), 10, true);
  }
  assert.equal(counts.table.size, 1000);
  assert.equal(found, 20);
  assert.equal(counts.table.evictedOpen, 1_000_001 - 1000);
});
