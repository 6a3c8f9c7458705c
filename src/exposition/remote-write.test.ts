// SPDX-License-Identifier: Apache-2.0
// A real Prometheus receives it in test/e2e/scrape.test.ts.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { snappyLiterals } from './remote-write.ts';

/** A slow reader of blocks with literals only. */
function unpack(bytes: Uint8Array): Uint8Array {
  let [length, factor, at] = [0, 1, 0];
  for (let isMore = true; isMore; factor *= 128) {
    const byte = bytes[at++]!;
    length += (byte & 127) * factor;
    isMore = byte >= 128;
  }
  const parts: number[] = [];
  while (at < bytes.length) {
    assert.equal(bytes[at], 0xf4);
    const size = bytes[at + 1]! + bytes[at + 2]! * 256 + 1;
    assert.ok(at + 3 + size <= bytes.length);
    for (const byte of bytes.subarray(at + 3, at + 3 + size)) parts.push(byte);
    at += 3 + size;
  }
  assert.equal(parts.length, length);
  return Uint8Array.from(parts);
}

test('a snappy block of literals gives back what went in', () => {
  for (const size of [0, 1, 127, 128, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
    assert.deepEqual(unpack(snappyLiterals(bytes)), bytes, `${size} bytes`);
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(unpack(snappyLiterals(bytes)), bytes)));
});
