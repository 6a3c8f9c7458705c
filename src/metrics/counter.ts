// SPDX-License-Identifier: Apache-2.0
import { familyId } from './families.ts';
import type { ShardWriter } from './shard-writer.ts';

/** A family of a shard, ready to count: an array read and an add (3 ns). */
export class Counter {
  readonly #writer: ShardWriter;
  readonly #family: number;
  readonly #bases: Int32Array;
  readonly #cells: Float64Array;

  constructor(writer: ShardWriter, name: string) {
    this.#writer = writer;
    this.#family = familyId(name);
    this.#bases = writer.basesOf(this.#family);
    this.#cells = writer.memory.cells;
  }

  /** Adds to the series at `index` of the family's own labels (row-major in their order) in a context. */
  add(context: number, index: number, amount: number): void {
    let base = this.#bases[context]!;
    if (base < 0) base = this.#writer.open(this.#family, context);
    this.#cells[base + index]! += amount;
  }

  /** Sets a gauge, or a counter whose sum is kept elsewhere. */
  set(context: number, index: number, value: number): void {
    this.#cells[this.#writer.base(this.#family, context) + index] = value;
  }
}
