// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findFieldEnd, findLineFeed, tokenBytes } from './lines.ts';

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

test('the first LF is found at every place, among bytes one bit from it, and never behind the end', () => {
  const byte = fc.oneof(fc.constantFrom(0x0a, 0x0b, 0x08, 0x8a, 0x09, 0x00, 0xff), fc.nat(255));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 4 }),
      fc.array(byte, { maxLength: 24 }),
      fc.nat(4),
      (before, middle, behind) => {
        const bytes = new Uint8Array([...before, ...middle, ...new Uint8Array(behind).fill(0x0a)]);
        const end = before.length + middle.length;
        const found = bytes.indexOf(0x0a, before.length);
        const expected = found < 0 || found > end ? end : found;
        assert.equal(findLineFeed(bytes, viewOf(bytes), before.length, end), expected);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a field ends at the LF before a line that does not begin with white space', () => {
  const ends: [string, number][] = [
    ['a\nb', 1],
    ['a\r\nb\n', 2],
    ['a\n b\n\tc\nd\n', 7],
    ['a\n \n\nb', 3],
    ['a\n', 1],
    ['a\n ', 3],
    ['abcdefgh', 8],
    ['', 0],
  ];
  for (const [text, expected] of ends) {
    const bytes = new TextEncoder().encode(text);
    assert.equal(findFieldEnd(bytes, viewOf(bytes), 0, bytes.length), expected, JSON.stringify(text));
  }
  // What stands behind the end does not fold.
  const bytes = new TextEncoder().encode('a\n b\n');
  assert.equal(findFieldEnd(bytes, viewOf(bytes), 0, 2), 1);
});

test('token bytes are letters, digits and ten signs', () => {
  const token = String.fromCharCode(...[...tokenBytes.keys()].filter((byte) => tokenBytes[byte] === 1));
  assert.match(token, /^[A-Za-z0-9!%'*+._`~-]+$/);
  assert.equal(token.length, 26 + 26 + 10 + 10);
});
