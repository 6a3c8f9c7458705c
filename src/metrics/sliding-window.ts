// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';

const BUCKETS = 30;

/** Numerator and denominator of a ratio over the last `windowMicros` of packet time, in steps of a thirtieth of it. */
export class SlidingWindow {
  numerator = 0;
  denominator = 0;

  readonly #clock: PacketClock;
  readonly #bucketMicros: number;
  readonly #numerators = new Float64Array(BUCKETS);
  readonly #denominators = new Float64Array(BUCKETS);
  /** Number of the newest bucket since the epoch. */
  #newest = 0;

  constructor(windowMicros: number, clock: PacketClock) {
    this.#clock = clock;
    this.#bucketMicros = windowMicros / BUCKETS;
  }

  add(numerator: number, denominator: number): void {
    this.advance();
    const i = this.#newest % BUCKETS;
    this.#numerators[i]! += numerator;
    this.#denominators[i]! += denominator;
    this.numerator += numerator;
    this.denominator += denominator;
  }

  /**
   * Forgets what has left the window. Time that runs backwards stays in the newest bucket, but a clock that was set
   * back by more than the window begins anew.
   */
  advance(): void {
    const bucket = Math.floor(this.#clock.micros / this.#bucketMicros);
    const isSetBack = bucket < this.#newest - BUCKETS;
    const steps = isSetBack ? BUCKETS : Math.min(bucket - this.#newest, BUCKETS);
    if (steps <= 0) return;
    for (let step = 1; step <= steps; step++) {
      const i = (bucket - steps + step) % BUCKETS;
      this.numerator -= this.#numerators[i]!;
      this.denominator -= this.#denominators[i]!;
      this.#numerators[i] = 0;
      this.#denominators[i] = 0;
    }
    this.#newest = bucket;
  }
}
