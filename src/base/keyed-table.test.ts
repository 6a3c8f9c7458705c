// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { KeyedTable } from './keyed-table.ts';
import { PacketClock } from './packet-clock.ts';

test('the oldest of the first queue goes first, and a full table takes nothing more', () => {
  const table = new KeyedTable(3, 8, [100, 100], new PacketClock());
  const established = table.insert(1, 1, 1);
  const first = table.insert(2, 2, 0);
  const second = table.insert(3, 3, 0);
  assert.equal(table.insert(4, 4, 0), -1);
  assert.equal(table.victim(), first);
  table.remove(first);
  assert.equal(table.victim(), second);
  table.remove(second);
  assert.equal(table.victim(), established);
  assert.equal(table.size, 1);
});

test('a record is due when the lifetime of its queue is over, and not before', () => {
  const clock = new PacketClock();
  const table = new KeyedTable(4, 8, [1000, 5000], clock);
  clock.micros = 10;
  const slot = table.insert(7, 9, 0);
  clock.micros = 1009;
  assert.equal(table.due(0), -1);
  clock.micros = 1010;
  assert.equal(table.due(0), slot);
  table.move(slot, 1);
  clock.micros = 6009;
  assert.equal(table.due(0), -1);
  assert.equal(table.due(1), -1);
  clock.micros = 6010;
  assert.equal(table.due(1), slot);
});

// Few distinct low lanes and many records: long probe runs, wrap-around and deletions inside runs.
test('behaves like a Map with queues under any sequence of operations', () => {
  const operation = fc.record({
    kind: fc.constantFrom('insert', 'insert', 'remove', 'move', 'find', 'evict'),
    low: fc.integer({ min: -3, max: 18 }),
    high: fc.integer({ min: 0, max: 4 }),
    queue: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 300 }),
      fc.integer({ min: 1, max: 24 }),
      (operations, limit) => {
        const table = new KeyedTable(limit, 8, [1, 1, 1], new PacketClock());
        const slots = new Map<string, number>();
        const queues: string[][] = [[], [], []];
        const drop = (key: string): void => {
          slots.delete(key);
          for (const queue of queues) if (queue.includes(key)) queue.splice(queue.indexOf(key), 1);
        };
        for (const { kind, low, high, queue } of operations) {
          const key = `${low},${high}`;
          const slot = table.find(low, high);
          assert.equal(slot, slots.get(key) ?? -1);
          if (kind === 'insert' && slot < 0) {
            const added = table.insert(low, high, queue);
            assert.equal(added >= 0, slots.size < limit);
            if (added >= 0) {
              assert.ok(![...slots.values()].includes(added), 'a slot is given out once');
              slots.set(key, added);
              queues[queue]!.push(key);
            }
          } else if (kind === 'remove' && slot >= 0) {
            table.remove(slot);
            drop(key);
          } else if (kind === 'move' && slot >= 0) {
            table.move(slot, queue);
            const kept = slots.get(key)!;
            drop(key);
            slots.set(key, kept);
            queues[queue]!.push(key);
          } else if (kind === 'evict') {
            const victimKey = queues.find((q) => q.length > 0)?.[0];
            assert.equal(table.victim(), victimKey === undefined ? -1 : slots.get(victimKey));
            if (victimKey !== undefined) {
              table.remove(slots.get(victimKey)!);
              drop(victimKey);
            }
          }
          assert.equal(table.size, slots.size);
        }
        for (const [key, slot] of slots) {
          const [low, high] = key.split(',').map(Number);
          assert.equal(table.find(low!, high!), slot);
        }
        // Emptied by eviction, the table gives its records up queue by queue, the oldest first.
        for (const key of queues.flat()) {
          assert.equal(table.victim(), slots.get(key));
          table.remove(slots.get(key)!);
        }
        assert.deepEqual([table.size, table.victim()], [0, -1]);
      },
    ),
    { numRuns: 300 },
  );
});
