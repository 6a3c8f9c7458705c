// SPDX-License-Identifier: Apache-2.0

/** Words of a worker in memory of floors: a cache line. */
const FLOOR_WORDS = 16;
/** How long is waited for another worker that is behind: then the order of time is given up, not what waits. */
export const PATIENCE_MICROS = 3_000_000;
/** What is that far ahead was captured before the clock was set back: order is lost, it does not wait. */
export const FUTURE_MICROS = 1_000_000;
/** Floors are in units of the least difference of two times now: they are exact, and which is later is told for 9 minutes. */
const UNITS_PER_MICRO = 4;

/** Floors, times from before which a worker has nothing left: now. Each worker writes its own, all read. */
export function newFloors(workers: number, nowMicros: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(workers * FLOOR_WORDS * 4)).fill(
    (nowMicros * UNITS_PER_MICRO) | 0,
  );
}

/** Writes the floor of a worker. */
export function writeFloor(floors: Int32Array, worker: number, micros: number): void {
  Atomics.store(floors, worker * FLOOR_WORDS, (micros * UNITS_PER_MICRO) | 0);
}

/** Microseconds from now to the floor of a worker, below 0 where it is past. */
export function microsToFloor(floors: Int32Array, worker: number, nowMicros: number): number {
  const floor = Atomics.load(floors, worker * FLOOR_WORDS);
  return ((floor - nowMicros * UNITS_PER_MICRO) | 0) / UNITS_PER_MICRO;
}
