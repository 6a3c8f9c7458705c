// SPDX-License-Identifier: Apache-2.0

const STEPS = 22;

/**
 * Queues of a `KeyedTable` for records that live as long as peers say, a time of its own for each. The queues live 1,
 * 2, 4 ... 2^21 s; a record waits in the longest that does not outlive it. When it is due there and its own time has
 * not come, it steps down to the queue that fits the rest: each step at least halves what is left, so that a record
 * moves a few times in its life and ends at most a second late.
 */
export class LifetimeLadder {
  static readonly lifetimesMicros: readonly number[] = Array.from({ length: STEPS }, (_, i) => 2 ** i * 1e6);

  /** The first of the queues. */
  readonly first: number;
  /** The last of the queues. */
  readonly last: number;

  constructor(first: number) {
    this.first = first;
    this.last = first + STEPS - 1;
  }

  /** The queue for a record with this time left. */
  queueFor(micros: number): number {
    const seconds = micros / 1e6;
    const step = seconds < 1 ? 0 : seconds >= 2 ** (STEPS - 1) ? STEPS - 1 : 31 - Math.clz32(seconds | 0);
    return this.first + step;
  }
}
