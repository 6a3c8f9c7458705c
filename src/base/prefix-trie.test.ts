// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PrefixTrieBuilder } from './prefix-trie.ts';

interface Prefix {
  readonly address: readonly number[];
  readonly lengthBits: number;
}

/** Whether the first bits of two addresses are the same. */
const beginsAlike = (one: ArrayLike<number>, other: ArrayLike<number>, lengthBits: number): boolean =>
  [0, 1, 2, 3].every((word) => {
    const count = Math.min(32, Math.max(0, lengthBits - 32 * word));
    return count === 0 || one[word]! >>> (32 - count) === other[word]! >>> (32 - count);
  });

const isMapped = ([first, second, third]: ArrayLike<number> & Iterable<number>): boolean =>
  first === 0 && second === 0 && third === 0xffff;

/** What the trie is to find, by going through all prefixes. */
function naive(prefixes: readonly Prefix[], address: Int32Array): number {
  let best = -1;
  let value = 0;
  for (const [i, prefix] of prefixes.entries()) {
    const isIpv4 = prefix.lengthBits >= 96 && isMapped(prefix.address);
    if (isIpv4 !== isMapped(address) || prefix.lengthBits < best) continue;
    if (!beginsAlike(prefix.address, address, prefix.lengthBits)) continue;
    best = prefix.lengthBits;
    value = i + 1;
  }
  return value;
}

function trieOf(prefixes: readonly Prefix[]) {
  const builder = new PrefixTrieBuilder();
  for (const [i, { address, lengthBits }] of prefixes.entries()) builder.add(address, lengthBits, i + 1);
  return builder.build();
}

// Few values, so that prefixes meet and lie in one another.
const word = fc.oneof(fc.constantFrom(0, -1, 0x20010db8, 0x0a000000, 0x0a0000ff), fc.integer());
const ipv6 = fc.tuple(word, word, word, word);
const ipv4 = word.map((last) => [0, 0, 0xffff, last]);
const prefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.record({ address: ipv6, lengthBits: fc.integer({ min: 0, max: 128 }) }),
  fc.record({ address: ipv4, lengthBits: fc.integer({ min: 96, max: 128 }) }),
);

test('the longest prefix is found, as by going through all of them', () => {
  fc.assert(
    fc.property(
      fc.array(prefix, { maxLength: 40 }),
      fc.array(fc.oneof(ipv6, ipv4), { maxLength: 20 }),
      (prefixes, others) => {
        const trie = trieOf(prefixes);
        for (const address of [...others, ...prefixes.map((one) => one.address)]) {
          const words = Int32Array.from(address);
          assert.equal(trie.find(words), naive(prefixes, words), words.join());
          words[3]! ^= 1;
          assert.equal(trie.find(words), naive(prefixes, words), words.join());
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('prefixes of IPv6 do not hold for IPv4, whatever their length', () => {
  const trie = trieOf([{ address: [0, 0, 0, 0], lengthBits: 0 }]);
  assert.equal(trie.find(Int32Array.of(0, 0, 0xffff, 1)), 0);
  assert.equal(trie.find(Int32Array.of(0x20010db8, 0, 0, 1)), 1);
});

test('an empty trie finds nothing', () => {
  assert.equal(trieOf([]).find(Int32Array.of(1, 2, 3, 4)), 0);
});
