// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, seriesPerContext, spaceLabels } from '../metrics/definition.ts';
import { escapeLabelValue } from './text-format.ts';

/** The cells of one family in one context of one shard, and the first series they are the values of. */
interface Block {
  readonly cells: Float64Array;
  readonly base: number;
  readonly firstSeries: number;
}

/** `name="value"` of the own labels of each series in a context, in the order of the cells (row-major). */
function ownLabelTexts(definition: FamilyDefinition): string[] {
  let texts = [''];
  for (const { name, values } of definition.labels) {
    texts = texts.flatMap((text) =>
      values.map((value) => `${text}${text && ','}${name}="${escapeLabelValue(value)}"`),
    );
  }
  return texts;
}

/**
 * Every series of one family. What never changes of a series, its name and labels, is prepared once; what shards hold
 * is added up by `sum`. Series with the same labels in several shards are one series.
 */
export class FamilySeries {
  readonly definition: FamilyDefinition;
  /** `name{label="value"} ` of each series, ready for a value. */
  readonly prefixes: string[] = [];
  /** Values of the context labels of each context; a context has `seriesPerContext` series in a row. */
  readonly contexts: (readonly string[])[] = [];
  /** Value of each series at the last `sum`. */
  values: Float64Array = new Float64Array(0);

  readonly #contextNumbers = new Map<string, number>();
  readonly #blocks: Block[] = [];
  /** For a ratio: what the numerators in `values` are divided by. */
  #denominators = new Float64Array(0);

  constructor(definition: FamilyDefinition) {
    this.definition = definition;
  }

  /** Adds what a shard has in a context, beginning at `base`. */
  addBlock(contextValues: readonly string[], cells: Float64Array, base: number): void {
    const firstSeries = this.addContext(contextValues) * seriesPerContext(this.definition);
    this.#blocks.push({ cells, base, firstSeries });
  }

  /** The place in `contexts` of a tuple of label values; its series are made if they are new. */
  addContext(contextValues: readonly string[]): number {
    const key = JSON.stringify(contextValues);
    const known = this.#contextNumbers.get(key);
    if (known !== undefined) return known;
    this.#contextNumbers.set(key, this.contexts.length);
    this.contexts.push(contextValues);
    const { name, space } = this.definition;
    const shared = spaceLabels[space]!.map(
      (label, i) => `${label}="${escapeLabelValue(contextValues[i]!)}"`,
    ).join();
    for (const own of ownLabelTexts(this.definition)) {
      const labels = `${shared}${shared && own && ','}${own}`;
      // join() makes one flat string; a concatenation would stay a tree that every scrape walks again.
      this.prefixes.push(labels ? [name, '{', labels, '} '].join('') : `${name} `);
    }
    this.values = new Float64Array(this.prefixes.length);
    if (this.definition.type === 'ratio') this.#denominators = new Float64Array(this.prefixes.length);
    return this.contexts.length - 1;
  }

  /** Adds up the shards into `values`. Ratios are divided after that: NaN where the denominator is 0. */
  sum(): void {
    this.values.fill(0);
    if (this.definition.type === 'ratio') this.#sumRatios();
    else this.#sumCells();
  }

  #sumCells(): void {
    const values = this.values;
    const count = seriesPerContext(this.definition);
    for (const { cells, base, firstSeries } of this.#blocks) {
      for (let i = 0; i < count; i++) values[firstSeries + i]! += cells[base + i]!;
    }
  }

  #sumRatios(): void {
    const values = this.values;
    const denominators = this.#denominators.fill(0);
    const count = seriesPerContext(this.definition);
    for (const { cells, base, firstSeries } of this.#blocks) {
      for (let i = 0; i < count; i++) {
        values[firstSeries + i]! += cells[base + 2 * i]!;
        denominators[firstSeries + i]! += cells[base + 2 * i + 1]!;
      }
    }
    for (let i = 0; i < values.length; i++) {
      values[i] = denominators[i] === 0 ? Number.NaN : values[i]! / denominators[i]!;
    }
  }
}
