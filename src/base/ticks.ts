// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from './packet-clock.ts';

/** Steps of one `advance`: what a million dialogs that end together would take is spread over many packets. */
const MAX_STEPS = 1024;

const Time = {
  /** The earliest deadline, then its tick. */
  due: 0,
  /** Everything up to this tick has ended, unless there is a backlog: then up to the one before. */
  lastTick: 1,
  /** There is nothing to do before; 0 while there is a backlog. */
  next: 2,
} as const;

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
  /** Times by `Time`: cells, because a double in a field, or one that is returned, may be boxed. */
  readonly #times = new Float64Array(3);

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
    return this.#clock.micros >= this.#times[Time.next]! && this.#pass();
  }

  #pass(): boolean {
    const clock = this.#clock;
    const nowMicros = clock.micros;
    const tickMicros = this.#tickMicros;
    const times = this.#times;
    let steps = 0;
    for (;;) {
      const before = steps;
      this.#findNextDue();
      const dueMicros = times[Time.due]!;
      if (dueMicros > nowMicros) break;
      clock.next[0] = dueMicros;
      clock.setBack();
      times[Time.lastTick] = dueMicros;
      for (let index = 0; index < this.#expiring.length; index++) {
        while (steps < MAX_STEPS && this.#expiring[index]!.expire()) steps++;
      }
      clock.next[0] = nowMicros;
      clock.setBack();
      if (steps === MAX_STEPS) {
        times[Time.next] = 0;
        return true;
      }
      if (steps === before) break;
    }
    const lastTickMicros = Math.floor(nowMicros / tickMicros) * tickMicros;
    times[Time.lastTick] = lastTickMicros;
    times[Time.next] = lastTickMicros + tickMicros;
    return false;
  }

  /** The tick of the earliest deadline; after a packet that came a little late that may have been. */
  #findNextDue(): void {
    const times = this.#times;
    const tickMicros = this.#tickMicros;
    times[Time.due] = Number.MAX_VALUE;
    // Too rare to be compiled: an iterator would be allocated each time (4 bytes a packet, pipeline/full-calls-media).
    for (let index = 0; index < this.#expiring.length; index++) this.#expiring[index]!.noteDue(times);
    // A quotient might be rounded to the tick before; remainders are exact.
    const earliestMicros = times[Time.due]!;
    const sinceTickMicros = earliestMicros % tickMicros;
    const dueMicros = sinceTickMicros === 0 ? earliestMicros : earliestMicros - sinceTickMicros + tickMicros;
    times[Time.due] = Math.max(dueMicros, times[Time.lastTick]!);
  }
}
