// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PacketClock } from '../base/packet-clock.ts';
import { SlidingWindow, windowText } from './sliding-window.ts';

const WINDOW = 300_000_000;
const BUCKET = WINDOW / 30;
/** A time as large as packet times are. */
const START = 1_763_900_000_000_000;

/** A window of two columns and its clock: `at` sets the time. */
function setUp() {
  const clock = new PacketClock();
  const window = new SlidingWindow(WINDOW, 2, clock);
  const at = (micros: number): SlidingWindow => {
    clock.micros = micros;
    return window;
  };
  return { clock, totals: () => [...window.totals], at };
}

test('what is counted stays for the window and then is forgotten', () => {
  const { totals, at } = setUp();
  at(START).add(0);
  at(START).add(1);
  at(START + BUCKET).add(1);
  assert.deepEqual(totals(), [1, 2]);
  at(START + WINDOW - BUCKET).advance();
  assert.deepEqual(totals(), [1, 2]);
  at(START + WINDOW).advance();
  assert.deepEqual(totals(), [0, 1]);
  at(START + WINDOW + BUCKET).advance();
  assert.deepEqual(totals(), [0, 0]);
});

test('a long silence empties it at once', () => {
  const { totals, at } = setUp();
  for (let i = 0; i < 100; i++) at(START + i * BUCKET * 0.7).add(i % 2);
  at(START + 1e12).advance();
  assert.deepEqual(totals(), [0, 0]);
});

test('property: equals a model that keeps every event', () => {
  const event = fc.record({
    column: fc.nat(1),
    // Steps back, within a bucket, over some buckets, beyond the window.
    stepMicros: fc.oneof(
      fc.integer({ min: -2 * BUCKET, max: BUCKET }),
      fc.integer({ min: 0, max: 2 * WINDOW }),
    ),
    isAdvance: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(WINDOW), fc.array(event, { maxLength: 200 }), (offset, events) => {
      const { clock, totals, at } = setUp();
      const kept: { bucket: number; column: number }[] = [];
      let nowMicros = START + offset;
      let newest = 0;
      for (const { column, stepMicros, isAdvance } of events) {
        nowMicros += stepMicros;
        const window = at(nowMicros);
        // What the clock makes of a time that was set back is the clock's affair.
        newest = Math.max(newest, Math.floor(clock.micros / BUCKET));
        if (isAdvance) window.advance();
        else {
          window.add(column);
          kept.push({ bucket: newest, column });
        }
        const inside = kept.filter(({ bucket }) => bucket > newest - 30);
        assert.deepEqual(
          totals(),
          [0, 1].map((wanted) => inside.filter((one) => one.column === wanted).length),
        );
      }
    }),
  );
});

test('a window is named in the largest unit that leaves a whole number', () => {
  assert.deepEqual([300e6, 3600e6, 86_400e6, 90e6, 1.5e6, 1e6].map(windowText), [
    '5m',
    '1h',
    '24h',
    '90s',
    '1500ms',
    '1s',
  ]);
});
