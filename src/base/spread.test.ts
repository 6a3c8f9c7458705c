// SPDX-License-Identifier: Apache-2.0
// That the kernel chooses as this does is in test/kernel/fanout.test.ts.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Spread } from './spread.ts';

const key = { seed: 0x12345678, multiplier: 0x9e3779b1 };
const encoder = new TextEncoder();

const workerOf = (text: string, workers: number, before = '', behind = '', with_ = key): number =>
  new Spread(workers, with_).workerOf(encoder.encode(before + text + behind), before.length, text.length);

/** The same with 64-bit numbers. */
function slowWorkerOf(text: string, workers: number): number {
  const word = (value: bigint): bigint => BigInt.asUintN(32, value);
  let hash = BigInt(key.seed);
  for (const byte of encoder.encode(text.split(/[\0- ]/)[0]!.slice(0, 128))) {
    hash = word((hash ^ BigInt(byte)) * BigInt(key.multiplier));
  }
  hash ^= hash >> 16n;
  hash = word(hash * 0x85ebca6bn);
  hash ^= hash >> 13n;
  return Number(hash % BigInt(workers));
}

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 200 });

test('the worker of a text is what the slow form of the hash says', () => {
  fc.assert(
    fc.property(ascii, fc.integer({ min: 1, max: 16 }), (text, workers) => {
      assert.equal(workerOf(text, workers), slowWorkerOf(text, workers));
    }),
  );
});

test('only the text counts, not what stands around it, nor what is behind 128 bytes or white space', () => {
  fc.assert(
    fc.property(ascii, ascii, ascii, (text, before, behind) => {
      assert.equal(workerOf(text, 4, before, behind), workerOf(text, 4));
    }),
  );
  const long = 'a'.repeat(128);
  assert.equal(workerOf(`${long}b`, 16), workerOf(long, 16));
  assert.equal(workerOf('abc def', 16), workerOf('abc', 16));
});

test('with another key the same texts are spread in another way, and always evenly', () => {
  const texts = Array.from({ length: 4000 }, (_, call) => `${call}@10.0.0.1`);
  const other = { seed: 1, multiplier: 0x01000193 };
  const isMoved = texts.filter((text) => workerOf(text, 4) !== workerOf(text, 4, '', '', other));
  assert.ok(isMoved.length > 2000);
  for (const worker of [0, 1, 2, 3]) {
    const share = texts.filter((text) => workerOf(text, 4) === worker).length;
    assert.ok(share > 850 && share < 1150, `${share}`);
  }
});
