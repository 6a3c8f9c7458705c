// SPDX-License-Identifier: Apache-2.0

/**
 * Resolution of native histograms: 2^2 buckets for each doubling, so that a bound is 19 % above the one before it. Bucket i
 * holds what is above 2^((i-1)/4) and at most 2^(i/4).
 */
export const NATIVE_SCHEMA = 2;
const BUCKETS_PER_DOUBLING = 2 ** NATIVE_SCHEMA;
/** Values are whole units from 1 to 2^31-1; 0 is in no cell. */
export const NATIVE_CELLS: number = 31 * BUCKETS_PER_DOUBLING + 1;

/** The buckets of a distribution whose values come in whole units. */
export class NativeBuckets {
  /** Index of the bucket that the first cell counts. */
  readonly first: number;
  /** Upper bounds in units, by cell. */
  readonly #bounds: Float64Array;
  /** By the number of leading zeros of a value: the first cell it can be in. */
  readonly #start = new Uint8Array(33);

  /** `unitsPerBase` units make a base unit, in which the bounds are powers of 2^(1/4). */
  constructor(unitsPerBase: number) {
    this.first = Math.ceil(-Math.log2(unitsPerBase) * BUCKETS_PER_DOUBLING);
    this.#bounds = Float64Array.from(
      { length: NATIVE_CELLS },
      (_, cell) => unitsPerBase * 2 ** ((this.first + cell) / BUCKETS_PER_DOUBLING),
    );
    for (let zeros = 1; zeros <= 31; zeros++) this.#start[zeros] = this.#search(2 ** (31 - zeros));
  }

  /** The cell of a value from 1 to 2^31-1: at most five bounds are looked at. */
  cellOf(value: number): number {
    const bounds = this.#bounds;
    let cell = this.#start[Math.clz32(value)]!;
    while (value > bounds[cell]!) cell++;
    return cell;
  }

  #search(value: number): number {
    return this.#bounds.findIndex((bound) => value <= bound);
  }
}
