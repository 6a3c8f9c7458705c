// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededHash } from '../base/hash.ts';
import { ConnectionKey } from './connection-key.ts';
import { Datagram } from './datagram.ts';

/** Buckets of the index of a table of 65,536 connections. */
const BUCKETS = 2 ** 17;

type End = { readonly address: readonly number[]; readonly port: number };

const segmentOf = (source: End, destination: End): Datagram => {
  const segment = new Datagram();
  segment.ipVersion = source.address.length === 1 ? 4 : 6;
  const words = ({ address }: End): readonly number[] =>
    address.length === 1 ? [0, 0, 0xffff, ...address] : address;
  segment.sourceAddress.set(words(source));
  segment.destinationAddress.set(words(destination));
  segment.sourcePort = source.port;
  segment.destinationPort = destination.port;
  return segment;
};

const keyOf = (key: ConnectionKey, source: End, destination: End): string => {
  key.read(segmentOf(source, destination));
  return `${key.low} ${key.high}`;
};

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const port = fc.integer({ min: 0, max: 65_535 });
const endOf = (words: number): fc.Arbitrary<End> =>
  fc.record({ address: fc.array(word, { minLength: words, maxLength: words }), port });
const ends = fc.constantFrom(1, 4).chain((words) => fc.tuple(endOf(words), endOf(words)));

test('property: both directions have one key, which depends on every bit of either end', () => {
  const key = new ConnectionKey(new SeededHash(1, 2));
  fc.assert(
    fc.property(ends, fc.nat(), fc.nat(31), ([one, other], at, bit) => {
      const known = keyOf(key, one, other);
      assert.equal(keyOf(key, other, one), known);
      const changed = [...one.address];
      changed[at % changed.length]! ^= 1 << bit;
      assert.notEqual(keyOf(key, { ...one, address: changed }, other), known);
      assert.notEqual(keyOf(key, { ...one, port: one.port ^ (1 << (bit & 15)) }, other), known);
    }),
    { numRuns: 2000 },
  );
});

/** Most connections of a kind in one bucket of 64, with and without the same key. */
function spread(connections: Iterable<readonly [End, End]>): { most: number; count: number; keys: number } {
  const key = new ConnectionKey(new SeededHash(0x3779, -0x1234));
  const buckets = new Uint32Array(BUCKETS / 64);
  const keys = new Set<string>();
  let count = 0;
  for (const [source, destination] of connections) {
    keys.add(keyOf(key, source, destination));
    buckets[(key.low & (BUCKETS - 1)) >> 6]!++;
    count++;
  }
  return { most: Math.max(...buckets), count, keys: keys.size };
}

const COUNT = 2 ** 15;

// Random keys would put 16 into each of the 2,048, and 40 into one of them once in a thousand times.
const MOST = 48;

test('connections that follow each other, as of a scan, are spread over the table', () => {
  const server = { address: [0x0a000001], port: 5060 };
  const kinds: readonly ((i: number) => readonly [End, End])[] = [
    (i) => [{ address: [0x0a010000], port: 1024 + i }, server],
    (i) => [{ address: [0x0a010000 + i], port: 40_000 }, server],
    (i) => [{ address: [i << 16], port: 40_000 }, server],
    (i) => [{ address: [i], port: i & 0xffff }, server],
    (i) => [
      { address: [0x20010db8, 0, 0, i], port: 40_000 },
      { address: [0x20010db8, 0, 1, 1], port: 5060 },
    ],
    (i) => [
      { address: [0x20010db8, i, i, 1], port: 40_000 },
      { address: [0x20010db8, 0, 1, 1], port: 5060 },
    ],
  ];
  for (const [index, kind] of kinds.entries()) {
    const { most, keys } = spread(Array.from({ length: COUNT }, (_, i) => kind(i)));
    assert.equal(keys, COUNT, `kind ${index}`);
    assert.ok(most < MOST, `kind ${index}: ${most} in one place`);
  }
});

/**
 * Without the secret numbers it is known that in the low lane a change of the top bit of one word is undone by a change of
 * the bits 31 and 16 of the next one. Whoever uses that in 15 pairs of words, or in fewer more often, gains nothing: both
 * lanes are in either half of the key.
 */
test('what collides in one lane by construction has keys of its own and is spread', () => {
  const bases = COUNT / 8;
  function* pairs(): Generator<readonly [End, End]> {
    for (let i = 0; i < bases; i++) {
      for (let changes = 0; changes < 8; changes++) {
        const first = [i, i * 3, i * 5, 7];
        const second = [1, 2, 3, i];
        for (let at = 0; at < 3; at++) {
          if (((changes >> at) & 1) === 0) continue;
          first[at]! ^= 1 << 31;
          second[at]! ^= (1 << 31) | (1 << 16);
        }
        yield [
          { address: first, port: 1000 },
          { address: second, port: 5060 },
        ];
      }
    }
  }
  const { most, count, keys } = spread(pairs());
  assert.equal(keys, count);
  assert.ok(most < MOST, `${most} in one place`);
});
