// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { HepClock } from './hep-clock.ts';

test("an agent's time counts while it is near, else the receiver's", () => {
  const clock = new HepClock(500_000);
  const now = 1_767_225_600_000_000;
  for (const [captured, received, isTaken, micros] of [
    [now, now + 1, true, now],
    [now + 500_000, now, true, now + 500_000],
    [now + 500_001, now, false, now],
    [now - 500_000, now, true, now - 500_000],
    [now - 500_001, now, false, now],
    [0, now, false, now],
    [Number.NaN, now, false, now],
    [2 ** 32 * 1e6, now, false, now],
  ] as const) {
    assert.equal(clock.judge(captured, received), isTaken);
    assert.equal(clock.micros, micros);
  }
});

test('a late message is never so late that packet time would take it for a clock that was set back', () => {
  const clock = new HepClock(60_000_000);
  const now = 1_767_225_600_000_000;
  clock.judge(now, now);
  assert.equal(clock.judge(now - 30_000_000, now), true);
  assert.equal(clock.micros, now - 1_000_000);
});
