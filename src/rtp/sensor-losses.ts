// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';

/** Seconds that are remembered: more than the longest interval. */
const SECONDS = 128;
/** The sensor is told of its losses up to a second late. */
const MARGIN_SECONDS = 1;

/** The seconds of packet time in which the sensor itself lost packets. */
export class SensorLosses {
  readonly #clock: PacketClock;
  /** By second modulo `SECONDS`: the last second that had losses. */
  readonly #seconds = new Float64Array(SECONDS).fill(-1);

  constructor(clock: PacketClock) {
    this.#clock = clock;
  }

  /** The sensor lost packets about now. */
  note(): void {
    const second = Math.floor(this.#clock.micros / 1e6);
    this.#seconds[second % SECONDS] = second;
  }

  /** Whether there were losses in a time or within a second of it. */
  touch(beginMicros: number, endMicros: number): boolean {
    const first = Math.floor(beginMicros / 1e6) - MARGIN_SECONDS;
    const last = Math.min(Math.floor(endMicros / 1e6) + MARGIN_SECONDS, first + SECONDS - 1);
    for (let second = first; second <= last; second++) {
      if (second >= 0 && this.#seconds[second % SECONDS] === second) return true;
    }
    return false;
  }
}
