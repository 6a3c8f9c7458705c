// SPDX-License-Identifier: Apache-2.0
import { families } from './families.ts';
import type { SeriesBudget } from './shard-memory.ts';

/** Words before the entries: the lock, series of all families, entries, then the series of each family. */
const LOCK = 0;
const SERIES = 1;
const ENTRIES = 2;
const FIRST_FAMILY = 3;
const FIRST_ENTRY = FIRST_FAMILY + families.length;
/** An entry: two lanes of the hash of a name; the first is 0 in one that is free. */
const ENTRY_WORDS = 2;
/** A power of two. Blocks are families times contexts, granted or refused: some ten thousands where there are very many label sets. */
const MAX_ENTRIES = 2 ** 18;
const FULL_ENTRIES = MAX_ENTRIES * 0.75;

/**
 * The series that shards may have together. What one shard was granted each other one may have too, because the
 * exposition adds them up to one series. The memory is shared by threads; it is asked only where a block is made.
 */
export class SeriesGrants {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #budget: SeriesBudget;
  /** Of the name looked for last. */
  #low = 0;
  #high = 0;

  /** Without a buffer it is the first of its budget. */
  constructor(budget: SeriesBudget, buffer: SharedArrayBuffer = allocate()) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#budget = budget;
  }

  /** Whether a block of `series` series of a family may be made in a context, within a share of the budget. */
  grant(family: number, contextName: string, series: number, share: number): boolean {
    const words = this.#words;
    const { maxSeries, maxSeriesPerFamily } = this.#budget;
    this.#lock();
    const entry = this.#find(`granted ${family} ${contextName}`);
    let isGranted = words[entry] !== 0;
    const ofFamily = words[FIRST_FAMILY + family]! + series;
    const ofAll = words[SERIES]! + series;
    const isWithin = ofFamily <= maxSeriesPerFamily * share && ofAll <= maxSeries * share;
    if (!isGranted && isWithin && this.#add(entry)) {
      words[FIRST_FAMILY + family] = ofFamily;
      words[SERIES] = ofAll;
      isGranted = true;
    }
    this.#unlock();
    return isGranted;
  }

  /** Whether a block is refused for the first time, by whichever shard. */
  isFirstRefusal(family: number, contextName: string): boolean {
    this.#lock();
    const entry = this.#find(`refused ${family} ${contextName}`);
    const isFirst = this.#words[entry] === 0;
    if (isFirst) this.#add(entry);
    this.#unlock();
    return isFirst;
  }

  /** The entry of a name, or the free one that is its place. */
  #find(name: string): number {
    let low = 0x811c9dc5;
    let high = 0x9747b28c;
    for (let i = 0; i < name.length; i++) {
      low = Math.imul(low ^ name.charCodeAt(i), 0x01000193);
      high = Math.imul(high ^ name.charCodeAt(i), 0x85ebca6b) + low;
    }
    this.#low = low || 1;
    this.#high = high | 0;
    for (let place = low ^ (low >>> 15); ; place++) {
      const entry = FIRST_ENTRY + (place & (MAX_ENTRIES - 1)) * ENTRY_WORDS;
      const there = this.#words[entry]!;
      if (there === 0 || (there === this.#low && this.#words[entry + 1] === this.#high)) return entry;
    }
  }

  #add(entry: number): boolean {
    const words = this.#words;
    if (words[ENTRIES] === FULL_ENTRIES) return false;
    words[ENTRIES]!++;
    words[entry] = this.#low;
    words[entry + 1] = this.#high;
    return true;
  }

  #lock(): void {
    while (Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0) Atomics.wait(this.#words, LOCK, 1, 1);
  }

  #unlock(): void {
    Atomics.store(this.#words, LOCK, 0);
  }
}

/** Pages are touched only as entries come. */
function allocate(): SharedArrayBuffer {
  return new SharedArrayBuffer((FIRST_ENTRY + MAX_ENTRIES * ENTRY_WORDS) * 4);
}
