// SPDX-License-Identifier: Apache-2.0

import type { PacketClock } from './packet-clock.ts';

const NONE = -1;

/**
 * A bounded table of records with a 64-bit key (two int32 lanes of a seeded hash) and an age order.
 *
 * A record is a slot number; its owner keeps the fields in typed arrays of its own, indexed by slot. Every record
 * stands in one of a few queues, each ordered by deadline because all records of a queue live equally long in packet
 * time from the moment they enter it. So expiry and eviction are the same O(1) act on a queue's oldest record, and
 * the order of the queues says who goes first when the table is full: queue 0 before queue 1 and so on.
 *
 *     index (open addressing, linear probing, at most half full)      queue 0   oldest <-> ... <-> newest
 *     | slot+1 | 0 | slot+1 | ...                                     queue 1   oldest <-> ... <-> newest
 */
export class KeyedTable {
  readonly limit: number;
  /** Records now in the table, 0..limit. */
  size = 0;

  readonly #clock: PacketClock;
  readonly #lifetimesMicros: Float64Array;
  readonly #index: Int32Array;
  readonly #mask: number;
  readonly #keyLow: Int32Array;
  readonly #keyHigh: Int32Array;
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #queueOf: Uint8Array;
  readonly #deadlineMicros: Float64Array;
  readonly #oldest: Int32Array;
  readonly #newest: Int32Array;
  readonly #lengths: Int32Array;
  /** First slot that was never used; slots freed since are chained from `#firstFree` through `#newer`. */
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
    this.#index = new Int32Array(indexSize);
    this.#mask = indexSize - 1;
    this.#keyLow = new Int32Array(limit);
    this.#keyHigh = new Int32Array(limit);
    this.#older = new Int32Array(limit);
    this.#newer = new Int32Array(limit);
    this.#queueOf = new Uint8Array(limit);
    this.#deadlineMicros = new Float64Array(limit);
    this.#oldest = new Int32Array(queueCount).fill(NONE);
    this.#newest = new Int32Array(queueCount).fill(NONE);
    this.#lengths = new Int32Array(queueCount);
  }

  /** The slot of a key, or -1. */
  find(low: number, high: number): number {
    const index = this.#index;
    const mask = this.#mask;
    for (let i = low & mask; ; i = (i + 1) & mask) {
      const slot = index[i]! - 1;
      if (slot < 0) return NONE;
      if (this.#keyLow[slot] === low && this.#keyHigh[slot] === high) return slot;
    }
  }

  /**
   * Adds a key that is not there and returns its slot, whose fields hold whatever the last owner left.
   * Returns -1 when the table is full: the caller first removes what `victim` names.
   */
  insert(low: number, high: number, queue: number): number {
    let slot = this.#firstFree;
    if (slot >= 0) this.#firstFree = this.#newer[slot]!;
    else if (this.#unused < this.limit) slot = this.#unused++;
    else return NONE;
    this.#keyLow[slot] = low;
    this.#keyHigh[slot] = high;
    const mask = this.#mask;
    let i = low & mask;
    while (this.#index[i] !== 0) i = (i + 1) & mask;
    this.#index[i] = slot + 1;
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
    this.#newer[slot] = this.#firstFree;
    this.#firstFree = slot;
    this.size--;
  }

  /** The queue a record stands in. */
  queueOf(slot: number): number {
    return this.#queueOf[slot]!;
  }

  /** Records in one queue. */
  queueLength(queue: number): number {
    return this.#lengths[queue]!;
  }

  /** The oldest record of a queue if its lifetime is over, else -1. */
  due(queue: number): number {
    const slot = this.#oldest[queue]!;
    return slot >= 0 && this.#deadlineMicros[slot]! <= this.#clock.micros ? slot : NONE;
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
    const last = this.#newest[queue]!;
    this.#older[slot] = last;
    this.#newer[slot] = NONE;
    if (last >= 0) this.#newer[last] = slot;
    else this.#oldest[queue] = slot;
    this.#newest[queue] = slot;
    this.#queueOf[slot] = queue;
    this.#deadlineMicros[slot] = this.#clock.micros + this.#lifetimesMicros[queue]!;
    this.#lengths[queue]!++;
  }

  #unlink(slot: number): void {
    const queue = this.#queueOf[slot]!;
    const older = this.#older[slot]!;
    const newer = this.#newer[slot]!;
    if (older >= 0) this.#newer[older] = newer;
    else this.#oldest[queue] = newer;
    if (newer >= 0) this.#older[newer] = older;
    else this.#newest[queue] = older;
    this.#lengths[queue]!--;
  }

  /** Deletion without tombstones: entries of the same run that may stand earlier are shifted back. */
  #removeFromIndex(slot: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let hole = this.#keyLow[slot]! & mask;
    while (index[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let i = (hole + 1) & mask; index[i] !== 0; i = (i + 1) & mask) {
      const home = this.#keyLow[index[i]! - 1]! & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        index[hole] = index[i]!;
        hole = i;
      }
    }
    index[hole] = 0;
  }
}
