// SPDX-License-Identifier: Apache-2.0
import { PrefixTrieBuilder } from '../../../src/base/prefix-trie.ts';
import type { BenchCase } from '../../measure-case.ts';

const PREFIXES = 100_000;
const LOOKUPS = 100_000;

/** The carrier of an address among 100,000 networks, half of them IPv6, as registries give them out; no address is near the one before. */
export default function prepare(): BenchCase {
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 0) % below;
  };
  const builder = new PrefixTrieBuilder();
  const networks: number[][] = [];
  for (let i = 0; i < PREFIXES; i++) {
    const isIpv4 = i % 2 === 0;
    const network = isIpv4
      ? [0, 0, 0xffff, random(2 ** 32) & -256]
      : [(0x20010000 + random(0x0c000000)) | 0, random(2 ** 16) << 16, 0, 0];
    builder.add(network, isIpv4 ? 116 + random(5) : 32 + random(17), 1 + random(1000));
    networks.push(network);
  }
  const trie = builder.build();
  // In a row, as in packets: what is measured are the misses of the trie.
  const addresses = new Int32Array(LOOKUPS * 4);
  for (let i = 0; i < LOOKUPS; i++) {
    addresses.set(networks[random(PREFIXES)]!, i * 4);
    addresses[i * 4 + 3]! |= random(256);
  }
  const address = new Int32Array(4);
  let hits = 0;
  return {
    unit: 'address',
    units: LOOKUPS,
    pass: () => {
      hits = 0;
      for (let i = 0; i < LOOKUPS; i++) {
        for (let word = 0; word < 4; word++) address[word] = addresses[i * 4 + word]!;
        if (trie.find(address) !== 0) hits++;
      }
      if (hits !== LOOKUPS) throw new Error(`${hits} of ${LOOKUPS} found`);
    },
  };
}
