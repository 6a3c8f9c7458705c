// SPDX-License-Identifier: Apache-2.0

const ENTRY_WORDS = 3;
const FREE = -1;

/** Contexts by two words, in one array with open addressing. What is in it stays. */
export class ContextTable {
  readonly #words: Int32Array;
  readonly #mask: number;
  #free: number;

  /** `maxEntries` is how many there can be; the array is a third larger at least. */
  constructor(maxEntries: number) {
    const places = 2 ** Math.ceil(Math.log2((maxEntries * 4) / 3));
    this.#words = new Int32Array(places * ENTRY_WORDS).fill(FREE);
    this.#mask = places - 1;
    this.#free = maxEntries;
  }

  get isFull(): boolean {
    return this.#free === 0;
  }

  /** The context of two words, or -1. */
  find(first: number, second: number): number {
    return this.#words[this.#entryOf(first, second) + 2]!;
  }

  /** Adds the context, 0 or more, of words that have none yet; there must be room. */
  add(first: number, second: number, context: number): void {
    const entry = this.#entryOf(first, second);
    this.#words[entry] = first;
    this.#words[entry + 1] = second;
    this.#words[entry + 2] = context;
    this.#free--;
  }

  /** The entry of two words, or the free one that is its place. */
  #entryOf(first: number, second: number): number {
    const words = this.#words;
    let hash = Math.imul(first ^ Math.imul(second, 0x85ebca6b), 0x9e3779b1);
    hash ^= hash >>> 15;
    for (let place = hash; ; place++) {
      const entry = (place & this.#mask) * ENTRY_WORDS;
      if (words[entry + 2] === FREE || (words[entry] === first && words[entry + 1] === second)) return entry;
    }
  }
}
