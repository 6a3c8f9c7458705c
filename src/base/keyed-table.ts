// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from './packet-clock.ts';

const NONE = -1;

/** Words of a record: one cache line, because a lookup, a move and its owner's fields touch most of them together. */
const RECORD_WORDS = 16;
const KEY_LOW = 0;
const KEY_HIGH = 1;
const OLDER = 2;
const NEWER = 3;
const QUEUE = 4;
/** A double in words 6 and 7. */
const DEADLINE_MICROS = 3;
const FIRST_FIELD = 8;

/**
 * A bounded table of records with a 64-bit key (two int32 lanes of a seeded hash) and an age order. A record is a slot
 * number and has eight int32 fields for its owner.
 *
 * Every record stands in one of a few queues, each ordered by deadline because all records of a queue live equally
 * long in packet time from the moment they enter it. So expiry and eviction are the same O(1) act on a queue's oldest
 * record, and the order of the queues says who goes first when the table is full: queue 0 before queue 1 and so on.
 *
 *     index (open addressing, linear probing, at most half full)      queue 0   oldest <-> ... <-> newest
 *     | key low, slot+1 | -, 0 | key low, slot+1 | ...                queue 1   oldest <-> ... <-> newest
 *
 *     record, 64 bytes
 *     | key low | key high | older | newer | queue | - | deadline, double | 8 fields of the owner |
 */
export class KeyedTable {
  readonly limit: number;
  /** Records now in the table, 0..limit. */
  size = 0;

  readonly #clock: PacketClock;
  readonly #lifetimesMicros: Float64Array;
  /** Pairs of a key's low lane, so that probing looks at other records only when it matches, and its slot + 1. */
  readonly #index: Int32Array;
  /** Of places in the index, which are even. */
  readonly #mask: number;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #oldest: Int32Array;
  readonly #newest: Int32Array;
  /** First slot that was never used; slots freed since are chained from `#firstFree` through NEWER. */
  #unused = 0;
  #firstFree = NONE;

  /**
   * `limit` records at most, 1..2^26, in 1..255 queues with these lifetimes. Memory is touched only as records come.
   */
  constructor(limit: number, lifetimesMicros: readonly number[], clock: PacketClock) {
    const queueCount = lifetimesMicros.length;
    let indexSize = 16;
    while (indexSize < limit * 2) indexSize *= 2;
    this.limit = limit;
    this.#clock = clock;
    this.#lifetimesMicros = Float64Array.from(lifetimesMicros);
    this.#index = new Int32Array(indexSize * 2);
    this.#mask = (indexSize - 1) * 2;
    this.#words = new Int32Array(limit * RECORD_WORDS);
    this.#doubles = new Float64Array(this.#words.buffer);
    this.#oldest = new Int32Array(queueCount).fill(NONE);
    this.#newest = new Int32Array(queueCount).fill(NONE);
  }

  /** The slot of a key, or -1. */
  find(low: number, high: number): number {
    const index = this.#index;
    const words = this.#words;
    const mask = this.#mask;
    for (let i = (low << 1) & mask; ; i = (i + 2) & mask) {
      const slot = index[i + 1]! - 1;
      if (slot < 0) return NONE;
      if (index[i] === low && words[slot * RECORD_WORDS + KEY_HIGH] === high) return slot;
    }
  }

  /**
   * Adds a key that is not there and returns its slot, whose fields hold whatever the last owner left.
   * Returns -1 when the table is full: the caller first removes what `victim` names.
   */
  insert(low: number, high: number, queue: number): number {
    const words = this.#words;
    let slot = this.#firstFree;
    if (slot >= 0) this.#firstFree = words[slot * RECORD_WORDS + NEWER]!;
    else if (this.#unused < this.limit) slot = this.#unused++;
    else return NONE;
    words[slot * RECORD_WORDS + KEY_LOW] = low;
    words[slot * RECORD_WORDS + KEY_HIGH] = high;
    const mask = this.#mask;
    const index = this.#index;
    let i = (low << 1) & mask;
    while (index[i + 1] !== 0) i = (i + 2) & mask;
    index[i] = low;
    index[i + 1] = slot + 1;
    this.size++;
    this.#append(slot, queue);
    return slot;
  }

  /** Puts a record at the young end of a queue, its own or another: its lifetime begins anew. */
  move(slot: number, queue: number): void {
    this.#unlink(slot);
    this.#append(slot, queue);
  }

  /** Frees a record. Its slot may be given out again by the next `insert`. */
  remove(slot: number): void {
    this.#unlink(slot);
    this.#removeFromIndex(slot);
    this.#words[slot * RECORD_WORDS + NEWER] = this.#firstFree;
    this.#firstFree = slot;
    this.size--;
  }

  /** Field 0..7 of a record. */
  field(slot: number, field: number): number {
    return this.#words[slot * RECORD_WORDS + FIRST_FIELD + field]!;
  }

  /** Sets field 0..7 of a record to an int32. */
  setField(slot: number, field: number, value: number): void {
    this.#words[slot * RECORD_WORDS + FIRST_FIELD + field] = value;
  }

  /** The queue a record stands in. */
  queueOf(slot: number): number {
    return this.#words[slot * RECORD_WORDS + QUEUE]!;
  }

  /** The oldest record of a queue if its lifetime is over, else -1. */
  due(queue: number): number {
    const slot = this.#oldest[queue]!;
    if (slot < 0) return NONE;
    return this.#doubles[(slot * RECORD_WORDS) / 2 + DEADLINE_MICROS]! <= this.#clock.micros ? slot : NONE;
  }

  /** The record to give up when the table is full: the oldest of the first queue that has one; -1 when empty. */
  victim(): number {
    for (let queue = 0; queue < this.#oldest.length; queue++) {
      const slot = this.#oldest[queue]!;
      if (slot >= 0) return slot;
    }
    return NONE;
  }

  #append(slot: number, queue: number): void {
    const words = this.#words;
    const record = slot * RECORD_WORDS;
    const last = this.#newest[queue]!;
    words[record + OLDER] = last;
    words[record + NEWER] = NONE;
    words[record + QUEUE] = queue;
    this.#doubles[record / 2 + DEADLINE_MICROS] = this.#clock.micros + this.#lifetimesMicros[queue]!;
    if (last >= 0) words[last * RECORD_WORDS + NEWER] = slot;
    else this.#oldest[queue] = slot;
    this.#newest[queue] = slot;
  }

  #unlink(slot: number): void {
    const words = this.#words;
    const record = slot * RECORD_WORDS;
    const queue = words[record + QUEUE]!;
    const older = words[record + OLDER]!;
    const newer = words[record + NEWER]!;
    if (older >= 0) words[older * RECORD_WORDS + NEWER] = newer;
    else this.#oldest[queue] = newer;
    if (newer >= 0) words[newer * RECORD_WORDS + OLDER] = older;
    else this.#newest[queue] = older;
  }

  /** Deletion without tombstones: entries of the same run that may stand earlier are shifted back. */
  #removeFromIndex(slot: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let hole = (this.#words[slot * RECORD_WORDS + KEY_LOW]! << 1) & mask;
    while (index[hole + 1] !== slot + 1) hole = (hole + 2) & mask;
    for (let i = (hole + 2) & mask; index[i + 1] !== 0; i = (i + 2) & mask) {
      const home = (index[i]! << 1) & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        index[hole] = index[i]!;
        index[hole + 1] = index[i + 1]!;
        hole = i;
      }
    }
    index[hole + 1] = 0;
  }
}
