// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { Finding } from './abuse-events.ts';

/** Findings told in a second of packet time: a log is for people. */
const MAX_PER_SECOND = 5;

/** Tells findings one by one, but not more than can be read. */
export class Findings {
  readonly #clock: PacketClock;
  readonly #tell: (finding: Finding) => void;
  #second = -1;
  #told = 0;
  #untold = 0;

  constructor(clock: PacketClock, tell: (finding: Finding) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Whether there is room for one more; else it is counted. */
  hasRoom(): boolean {
    const second = Math.floor(this.#clock.micros / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.#told = 0;
    }
    if (this.#told < MAX_PER_SECOND) return true;
    this.#untold++;
    return false;
  }

  /** Tells one, after `hasRoom` said that there is room. */
  tell(finding: Omit<Finding, 'untold'>): void {
    this.#told++;
    this.#tell({ ...finding, untold: this.#untold });
    this.#untold = 0;
  }
}
