// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteRing } from './byte-ring.ts';

function write(ring: ByteRing, length: number, fill: number): boolean {
  const at = ring.reserve(length);
  if (at < 0) return false;
  ring.bytes.fill(fill, at, at + length);
  ring.commit();
  return true;
}

function read(ring: ByteRing): { length: number; bytes: Uint8Array } | undefined {
  const at = ring.next();
  if (at < 0) return undefined;
  const { recordLength } = ring;
  const bytes = ring.bytes.slice(at, at + recordLength);
  ring.release();
  return { length: recordLength, bytes };
}

test('records come out as they went in, in order, whatever is written and read', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 400 }),
      fc.array(fc.oneof(fc.nat(120), fc.constant(-1)), { minLength: 1, maxLength: 400 }),
      (capacity, steps) => {
        const writer = ByteRing.allocate(capacity);
        const reader = new ByteRing(writer.buffer);
        const waiting: { length: number; fill: number }[] = [];
        let fill = 0;
        for (const step of steps) {
          if (step < 0) {
            const expected = waiting.shift();
            const record = read(reader);
            assert.equal(record?.length, expected?.length);
            if (record) assert.ok(record.bytes.every((byte) => byte === expected!.fill));
          } else {
            fill = (fill + 1) % 256;
            if (write(writer, step, fill)) waiting.push({ length: step, fill });
            // An empty ring takes at least what half of it holds.
            else assert.ok(waiting.length > 0 || step + 8 > capacity / 2);
          }
        }
        for (const { length } of waiting) assert.equal(read(reader)?.length, length);
        assert.equal(read(reader), undefined);
      },
    ),
  );
});

test('what is reserved is not seen before it is committed', () => {
  const writer = ByteRing.allocate(64);
  const reader = new ByteRing(writer.buffer);
  assert.equal(writer.reserve(8), 4);
  assert.equal(reader.next(), -1);
  writer.commit();
  assert.equal(reader.next(), 4);
  assert.equal(reader.recordLength, 8);
});

test('a full ring takes nothing, and again something after a record was given back', () => {
  const writer = ByteRing.allocate(64);
  const reader = new ByteRing(writer.buffer);
  let count = 0;
  while (write(writer, 12, count)) count++;
  assert.equal(count, 3);
  assert.equal(read(reader)?.bytes[0], 0);
  assert.ok(write(writer, 12, 3));
  assert.ok(!write(writer, 12, 4));
  assert.deepEqual(
    [1, 2, 3].map(() => read(reader)?.bytes[0]),
    [1, 2, 3],
  );
});
