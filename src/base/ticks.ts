// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from './packet-clock.ts';

/** Steps of one `advance`: what a million dialogs that end together would take is spread over many packets. */
const MAX_STEPS = 1024;

/** Something whose records end in packet time. */
export interface Expiring {
  /** Lowers the time in a cell to when the first of its records is due, if that is earlier. */
  noteDue(earliestMicros: Float64Array): void;
  /** One step: ends a few records, or looks at one, of those due at the time of the clock. Returns whether there was one. */
  expire(): boolean;
}

/**
 * What is due ends at the next multiple of a tick in packet time, as of that time, and in the order of time: what else there is
 * to see must not decide otherwise, neither another worker, which sees other packets, nor a capture that has more in it.
 *
 *     packets      |            |                                   |    the third finds all done as of ticks 2, 3 and 7
 *     deadlines       x    x  x     x                      x
 *     ticks        1          2          3          4  5  6         7
 */
export class Ticks {
  readonly #clock: PacketClock;
  readonly #tickMicros: number;
  readonly #expiring: readonly Expiring[];
  /** Of the earliest deadline: a double that is returned may be boxed. */
  readonly #earliestMicros = new Float64Array(1);
  /** Everything up to this tick has ended, unless there is a backlog: then up to the one before. */
  #lastTickMicros = 0;
  /** There is nothing to do before; 0 while there is a backlog. */
  #nextMicros = 0;

  /** What ends at the same tick ends in the order of `expiring`. */
  constructor(clock: PacketClock, tickMicros: number, expiring: readonly Expiring[]) {
    this.#clock = clock;
    this.#tickMicros = tickMicros;
    this.#expiring = expiring;
  }

  /**
   * Ends what was due at the last tick; to be called whenever the clock was set. Does so much at a time: returns whether
   * there is more to do, which the next call goes on with.
   */
  advance(): boolean {
    return this.#clock.micros >= this.#nextMicros && this.#pass();
  }

  #pass(): boolean {
    const clock = this.#clock;
    const nowMicros = clock.micros;
    const tickMicros = this.#tickMicros;
    let steps = 0;
    for (;;) {
      const before = steps;
      const dueMicros = this.#nextDueMicros();
      if (dueMicros > nowMicros) break;
      clock.setBack(dueMicros);
      this.#lastTickMicros = dueMicros;
      for (const expiring of this.#expiring) while (steps < MAX_STEPS && expiring.expire()) steps++;
      clock.setBack(nowMicros);
      if (steps === MAX_STEPS) {
        this.#nextMicros = 0;
        return true;
      }
      if (steps === before) break;
    }
    this.#lastTickMicros = Math.floor(nowMicros / tickMicros) * tickMicros;
    this.#nextMicros = this.#lastTickMicros + tickMicros;
    return false;
  }

  /** The tick of the earliest deadline; after a packet that came a little late that may have been. */
  #nextDueMicros(): number {
    const earliest = this.#earliestMicros;
    const tickMicros = this.#tickMicros;
    earliest[0] = Number.MAX_VALUE;
    for (const expiring of this.#expiring) expiring.noteDue(earliest);
    // A quotient might be rounded to the tick before; remainders are exact.
    const sinceTickMicros = earliest[0] % tickMicros;
    const dueMicros = sinceTickMicros === 0 ? earliest[0] : earliest[0] - sinceTickMicros + tickMicros;
    return Math.max(dueMicros, this.#lastTickMicros);
  }
}
