// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';

const BUCKETS = 30;

/** Counts over the last `windowMicros` of packet time, in steps of a thirtieth of it. */
export class SlidingWindow {
  /** By column; up to date after `add` and `advance`. */
  readonly totals: Float64Array;

  readonly #clock: PacketClock;
  readonly #bucketMicros: number;
  /** The columns of each bucket in a row. */
  readonly #counts: Float64Array;
  /** Number of the newest bucket since the epoch. */
  #newest = 0;

  constructor(windowMicros: number, columns: number, clock: PacketClock) {
    this.totals = new Float64Array(columns);
    this.#clock = clock;
    this.#bucketMicros = windowMicros / BUCKETS;
    this.#counts = new Float64Array(BUCKETS * columns);
  }

  /** Counts one in a column. */
  add(column: number): void {
    this.advance();
    this.#counts[(this.#newest % BUCKETS) * this.totals.length + column]!++;
    this.totals[column]!++;
  }

  /** Forgets what has left the window. Time that runs backwards stays in the newest bucket. */
  advance(): void {
    const bucket = Math.floor(this.#clock.micros / this.#bucketMicros);
    const steps = Math.min(bucket - this.#newest, BUCKETS);
    if (steps <= 0) return;
    for (let step = 1; step <= steps; step++) this.#forget((bucket - steps + step) % BUCKETS);
    this.#newest = bucket;
  }

  #forget(bucket: number): void {
    const { length } = this.totals;
    for (let column = 0; column < length; column++) {
      this.totals[column]! -= this.#counts[bucket * length + column]!;
      this.#counts[bucket * length + column] = 0;
    }
  }
}

const units: readonly (readonly [number, string])[] = [
  [3_600_000_000, 'h'],
  [60_000_000, 'm'],
  [1_000_000, 's'],
  [1000, 'ms'],
];

/** A window as the label `window` has it, and as it is written in options: `5m`, `90s`. */
export function windowText(windowMicros: number): string {
  const [size, unit] = units.find(([micros]) => windowMicros % micros === 0) ?? [1, 'us'];
  return `${windowMicros / size}${unit}`;
}
