// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SeededHash } from './hash.ts';

/** HalfSipHash-c-d written from its description with BigInt words: slow, plain, independent. */
function reference(
  key: readonly [number, number],
  data: Uint8Array,
  [c, d]: readonly [number, number],
  bits: 32 | 64,
): [number, number] {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, n: bigint): bigint => ((x << n) | (x >> (32n - n))) & mask;
  const k0 = BigInt(key[0] >>> 0);
  const k1 = BigInt(key[1] >>> 0);
  const v = [k0, bits === 64 ? k1 ^ 0xeen : k1, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const round = (): void => {
    v[0] = (v[0]! + v[1]!) & mask;
    v[1] = rotate(v[1]!, 5n) ^ v[0];
    v[0] = rotate(v[0], 16n);
    v[2] = (v[2]! + v[3]!) & mask;
    v[3] = rotate(v[3]!, 8n) ^ v[2];
    v[0] = (v[0] + v[3]) & mask;
    v[3] = rotate(v[3], 7n) ^ v[0];
    v[2] = (v[2] + v[1]) & mask;
    v[1] = rotate(v[1], 13n) ^ v[2];
    v[2] = rotate(v[2], 16n);
  };
  const padded = new Uint8Array(Math.floor(data.length / 4) * 4 + 4);
  padded.set(data);
  padded[padded.length - 1] = data.length & 0xff;
  const view = new DataView(padded.buffer);
  for (let i = 0; i < padded.length; i += 4) {
    const m = BigInt(view.getUint32(i, true));
    v[3]! ^= m;
    for (let n = 0; n < c; n++) round();
    v[0]! ^= m;
  }
  v[2]! ^= bits === 64 ? 0xeen : 0xffn;
  for (let n = 0; n < d; n++) round();
  const low = v[1]! ^ v[3]!;
  v[1]! ^= 0xddn;
  for (let n = 0; n < d; n++) round();
  return [Number(low) | 0, Number(v[1]! ^ v[3]!) | 0];
}

test("the slow reference gives the authors' published vectors (HalfSipHash-2-4, 32 bits)", () => {
  const published = [0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a, 0x89466e2a, 0x69b6fac5, 0x23fc6358];
  for (const [length, expected] of published.entries()) {
    const data = Uint8Array.from({ length }, (_, i) => i);
    assert.equal(reference([0x03020100, 0x07060504], data, [2, 4], 32)[0], expected | 0, `length ${length}`);
  }
});

test('equals the slow reference for every key and message', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.uint8Array({ maxLength: 300 }), (key0, key1, data) => {
      const hash = new SeededHash(key0, key1);
      const framed = new Uint8Array(data.length + 14).fill(0xa5);
      framed.set(data, 7);
      hash.hash(new DataView(framed.buffer), 7, data.length);
      assert.deepEqual([hash.low, hash.high], reference([key0, key1], data, [1, 3], 64));
    }),
  );
});

test('every single bit of a message changes the result', () => {
  const hash = new SeededHash(123, 456);
  const data = new TextEncoder().encode('a84b4c76e66710@pc33.example');
  hash.hash(new DataView(data.buffer), 0, data.length);
  const { low, high } = hash;
  for (let bit = 0; bit < data.length * 8; bit++) {
    data[bit >> 3]! ^= 1 << (bit & 7);
    hash.hash(new DataView(data.buffer), 0, data.length);
    assert.ok(hash.low !== low || hash.high !== high, `bit ${bit}`);
    data[bit >> 3]! ^= 1 << (bit & 7);
  }
});
