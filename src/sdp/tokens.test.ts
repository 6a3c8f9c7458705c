// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_NUMBER, nextToken, numberAt } from './tokens.ts';

test('a number is what its digits say, up to 2^31-1', () => {
  for (const [text, expected] of [
    ['0', 0],
    ['007x', 7],
    ['2147483629', 2_147_483_629],
    ['2147483646', 2_147_483_646],
    ['2147483647', MAX_NUMBER],
    ['2147483648', MAX_NUMBER],
    ['4294967297', MAX_NUMBER],
    ['9'.repeat(40), MAX_NUMBER],
    ['', -1],
    ['x1', -1],
    ['-1', -1],
  ] as const) {
    const bytes = new TextEncoder().encode(text);
    assert.equal(numberAt(bytes, 0, bytes.length), expected, text);
  }
  assert.equal(numberAt(new TextEncoder().encode('12'), 0, 1), 1);
});

test('tokens stand between any white space', () => {
  const bytes = new TextEncoder().encode('ab \t c  ');
  assert.equal(nextToken(bytes, 0, bytes.length), 5);
  assert.equal(nextToken(bytes, 5, bytes.length), bytes.length);
  assert.equal(nextToken(bytes, bytes.length, bytes.length), bytes.length);
});
