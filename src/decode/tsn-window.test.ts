// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginTsns, noteTsn, tsnWindowWords } from './tsn-window.ts';

const begun = (tsn: number): Int32Array => {
  const words = new Int32Array(tsnWindowWords + 6).fill(-1);
  beginTsns(words, 3, tsn);
  return words;
};

test('each TSN of a window is new once, in any order and over the end of the numbers', () => {
  const step = fc.integer({ min: -1100, max: 1100 });
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 200 }), (start, steps) => {
      const words = begun(start | 0);
      const seen = new Set<number>();
      let newest = 0;
      // Distances from the start, which do not wrap.
      let position = 0;
      for (const move of [0, ...steps]) {
        position = newest + move;
        const isNew = noteTsn(words, 3, (start + position) | 0);
        newest = Math.max(newest, position);
        assert.equal(isNew, position > newest - 1024 && !seen.has(position));
        seen.add(position);
      }
      assert.deepEqual([...words.subarray(0, 3), ...words.subarray(-3)], new Array(6).fill(-1));
    }),
  );
});

test('a TSN far away begins a new sequence', () => {
  for (const far of [0x1_0000, -0x1_0000, 0x7fff_ffff, -0x8000_0000]) {
    const words = begun(100);
    assert.ok(noteTsn(words, 3, 100));
    assert.ok(noteTsn(words, 3, (100 + far) | 0));
    assert.ok(!noteTsn(words, 3, (100 + far) | 0));
    assert.ok(noteTsn(words, 3, (99 + far) | 0));
  }
  const words = begun(100);
  noteTsn(words, 3, 100);
  assert.ok(!noteTsn(words, 3, 100 - 0xffff), 'a little less far is behind the window');
  assert.ok(noteTsn(words, 3, 100 + 0xffff), 'a little less far is ahead');
  assert.ok(!noteTsn(words, 3, 100));
});
