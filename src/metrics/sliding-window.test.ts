// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SlidingWindow } from './sliding-window.ts';

const WINDOW = 300_000_000;
const BUCKET = WINDOW / 30;
/** A time as large as packet times are. */
const START = 1_763_900_000_000_000;

test('what is counted stays for the window and then is forgotten', () => {
  const window = new SlidingWindow(WINDOW);
  window.add(1, 1, START);
  window.add(0, 1, START + BUCKET);
  assert.deepEqual([window.numerator, window.denominator], [1, 2]);
  window.advance(START + WINDOW - BUCKET);
  assert.deepEqual([window.numerator, window.denominator], [1, 2]);
  window.advance(START + WINDOW);
  assert.deepEqual([window.numerator, window.denominator], [0, 1]);
  window.advance(START + WINDOW + BUCKET);
  assert.deepEqual([window.numerator, window.denominator], [0, 0]);
});

test('a long silence empties it at once', () => {
  const window = new SlidingWindow(WINDOW);
  for (let i = 0; i < 100; i++) window.add(1, 2, START + i * BUCKET * 0.7);
  window.advance(START + 1e12);
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
      const window = new SlidingWindow(WINDOW);
      const kept: { bucket: number; numerator: number; denominator: number }[] = [];
      let nowMicros = START + offset;
      let newest = 0;
      for (const { numerator, denominator, stepMicros, isAdvance } of events) {
        nowMicros += stepMicros;
        newest = Math.max(newest, Math.floor(nowMicros / BUCKET));
        if (isAdvance) window.advance(nowMicros);
        else {
          window.add(numerator, denominator, nowMicros);
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
