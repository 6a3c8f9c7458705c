// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { NATIVE_CELLS, NativeBuckets } from './native-buckets.ts';

test('a value is in the bucket whose bounds it lies between, in the base unit', () => {
  for (const unitsPerBase of [1, 10, 1e3, 1e6]) {
    const buckets = new NativeBuckets(unitsPerBase);
    const check = (value: number): void => {
      const cell = buckets.cellOf(value);
      assert.ok(cell >= 0 && cell < NATIVE_CELLS, `${value}: ${cell}`);
      const upper = unitsPerBase * 2 ** ((buckets.first + cell) / 4);
      const lower = unitsPerBase * 2 ** ((buckets.first + cell - 1) / 4);
      assert.ok(value <= upper, `${value} is above ${upper}`);
      assert.ok(value > lower, `${value} is not above ${lower}`);
    };
    for (let bits = 0; bits < 31; bits++) {
      for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) if (value > 0) check(value);
    }
    check(2 ** 31 - 1);
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), check));
  }
});
