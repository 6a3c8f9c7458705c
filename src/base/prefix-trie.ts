// SPDX-License-Identifier: Apache-2.0

/** Bits that the first table looks at, and each one behind it. */
const ROOT_BITS = 16;
const NODE_BITS = 4;
/**
 * A table has, for each value of its bits, where to go on, and the value of the longest prefix that ends there. Both stand
 * together, so that a table costs one cache miss.
 *
 *     0       1       2
 *     +-------+-------+-------+-------+----
 *     | child | value | child | value | ...       child: 0 none, > 0 a table, < 0 a leaf
 *     +-------+-------+-------+-------+----
 *     0                       4        5       6 words
 *     +-----------------------+--------+-------+
 *     | address               | length | value |  a leaf: the one prefix below that place
 *     +-----------------------+--------+-------+
 */
const ROOT_WORDS = 2 << ROOT_BITS;
const NODE_WORDS = 2 << NODE_BITS;
const LEAF_LENGTH = 4;
const LEAF_VALUE = 5;
const LEAF_WORDS = 6;
/** Both roots stand at the beginning: IPv6, and IPv4 behind the 96 bits of its mapped form (RFC 4291 §2.5.5.2). */
const ROOT = 0;
const IPV4_ROOT = ROOT_WORDS;
const IPV4_BITS = 96;
const MAPPED_WORD = 0xffff;

/**
 * Values by the longest prefix of an address. Addresses are four big-endian words, IPv4 in mapped form, as in `Datagram`;
 * prefixes of IPv6 do not hold for IPv4. One array, which other threads may have too.
 */
export class PrefixTrie {
  readonly words: Int32Array;

  constructor(words: Int32Array) {
    this.words = words;
  }

  /** The value of the longest prefix of the address, or 0. At most 28 steps, usually 3 (bench labels/prefix-100k). */
  find(address: Int32Array): number {
    const { words } = this;
    const isIpv4 = isMapped(address);
    let depth = ROOT_BITS + (isIpv4 ? IPV4_BITS : 0);
    let place = (isIpv4 ? IPV4_ROOT : ROOT) + 2 * (address[isIpv4 ? 3 : 0]! >>> 16);
    let found = 0;
    for (;;) {
      const value = words[place + 1]!;
      if (value !== 0) found = value;
      const child = words[place]!;
      if (child === 0) return found;
      if (child < 0) return isPrefix(words, -child, address) ? words[-child + LEAF_VALUE]! : found;
      place = child + 2 * bitsAt(address, depth, NODE_BITS);
      depth += NODE_BITS;
    }
  }
}

/** Makes a `PrefixTrie`. */
export class PrefixTrieBuilder {
  #size = 2 * ROOT_WORDS;
  #words = new Int32Array(2 * this.#size);
  /** Beside each value, how long its prefix is. */
  #lengths = new Uint8Array(this.#words.length);

  /** A prefix of 0..128 bits, of IPv4 at least 96, and its value, above 0. The same prefix again has the later value. */
  add(address: ArrayLike<number>, lengthBits: number, value: number): void {
    if (lengthBits >= IPV4_BITS && isMapped(address))
      this.#insert(IPV4_ROOT, IPV4_BITS, ROOT_BITS, address, lengthBits, value);
    else this.#insert(ROOT, 0, ROOT_BITS, address, lengthBits, value);
  }

  /** The trie, in memory that may be shared. */
  build(): PrefixTrie {
    const words = new Int32Array(new SharedArrayBuffer(this.#size * 4));
    words.set(this.#words.subarray(0, this.#size));
    return new PrefixTrie(words);
  }

  /** Below a table that looks at `bits` bits from `depth` on. */
  #insert(
    table: number,
    depth: number,
    bits: number,
    address: ArrayLike<number>,
    lengthBits: number,
    value: number,
  ): void {
    if (lengthBits <= depth + bits) {
      this.#setValues(table, depth, bits, address, lengthBits, value);
      return;
    }
    const place = table + 2 * bitsAt(address, depth, bits);
    const child = this.#words[place]!;
    if (child === 0) {
      const leaf = this.#newLeaf(address, lengthBits, value);
      this.#words[place] = -leaf;
      return;
    }
    const below = child > 0 ? child : this.#allocate(NODE_WORDS);
    if (child < 0) {
      // Two prefixes below one place: both go a table further down.
      const leaf = this.#words.slice(-child, -child + LEAF_WORDS);
      this.#words[place] = below;
      this.#insert(below, depth + bits, NODE_BITS, leaf, leaf[LEAF_LENGTH]!, leaf[LEAF_VALUE]!);
    }
    this.#insert(below, depth + bits, NODE_BITS, address, lengthBits, value);
  }

  /** A prefix that ends in a table has all places that begin with it, but for those of longer ones. */
  #setValues(
    table: number,
    depth: number,
    bits: number,
    address: ArrayLike<number>,
    lengthBits: number,
    value: number,
  ): void {
    const count = 1 << (depth + bits - lengthBits);
    const first = bitsAt(address, depth, bits) & -count;
    for (let branch = first; branch < first + count; branch++) {
      const place = table + 2 * branch + 1;
      if (this.#lengths[place]! > lengthBits) continue;
      this.#lengths[place] = lengthBits;
      this.#words[place] = value;
    }
  }

  #newLeaf(address: ArrayLike<number>, lengthBits: number, value: number): number {
    const leaf = this.#allocate(LEAF_WORDS);
    for (let word = 0; word < LEAF_LENGTH; word++) this.#words[leaf + word] = address[word]!;
    this.#words[leaf + LEAF_LENGTH] = lengthBits;
    this.#words[leaf + LEAF_VALUE] = value;
    return leaf;
  }

  #allocate(words: number): number {
    const at = this.#size;
    this.#size += words;
    if (this.#size > this.#words.length) {
      const larger = new Int32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
      const lengths = new Uint8Array(larger.length);
      lengths.set(this.#lengths);
      this.#lengths = lengths;
    }
    return at;
  }
}

function isMapped(address: ArrayLike<number>): boolean {
  return address[2] === MAPPED_WORD && address[0] === 0 && address[1] === 0;
}

/** Bits of an address from `depth` on, in one of its words. */
function bitsAt(address: ArrayLike<number>, depth: number, bits: number): number {
  return (address[depth >> 5]! >>> (32 - bits - (depth & 31))) & ((1 << bits) - 1);
}

/** Whether the prefix of a leaf is one of the address. */
function isPrefix(words: Int32Array, leaf: number, address: Int32Array): boolean {
  let bits = words[leaf + LEAF_LENGTH]!;
  for (let word = 0; bits > 0; word++, bits -= 32) {
    const mask = bits >= 32 ? -1 : -1 << (32 - bits);
    if (((words[leaf + word]! ^ address[word]!) & mask) !== 0) return false;
  }
  return true;
}
