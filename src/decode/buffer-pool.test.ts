// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BufferPool, blockBytes, orderFor } from './buffer-pool.ts';

test('the order of a block is the smallest that fits', () => {
  for (const [lengthBytes, order] of [
    [1, 0],
    [2048, 0],
    [2049, 1],
    [4096, 1],
    [4097, 2],
    [65_536, 5],
    [65_537, 6],
  ] as const) {
    assert.equal(orderFor(lengthBytes), order, `${lengthBytes}`);
    assert.ok(blockBytes(order) >= lengthBytes);
  }
});

test('property: blocks never overlap, stay within the memory, and come back as a whole', () => {
  const step = fc.record({ order: fc.nat(5), isFree: fc.boolean(), which: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const pool = new BufferPool(2 ** 18, 2 ** 16, () => {});
      const used = new Map<number, number>();
      for (const { order, isFree, which } of steps) {
        if (isFree && used.size > 0) {
          const [offset, length] = [...used][which % used.size]!;
          pool.free(offset, orderFor(length));
          used.delete(offset);
          continue;
        }
        const offset = pool.allocate(order);
        const length = blockBytes(order);
        if (offset < 0) continue;
        assert.equal(offset % length, 0);
        assert.ok(offset + length <= pool.limitBytes);
        for (const [other, size] of used) assert.ok(offset + length <= other || other + size <= offset);
        used.set(offset, length);
        assert.equal(
          pool.usedBytes,
          [...used.values()].reduce((sum, size) => sum + size, 0),
        );
      }
      for (const [offset, length] of used) pool.free(offset, orderFor(length));
      for (let i = 0; i < 4; i++) assert.ok(pool.allocate(5) >= 0);
      assert.equal(pool.allocate(0), -1);
    }),
  );
});

test('what is lent is settled before the first write only', () => {
  let settled = 0;
  const pool = new BufferPool(1, 1, () => settled++);
  pool.beforeWrite();
  assert.equal(settled, 0);
  pool.isLent = true;
  pool.beforeWrite();
  pool.beforeWrite();
  assert.equal(settled, 1);
  assert.equal(pool.limitBytes, 2048);
});
