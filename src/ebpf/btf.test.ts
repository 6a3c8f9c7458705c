// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfKind, type BtfType, btfSizeBytes, parseBtf, resolveBtf } from './btf.ts';
import { BpfObjectError } from './object-reader.ts';

const type = (kind: number, sizeOrType: number, rest: Partial<BtfType> = {}): BtfType => ({
  kind,
  name: '',
  sizeOrType,
  members: [],
  elementType: 0,
  elementCount: 0,
  ...rest,
});

const TYPES: readonly BtfType[] = [
  type(0, 0),
  type(BtfKind.int, 4),
  type(BtfKind.typedef, 1),
  type(BtfKind.const, 2),
  type(BtfKind.array, 0, { elementType: 3, elementCount: 5 }),
  type(BtfKind.array, 0, { elementType: 4, elementCount: 3 }),
  type(BtfKind.pointer, 5),
  type(BtfKind.typedef, 8),
  type(BtfKind.typedef, 7),
  type(BtfKind.array, 0, { elementType: 9, elementCount: 2 }),
  type(BtfKind.function, 1),
];

test('sizes look behind typedefs and multiply arrays', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map((id) => btfSizeBytes(TYPES, id)),
    [4, 4, 4, 20, 60, 8],
  );
});

test('types that turn in circles or have no size are refused', () => {
  assert.throws(() => resolveBtf(TYPES, 7), new BpfObjectError('BTF type 7 refers to itself'));
  assert.throws(() => btfSizeBytes(TYPES, 9), new BpfObjectError('BTF array 9 contains itself'));
  assert.throws(() => btfSizeBytes(TYPES, 10), /has no size/);
  assert.throws(() => resolveBtf(TYPES, 99), new BpfObjectError('BTF has no type 99'));
});

test('BTF of an unknown kind is refused: its length is not known', () => {
  const bytes = new Uint8Array(24 + 12 + 1);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint32(4, 24, true);
  view.setUint32(12, 12, true);
  view.setUint32(16, 12, true);
  view.setUint32(20, 1, true);
  view.setUint32(24 + 4, 31 << 24, true);
  assert.throws(() => parseBtf(bytes), new BpfObjectError('BTF has a type of unknown kind 31'));
  assert.throws(() => parseBtf(new Uint8Array(24)), /does not begin like BTF/);
});
