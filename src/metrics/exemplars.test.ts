// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  EXEMPLAR_BYTES,
  EXEMPLAR_SLOTS,
  ExemplarMemory,
  ExemplarSubject,
  MAX_EXEMPLAR_ID_BYTES,
} from './exemplars.ts';

const newMemory = (): ExemplarMemory =>
  new ExemplarMemory(new SharedArrayBuffer(EXEMPLAR_SLOTS * EXEMPLAR_BYTES + 64), 64);
const bytes = new TextEncoder().encode(`xx${'0123456789'.repeat(20)}`);
const textOf = (memory: ExemplarMemory, cell: number): string =>
  new TextDecoder().decode(memory.read(cell)?.id);

test('a cell has its newest exemplar, and only its own', () => {
  const memory = newMemory();
  assert.equal(memory.read(0), undefined);
  memory.write(0, 5, 1e15, bytes, 2, 10);
  assert.deepEqual(memory.read(0), { value: 5, micros: 1e15, id: bytes.slice(2, 12) });
  memory.write(0, 7, 2e15, bytes, 3, 2);
  assert.deepEqual(memory.read(0), { value: 7, micros: 2e15, id: bytes.slice(3, 5) });
  memory.write(EXEMPLAR_SLOTS, 1, 1, bytes, 2, 1);
  assert.equal(memory.read(0), undefined);
  assert.equal(textOf(memory, EXEMPLAR_SLOTS), '0');
});

test('a long id is cut, and reaches into no other', () => {
  const memory = newMemory();
  for (const cell of [1, 2, 0]) memory.write(cell, cell, 1, bytes, 2, 200);
  for (const cell of [0, 1, 2])
    assert.equal(textOf(memory, cell), '0123456789'.repeat(13).slice(0, MAX_EXEMPLAR_ID_BYTES));
  for (const cell of [EXEMPLAR_SLOTS - 1, 3]) assert.equal(memory.read(cell), undefined);
  memory.write(EXEMPLAR_SLOTS - 1, 1, 1, bytes, 2, 200);
  assert.equal(textOf(memory, EXEMPLAR_SLOTS - 1).length, MAX_EXEMPLAR_ID_BYTES);
});

test('observations of nobody leave none', () => {
  const memory = newMemory();
  const subject = new ExemplarSubject(memory);
  subject.note(4, 1);
  subject.set(1e15, bytes, 2, 3);
  subject.note(5, 2);
  subject.set(1e15, bytes, 2, 0);
  subject.note(6, 3);
  assert.deepEqual(
    [4, 5, 6].map((cell) => memory.read(cell)?.value),
    [undefined, 2, undefined],
  );
});
