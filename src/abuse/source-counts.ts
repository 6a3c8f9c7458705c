// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Evidence } from './evidence.ts';

/**
 * How much is known of a source in a window; also the queue of its record, so the order is the order of eviction: who
 * sends with a million addresses pushes out its own that were seen once.
 */
const Queue = { once: 0, several: 1, found: 2 } as const;
/** Evidence of another worker may come that much after the end of its window. */
const LATE_MICROS = 5e6;

/** Fields of a record, and behind them the targets so far, each once, until there are enough. */
const COUNT = 0;
const TARGET_COUNT = 1;
const FIRST_TARGET = 2;
/** Bytes of what the key is a hash of. */
const KEY_BYTES = 16;

/**
 * What sources do, by window. The window is part of the key, so that the order in which evidence comes does not matter:
 * several workers see parts of what a source does, and not in step. Windows follow each other: what crosses a border is
 * looked at in two parts, so that who stays below twice the threshold may not be noticed.
 */
export class SourceCounts {
  readonly table: KeyedTable;
  /** Whether with the evidence counted last the source came to the threshold. */
  isNew = false;

  readonly #hash: SeededHash;
  readonly #key = new DataView(new ArrayBuffer(KEY_BYTES));
  readonly #maxTargets: number;

  /** At most `limit` records; `maxTargets` is the highest threshold of distinct targets. */
  constructor(limit: number, windowMicros: number, maxTargets: number, hash: SeededHash, clock: PacketClock) {
    const fields = FIRST_TARGET + Math.ceil(maxTargets / 2) * 2;
    const lifetimeMicros = windowMicros + LATE_MICROS;
    this.table = new KeyedTable(limit, fields, [lifetimeMicros, lifetimeMicros, lifetimeMicros], clock, 1);
    this.#hash = hash;
    this.#maxTargets = maxTargets;
  }

  /**
   * Counts evidence of a source; what has to come to `threshold` are its distinct targets, or else all of it. Returns how
   * much belongs to what came there: 0 below that, then all there was in the window (`isNew`), then 1 at a time.
   */
  count(evidence: Evidence, threshold: number, isByTarget: boolean): number {
    const { table } = this;
    const slot = this.#slotOf(evidence);
    const count = table.field(slot, COUNT) + 1;
    table.setField(slot, COUNT, count);
    this.isNew = false;
    if (table.queueOf(slot) === Queue.found) return 1;
    const reached = isByTarget ? this.#addTarget(slot, evidence.target) : count;
    if (reached < threshold) {
      if (reached === 2 && table.queueOf(slot) === Queue.once) table.move(slot, Queue.several);
      return 0;
    }
    table.move(slot, Queue.found);
    this.isNew = true;
    return count;
  }

  /** Forgets some of what is over. Returns whether there may be more. */
  expire(): boolean {
    const { table } = this;
    return table.removeDue(Queue.once) + table.removeDue(Queue.several) + table.removeDue(Queue.found) > 0;
  }

  /** The record of the evidence's source and window, made if need be. */
  #slotOf({ kind, sourceFirst, sourceSecond, window }: Evidence): number {
    const { table } = this;
    const hash = this.#hash;
    const key = this.#key;
    key.setInt32(0, sourceFirst);
    key.setInt32(4, sourceSecond);
    key.setInt32(8, window);
    key.setInt32(12, kind);
    hash.hash(key, 0, KEY_BYTES);
    const { low, high } = hash;
    let slot = table.find(low, high);
    if (slot >= 0) return slot;
    this.expire();
    if (table.size === table.limit) table.evict(table.victim(), false);
    slot = table.insert(low, high, Queue.once);
    table.clearFields(slot);
    return slot;
  }

  /** Returns how many distinct targets there are now. */
  #addTarget(slot: number, target: number): number {
    const { table } = this;
    const count = table.field(slot, TARGET_COUNT);
    for (let i = 0; i < count; i++) if (table.field(slot, FIRST_TARGET + i) === target) return count;
    if (count === this.#maxTargets) return count;
    table.setField(slot, FIRST_TARGET + count, target);
    table.setField(slot, TARGET_COUNT, count + 1);
    return count + 1;
  }
}
