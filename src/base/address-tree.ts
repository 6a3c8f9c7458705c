// SPDX-License-Identifier: Apache-2.0

const ADDRESS_BITS = 128;
const IPV4_BITS = 96;
const MAPPED_WORD = 0xffff;
/** Addresses that are remembered: those of a host's peers, many times over. A power of two. */
const CACHE_ENTRIES = 4096;
const ENTRY_WORDS = 5;

/**
 * Values of networks in a binary tree: two words a node, each the number of the next node, or the value of the network
 * that ends there, negated, less one. IPv4 stands below 96 bits of 0, as in MaxMind DB files. The words may be shared.
 */
export class AddressTree {
  readonly #words: Int32Array;
  readonly #ipv4Root: number;
  /** By a hash of an address: the address, and its value plus one. */
  readonly #cache = new Int32Array(CACHE_ENTRIES * ENTRY_WORDS);

  constructor(words: Int32Array) {
    this.#words = words;
    let node = 0;
    for (let depth = 0; depth < IPV4_BITS && node >= 0; depth++) node = words[2 * node]!;
    this.#ipv4Root = node;
  }

  /** The value of an address, four big-endian words, IPv4 in mapped form; 0 without one. One that was asked for is at hand. */
  find(address: Int32Array): number {
    const cache = this.#cache;
    const first = address[0]!;
    const second = address[1]!;
    const third = address[2]!;
    const fourth = address[3]!;
    let hash = Math.imul(first ^ Math.imul(second, 0x85ebca6b), 0x9e3779b1) ^ third;
    hash = Math.imul(hash ^ fourth, 0x9e3779b1);
    const entry = (hash >>> 20) * ENTRY_WORDS;
    if (
      cache[entry + 4] !== 0 &&
      cache[entry + 3] === fourth &&
      cache[entry + 2] === third &&
      cache[entry + 1] === second &&
      cache[entry] === first
    ) {
      return cache[entry + 4]! - 1;
    }
    const value = this.#walk(address, first === 0 && second === 0 && third === MAPPED_WORD);
    for (let word = 0; word < 4; word++) cache[entry + word] = address[word]!;
    cache[entry + 4] = value + 1;
    return value;
  }

  #walk(address: Int32Array, isIpv4: boolean): number {
    const words = this.#words;
    let node = isIpv4 ? this.#ipv4Root : 0;
    for (let depth = isIpv4 ? IPV4_BITS : 0; depth < ADDRESS_BITS && node >= 0; depth++) {
      node = words[2 * node + ((address[depth >> 5]! >>> (31 - (depth & 31))) & 1)]!;
    }
    return node < 0 ? -1 - node : 0;
  }
}
