// SPDX-License-Identifier: Apache-2.0
import { cellsPerTuple } from './definition.ts';
import type { ExemplarSubject } from './exemplars.ts';
import { families, familyId } from './families.ts';
import { NATIVE_CELLS, NativeBuckets } from './native-buckets.ts';
import type { ShardWriter } from './shard-writer.ts';

/** A family of distributions, ready to observe: few comparisons and two adds. */
export class Histogram {
  readonly #writer: ShardWriter;
  readonly #family: number;
  readonly #bases: Int32Array;
  readonly #cells: Float64Array;
  /** Upper bounds in the units of the values. */
  readonly #bounds: Int32Array;
  readonly #cellsPerTuple: number;
  /** Undefined where native histograms are not wanted. */
  readonly #native: NativeBuckets | undefined;
  readonly #nativeBases: Int32Array;
  readonly #nativeCells: Float64Array;

  constructor(writer: ShardWriter, name: string) {
    this.#writer = writer;
    this.#family = familyId(name);
    this.#bases = writer.basesOf(this.#family);
    this.#cells = writer.memory.cells;
    const definition = families[this.#family]!;
    if (definition.type !== 'histogram') throw new Error(`${name} is no histogram`);
    this.#bounds = Int32Array.from(definition.buckets, (bound) =>
      Math.round(bound * definition.unitsPerBase),
    );
    this.#cellsPerTuple = cellsPerTuple(definition);
    this.#native = writer.hasNativeHistograms ? new NativeBuckets(definition.unitsPerBase) : undefined;
    this.#nativeBases = writer.nativeBasesOf(this.#family);
    this.#nativeCells = writer.memory.nativeCells;
  }

  /**
   * Observes a value in whole units of the family, 0 to 2^31-1, in the distribution at `index` of the family's own
   * labels. An integer, because V8 boxes a double that it passes to a function it does not inline. Bounds are tried
   * from below: there are few, and what is observed most often is small (bench metrics/histogram).
   */
  observe(context: number, index: number, value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    let base = this.#bases[context]!;
    if (base < 0) base = this.#writer.open(this.#family, context);
    base += index * this.#cellsPerTuple;
    this.#cells[base + bucket]!++;
    this.#cells[base + bounds.length + 1]! += value;
    if (this.#native !== undefined && value > 0) this.#observeNative(this.#native, context, index, value);
  }

  /**
   * Remembers what was just observed as an exemplar of the call that `subject` names. Only for who knows that it is of that
   * call.
   */
  exemplify(context: number, index: number, value: number, subject: ExemplarSubject): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    subject.note(this.#bases[context]! + index * this.#cellsPerTuple + bucket, value);
  }

  #observeNative(native: NativeBuckets, context: number, index: number, value: number): void {
    this.#nativeCells[this.#nativeBases[context]! + index * NATIVE_CELLS + native.cellOf(value)]!++;
  }
}
