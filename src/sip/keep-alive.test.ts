// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepAliveKind, skipLeadingLineEnds } from './keep-alive.ts';
import { ParseResult } from './parse-result.ts';

function kindOf(...datagram: number[]): ParseResult {
  // In the middle of other bytes, which must not matter.
  const bytes = new Uint8Array([0x0d, 0x0a, ...datagram, 0x0a, 0, 0x0a]);
  const end = 2 + datagram.length;
  return keepAliveKind(bytes, 2, skipLeadingLineEnds(bytes, 2, end), end);
}

const stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

test('each kind of keep-alive is told from the others', () => {
  assert.equal(kindOf(), ParseResult.keepAliveEmpty);
  assert.equal(kindOf(0x0d, 0x0a, 0x0d, 0x0a), ParseResult.keepAliveCrlf);
  assert.equal(kindOf(0x0a), ParseResult.keepAliveCrlf);
  assert.equal(kindOf(0, 0, 0), ParseResult.keepAliveNul);
  assert.equal(kindOf(0x0d, 0x0a, 0), ParseResult.keepAliveNul);
  assert.equal(kindOf(...stun), ParseResult.keepAliveStun);
  assert.equal(kindOf(1, ...stun.slice(1), 0x80, 0x22), ParseResult.keepAliveStun);
});

test('anything else is none', () => {
  assert.equal(kindOf(0x0d, 0x0a, 0x49), ParseResult.message);
  assert.equal(kindOf(0, 0, 1), ParseResult.message);
  assert.equal(kindOf(1), ParseResult.message);
  assert.equal(kindOf(...stun.slice(0, 19)), ParseResult.message);
  assert.equal(kindOf(0x80, ...stun.slice(1)), ParseResult.message);
  for (let i = 4; i < 8; i++) assert.equal(kindOf(...stun.with(i, 0)), ParseResult.message);
});

test('CR and LF in any order are leading line ends', () => {
  const bytes = new TextEncoder().encode('\n\r\r\n\nA\n');
  assert.equal(skipLeadingLineEnds(bytes, 0, bytes.length), 5);
  assert.equal(skipLeadingLineEnds(bytes, 0, 3), 3);
});
