// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PORT_BITMAP_BYTES, portBitmap } from './port-bitmap.ts';

test('each port is one bit', () => {
  const bitmap = portBitmap([0, 7, 8, 5060, 65535, 5060]);
  assert.equal(bitmap.length, PORT_BITMAP_BYTES);
  const ports = Array.from({ length: 65536 }, (_, port) => port);
  assert.deepEqual(
    ports.filter((port) => (bitmap[port >> 3]! >> (port % 8)) & 1),
    [0, 7, 8, 5060, 65535],
  );
});

test('what is no port is refused', () => {
  for (const port of [-1, 65536, 1.5, Number.NaN]) assert.throws(() => portBitmap([port]), RangeError);
});
