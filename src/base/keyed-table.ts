// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from './packet-clock.ts';

const NONE = -1;

/** Words of a record before its owner's fields: half a cache line. */
const HEADER_WORDS = 8;
const KEY_LOW = 0;
const KEY_HIGH = 1;
const OLDER = 2;
const NEWER = 3;
const QUEUE = 4;
/** A double in words 6 and 7. */
const DEADLINE_MICROS = 3;
/**
 * Bytes before the first record. Large blocks of memory begin 16 bytes behind a page with glibc, and a record of 128
 * bytes is to touch two cache lines, not three. Elsewhere it costs nothing.
 */
const FIRST_RECORD = 48;
/** Records that `removeDue` removes at once. */
const MOST_REMOVED = 8;
/** Value of QUEUE in a record that is not in use. */
const FREE = -1;

/** The memory of a table, where several threads have it: one of them writes, the others may look. */
export interface TableMemory {
  readonly index: ArrayBufferLike;
  readonly records: ArrayBufferLike;
}

/**
 * A bounded table of records with a 64-bit key (two int32 lanes of a seeded hash) and an age order. A record is a slot
 * number and has int32 fields for its owner; two of them, the first one even, may hold a double.
 *
 * Every record stands in one of a few queues, each ordered by deadline because all records of a queue live equally
 * long in packet time from the moment they enter it. So expiry and eviction are the same O(1) act on a queue's oldest
 * record, and the order of the queues says who goes first when the table is full: queue 0 before queue 1 and so on.
 *
 *     index (open addressing, linear probing, at most half full)      queue 0   oldest <-> ... <-> newest
 *     | key low, slot+1 | -, 0 | key low, slot+1 | ...                queue 1   oldest <-> ... <-> newest
 *
 *     record, 32 bytes and the fields: all together, because a lookup, a move and the owner touch most of it at once
 *     | key low | key high | older | newer | queue | - | deadline, double | fields of the owner |
 */
export class KeyedTable {
  readonly limit: number;
  /** Records now in the table, 0..limit. */
  size = 0;
  /** Records given up because the table was full: those whose story was over lose nothing, open ones lose a result. */
  evictedFinished = 0;
  evictedOpen = 0;
  /**
   * All records, for owners that touch many fields of one at once: `words[fieldsOf(slot) + field]`. What is inlined has
   * a limit in V8, and a call for each field costs 3 ns.
   */
  readonly words: Int32Array;

  /** The same memory, for fields that hold doubles: see `doubleAt`. */
  readonly doubles: Float64Array;

  /** Of no meaning; keeps the compiler from leaving out what is read ahead. */
  touched = 0;

  readonly #clock: PacketClock;
  readonly #lifetimesMicros: Float64Array;
  /** Pairs of a key's low lane, so that probing looks at other records only when it matches, and its slot + 1. */
  readonly #index: Int32Array;
  /** Of places in the index, which are even. */
  readonly #mask: number;
  readonly #recordWords: number;
  readonly #oldest: Int32Array;
  readonly #newest: Int32Array;
  /** Records in each queue. */
  readonly #sizes: Int32Array;
  readonly #openQueues: number;
  /** First slot that was never used; slots freed since are chained from `#firstFree` through NEWER. */
  #unused = 0;
  #firstFree = NONE;

  /**
   * `limit` records at most with `fields` fields each, in 1..255 queues with these lifetimes. `fields` is even and
   * limit * (fields + 8) below 2^31. Memory is touched only as records come. The queues 1..openQueues are equals when
   * a record must go, see `victim`. `memory` is made by `sharedMemory` for the same limit and fields; of its own, if not given.
   */
  constructor(
    limit: number,
    fields: number,
    lifetimesMicros: readonly number[],
    clock: PacketClock,
    openQueues = 0,
    memory?: TableMemory,
  ) {
    const queueCount = lifetimesMicros.length;
    this.limit = limit;
    this.#clock = clock;
    this.#lifetimesMicros = Float64Array.from(lifetimesMicros);
    this.#index = new Int32Array(memory?.index ?? new ArrayBuffer(indexBytes(limit)));
    this.#mask = this.#index.length - 2;
    this.#recordWords = HEADER_WORDS + fields;
    const records = memory?.records ?? new ArrayBuffer(recordBytes(limit, fields));
    this.words = new Int32Array(records, FIRST_RECORD);
    this.doubles = new Float64Array(records, FIRST_RECORD);
    this.#oldest = new Int32Array(queueCount).fill(NONE);
    this.#newest = new Int32Array(queueCount).fill(NONE);
    this.#sizes = new Int32Array(queueCount);
    this.#openQueues = openQueues;
  }

  /** Memory of a table that several threads have. */
  static sharedMemory(limit: number, fields: number): TableMemory {
    return {
      index: new SharedArrayBuffer(indexBytes(limit)),
      records: new SharedArrayBuffer(recordBytes(limit, fields)),
    };
  }

  /** The memory of the table: index and records. */
  get buffers(): readonly ArrayBufferLike[] {
    return [this.#index.buffer, this.words.buffer];
  }

  /** The slot of a key, or -1. */
  find(low: number, high: number): number {
    const index = this.#index;
    const words = this.words;
    const recordWords = this.#recordWords;
    const mask = this.#mask;
    for (let i = (low << 1) & mask; ; i = (i + 2) & mask) {
      const slot = index[i + 1]! - 1;
      if (slot < 0) return NONE;
      if (index[i] === low && words[Math.imul(slot, recordWords) + KEY_HIGH] === high) return slot;
    }
  }

  /** Reads ahead where a key stands in the index, which is random: many at once are waited for together. */
  touch(low: number): void {
    this.touched ^= this.#index[(low << 1) & this.#mask]!;
  }

  /**
   * Adds a key that is not there and returns its slot, whose fields hold whatever the last owner left.
   * Returns -1 when the table is full: the caller first removes what `victim` names.
   */
  insert(low: number, high: number, queue: number): number {
    const words = this.words;
    let slot = this.#firstFree;
    if (slot >= 0) this.#firstFree = words[Math.imul(slot, this.#recordWords) + NEWER]!;
    else if (this.#unused < this.limit) slot = this.#unused++;
    else return NONE;
    words[Math.imul(slot, this.#recordWords) + KEY_LOW] = low;
    words[Math.imul(slot, this.#recordWords) + KEY_HIGH] = high;
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
    this.words[Math.imul(slot, this.#recordWords) + NEWER] = this.#firstFree;
    this.words[Math.imul(slot, this.#recordWords) + QUEUE] = FREE;
    this.#firstFree = slot;
    this.size--;
  }

  /** Where the fields of a record begin in `words`. */
  fieldsOf(slot: number): number {
    return Math.imul(slot, this.#recordWords) + HEADER_WORDS;
  }

  /**
   * Removes the oldest records of a queue whose lifetime is over, eight at most; returns how many. Where they stand in
   * the index is random and long out of the caches: looked at together, they are waited for together.
   */
  removeDue(queue: number): number {
    const { words } = this;
    const index = this.#index;
    const nowMicros = this.#clock.micros;
    let count = 0;
    let touched = 0;
    for (let slot = this.#oldest[queue]!; slot >= 0 && count < MOST_REMOVED; count++) {
      const record = Math.imul(slot, this.#recordWords);
      if (this.doubles[record / 2 + DEADLINE_MICROS]! > nowMicros) break;
      touched ^= index[(words[record + KEY_LOW]! << 1) & this.#mask]!;
      slot = words[record + NEWER]!;
    }
    this.touched = touched;
    for (let i = 0; i < count; i++) this.remove(this.#oldest[queue]!);
    return count;
  }

  /** Removes a record because the table is full, and counts it. */
  evict(slot: number, isFinished: boolean): void {
    if (isFinished) this.evictedFinished++;
    else this.evictedOpen++;
    this.remove(slot);
  }

  /** Makes room for one record: gives up what `victim` names when the table is full. Queue 0 is what is finished. */
  makeRoom(): void {
    if (this.size < this.limit) return;
    const slot = this.victim();
    this.evict(slot, this.queueOf(slot) === 0);
  }

  /** A field of a record. */
  field(slot: number, field: number): number {
    return this.words[Math.imul(slot, this.#recordWords) + HEADER_WORDS + field]!;
  }

  /** Sets a field of a record to an int32. */
  setField(slot: number, field: number, value: number): void {
    this.words[Math.imul(slot, this.#recordWords) + HEADER_WORDS + field] = value;
  }

  /**
   * Where in `doubles` the double stands in the field, which is even, and the one behind it. A place and not the double: what a
   * call that is not inlined takes or returns of doubles costs 16 bytes on the heap (5 bytes a packet, pipeline/full-calls).
   */
  doubleAt(slot: number, field: number): number {
    return (Math.imul(slot, this.#recordWords) + HEADER_WORDS + field) >> 1;
  }

  /** Sets every field of a record to 0. */
  clearFields(slot: number): void {
    const words = this.words;
    const record = Math.imul(slot, this.#recordWords);
    // fill() is a call into the runtime: 50 ns for as few words.
    for (let i = record + HEADER_WORDS, end = record + this.#recordWords; i < end; i++) words[i] = 0;
  }

  /** The low half of a record's key. */
  keyLow(slot: number): number {
    return this.words[Math.imul(slot, this.#recordWords) + KEY_LOW]!;
  }

  /** The high half of a record's key. */
  keyHigh(slot: number): number {
    return this.words[Math.imul(slot, this.#recordWords) + KEY_HIGH]!;
  }

  /** Whether a slot that was kept elsewhere still is the record it was: in use, and with this low half of the key. */
  isStill(slot: number, keyLow: number): boolean {
    const record = Math.imul(slot, this.#recordWords);
    return this.words[record + QUEUE]! >= 0 && this.words[record + KEY_LOW] === keyLow;
  }

  /** The queue a record stands in. */
  queueOf(slot: number): number {
    return this.words[Math.imul(slot, this.#recordWords) + QUEUE]!;
  }

  /** When a record's lifetime in its queue is over, microseconds since the epoch. */
  deadlineMicros(slot: number): number {
    return this.doubles[Math.imul(slot, this.#recordWords) / 2 + DEADLINE_MICROS]!;
  }

  /** The oldest record of a queue if its lifetime is over, else -1. */
  due(queue: number): number {
    const slot = this.#oldest[queue]!;
    if (slot < 0) return NONE;
    return this.doubles[Math.imul(slot, this.#recordWords) / 2 + DEADLINE_MICROS]! <= this.#clock.micros
      ? slot
      : NONE;
  }

  /** Lowers the time in a cell to the earliest deadline of the oldest records, if that is earlier: then the first of the table is due. */
  noteDue(earliestMicros: Float64Array): void {
    for (let queue = 0; queue < this.#oldest.length; queue++) {
      const slot = this.#oldest[queue]!;
      if (slot < 0) continue;
      const micros = this.doubles[Math.imul(slot, this.#recordWords) / 2 + DEADLINE_MICROS]!;
      if (micros < earliestMicros[0]!) earliestMicros[0] = micros;
    }
  }

  /** Records in a queue. */
  sizeOf(queue: number): number {
    return this.#sizes[queue]!;
  }

  /** The oldest record of a queue, or -1. */
  oldest(queue: number): number {
    return this.#oldest[queue]!;
  }

  /**
   * The record to give up when the table is full, -1 when it is empty: the oldest of queue 0; else of the longest of the
   * open queues, so that a flood that fills one of them pushes out its own, and who stands in the others is safe; else
   * of the first other queue that has one.
   */
  victim(): number {
    if (this.#oldest[0]! >= 0) return this.#oldest[0]!;
    let longest = 0;
    for (let queue = 1; queue <= this.#openQueues; queue++) {
      if (this.#sizes[queue]! > this.#sizes[longest]!) longest = queue;
    }
    if (longest > 0) return this.#oldest[longest]!;
    for (let queue = this.#openQueues + 1; queue < this.#oldest.length; queue++) {
      if (this.#oldest[queue]! >= 0) return this.#oldest[queue]!;
    }
    return NONE;
  }

  #append(slot: number, queue: number): void {
    const words = this.words;
    const record = Math.imul(slot, this.#recordWords);
    const last = this.#newest[queue]!;
    words[record + OLDER] = last;
    words[record + NEWER] = NONE;
    words[record + QUEUE] = queue;
    this.doubles[record / 2 + DEADLINE_MICROS] = this.#clock.micros + this.#lifetimesMicros[queue]!;
    if (last >= 0) words[Math.imul(last, this.#recordWords) + NEWER] = slot;
    else this.#oldest[queue] = slot;
    this.#newest[queue] = slot;
    this.#sizes[queue]!++;
  }

  #unlink(slot: number): void {
    const words = this.words;
    const record = Math.imul(slot, this.#recordWords);
    const queue = words[record + QUEUE]!;
    const older = words[record + OLDER]!;
    const newer = words[record + NEWER]!;
    if (older >= 0) words[Math.imul(older, this.#recordWords) + NEWER] = newer;
    else this.#oldest[queue] = newer;
    if (newer >= 0) words[Math.imul(newer, this.#recordWords) + OLDER] = older;
    else this.#newest[queue] = older;
    this.#sizes[queue]!--;
  }

  /** Deletion without tombstones: entries of the same run that may stand earlier are shifted back. */
  #removeFromIndex(slot: number): void {
    const index = this.#index;
    const mask = this.#mask;
    let hole = (this.words[Math.imul(slot, this.#recordWords) + KEY_LOW]! << 1) & mask;
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

function indexBytes(limit: number): number {
  let size = 16;
  while (size < limit * 2) size *= 2;
  return size * 2 * Int32Array.BYTES_PER_ELEMENT;
}

function recordBytes(limit: number, fields: number): number {
  return FIRST_RECORD + limit * (HEADER_WORDS + fields) * Int32Array.BYTES_PER_ELEMENT;
}
