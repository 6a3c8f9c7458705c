// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PacketClock } from '../base/packet-clock.ts';
import { SlidingWindow } from './sliding-window.ts';

const WINDOW = 300_000_000;
const BUCKET = WINDOW / 30;
/** A time as large as packet times are. */
const START = 1_763_900_000_000_000;

/** A window and its clock: `at` sets the time. */
function setUp() {
  const clock = new PacketClock();
  const window = new SlidingWindow(WINDOW, clock);
  const at = (micros: number): SlidingWindow => {
    clock.micros = micros;
    return window;
  };
  return { window, at };
}

test('what is counted stays for the window and then is forgotten', () => {
  const { window, at } = setUp();
  at(START).add(1, 1);
  at(START + BUCKET).add(0, 1);
  assert.deepEqual([window.numerator, window.denominator], [1, 2]);
  at(START + WINDOW - BUCKET).advance();
  assert.deepEqual([window.numerator, window.denominator], [1, 2]);
  at(START + WINDOW).advance();
  assert.deepEqual([window.numerator, window.denominator], [0, 1]);
  at(START + WINDOW + BUCKET).advance();
  assert.deepEqual([window.numerator, window.denominator], [0, 0]);
});

test('a long silence empties it at once', () => {
  const { window, at } = setUp();
  for (let i = 0; i < 100; i++) at(START + i * BUCKET * 0.7).add(1, 2);
  at(START + 1e12).advance();
  assert.deepEqual([window.numerator, window.denominator], [0, 0]);
});

test('a clock that is set back by more than the window begins anew', () => {
  const { window, at } = setUp();
  at(START).add(1, 1);
  at(START - 2 * WINDOW).add(0, 1);
  assert.deepEqual([window.numerator, window.denominator], [0, 1]);
  at(START - 2 * WINDOW + WINDOW).advance();
  assert.deepEqual([window.numerator, window.denominator], [0, 0]);
});

test('property: equals a model that keeps every event', () => {
  const event = fc.record({
    numerator: fc.nat(1),
    denominator: fc.nat(3),
    // Steps back, within a bucket, over some buckets, beyond the window.
    stepMicros: fc.oneof(
      fc.integer({ min: -2 * BUCKET, max: BUCKET }),
      fc.integer({ min: 0, max: 2 * WINDOW }),
    ),
    isAdvance: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(WINDOW), fc.array(event, { maxLength: 200 }), (offset, events) => {
      const { window, at } = setUp();
      const kept: { bucket: number; numerator: number; denominator: number }[] = [];
      let nowMicros = START + offset;
      let newest = 0;
      for (const { numerator, denominator, stepMicros, isAdvance } of events) {
        nowMicros += stepMicros;
        newest = Math.max(newest, Math.floor(nowMicros / BUCKET));
        if (isAdvance) at(nowMicros).advance();
        else {
          at(nowMicros).add(numerator, denominator);
          kept.push({ bucket: newest, numerator, denominator });
        }
        const inside = kept.filter(({ bucket }) => bucket > newest - 30);
        assert.equal(
          window.numerator,
          inside.reduce((sum, one) => sum + one.numerator, 0),
        );
        assert.equal(
          window.denominator,
          inside.reduce((sum, one) => sum + one.denominator, 0),
        );
      }
    }),
  );
});
