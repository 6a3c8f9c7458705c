// SPDX-License-Identifier: Apache-2.0
import {
  cellsPerTuple,
  type FamilyDefinition,
  type HistogramDefinition,
  labelNames,
  labelTuples,
  seriesPerContext,
  seriesPerTuple,
  tuplesPerContext,
} from '../metrics/definition.ts';
import type { Exemplar } from '../metrics/exemplars.ts';
import { NATIVE_CELLS } from '../metrics/native-buckets.ts';
import type { ShardMemory } from '../metrics/shard-memory.ts';
import { boundText, escapeLabelValue } from './text-format.ts';

/** The cells of one family in one context of one shard, and the first series they are the values of. */
interface Block {
  readonly shard: ShardMemory;
  readonly cells: Float64Array;
  readonly base: number;
  /** First cell of native histograms, or -1. */
  readonly nativeBase: number;
  readonly firstSeries: number;
}

/** `name="value"` of each label that has one, joined by commas. */
function labelText(names: readonly string[], values: readonly string[]): string {
  return names
    .flatMap((name, i) => (values[i] === '' ? [] : `${name}="${escapeLabelValue(values[i]!)}"`))
    .join();
}

/** join() makes one flat string; a concatenation would stay a tree that every scrape walks again. */
function prefix(name: string, labels: string): string {
  return labels ? [name, '{', labels, '} '].join('') : `${name} `;
}

/** The prefixes of one tuple: of a histogram its buckets in ascending order, sum and count. */
function tuplePrefixes(definition: FamilyDefinition, labels: string): string[] {
  const { name } = definition;
  if (definition.type !== 'histogram') return [prefix(name, labels)];
  const before = labels && `${labels},`;
  const bounds = [...definition.buckets.map(boundText), '+Inf'];
  return [
    ...bounds.map((bound) => prefix(`${name}_bucket`, `${before}le="${bound}"`)),
    prefix(`${name}_sum`, labels),
    prefix(`${name}_count`, labels),
  ];
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
  /** For a ratio what the numerators in `values` are divided by, for `latest` the times of the values. */
  #secondCells = new Float64Array(0);

  constructor(definition: FamilyDefinition) {
    this.definition = definition;
  }

  /** Adds what a shard has in a context, beginning at `base`, and of native histograms at `nativeBase`, if not -1. */
  addBlock(contextValues: readonly string[], shard: ShardMemory, base: number, nativeBase: number): void {
    const firstSeries = this.addContext(contextValues) * seriesPerContext(this.definition);
    this.#blocks.push({ shard, cells: shard.cells, base, nativeBase, firstSeries });
  }

  /** The place in `contexts` of a tuple of label values; its series are made if they are new. */
  addContext(contextValues: readonly string[]): number {
    const key = JSON.stringify(contextValues);
    const known = this.#contextNumbers.get(key);
    if (known !== undefined) return known;
    this.#contextNumbers.set(key, this.contexts.length);
    this.contexts.push(contextValues);
    const { definition } = this;
    const names = labelNames(definition);
    for (const tuple of labelTuples(definition)) {
      const labels = labelText(names, [...contextValues, ...tuple]);
      this.prefixes.push(...tuplePrefixes(definition, labels));
    }
    this.values = new Float64Array(this.prefixes.length);
    if (cellsPerTuple(definition) === 2) this.#secondCells = new Float64Array(this.prefixes.length);
    return this.contexts.length - 1;
  }

  /** Adds up the shards into `values`. Ratios are divided after that: NaN where the denominator is 0. */
  sum(): void {
    const { definition } = this;
    this.values.fill(0);
    if (definition.type === 'ratio') this.#sumRatios();
    else if (definition.type === 'latest') this.#takeLatest();
    else if (definition.type === 'histogram') this.#sumHistograms(definition);
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
    const denominators = this.#secondCells.fill(0);
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

  #takeLatest(): void {
    const values = this.values.fill(Number.NaN);
    const times = this.#secondCells.fill(0);
    const count = seriesPerContext(this.definition);
    for (const { cells, base, firstSeries } of this.#blocks) {
      for (let i = 0; i < count; i++) {
        const time = cells[base + 2 * i + 1]!;
        if (time <= times[firstSeries + i]!) continue;
        values[firstSeries + i] = cells[base + 2 * i]!;
        times[firstSeries + i] = time;
      }
    }
  }

  /** A count is what its buckets add up to, so that both agree even while a worker writes. */
  #sumHistograms(definition: HistogramDefinition): void {
    const values = this.values;
    const tuples = tuplesPerContext(definition);
    const cellCount = cellsPerTuple(definition);
    const seriesCount = seriesPerTuple(definition);
    for (const { cells, base, firstSeries } of this.#blocks) {
      for (let tuple = 0; tuple < tuples; tuple++) {
        const from = base + tuple * cellCount;
        const to = firstSeries + tuple * seriesCount;
        for (let i = 0; i < cellCount; i++) values[to + i]! += cells[from + i]!;
      }
    }
    const sum = cellCount - 1;
    for (let first = 0; first < values.length; first += seriesCount) {
      for (let i = 1; i < sum; i++) values[first + i]! += values[first + i - 1]!;
      values[first + sum]! /= definition.unitsPerBase;
      values[first + sum + 1] = values[first + sum - 1]!;
    }
  }

  /**
   * Adds up the cells of native histograms of all tuples, `NATIVE_CELLS` each; undefined where there are none. Only the
   * formats that can show them need it.
   */
  sumNative(): Float64Array | undefined {
    if (!this.#blocks.some(({ nativeBase }) => nativeBase >= 0)) return undefined;
    const seriesCount = seriesPerTuple(this.definition);
    const sums = new Float64Array((this.values.length / seriesCount) * NATIVE_CELLS);
    const count = tuplesPerContext(this.definition) * NATIVE_CELLS;
    for (const { shard, nativeBase, firstSeries } of this.#blocks) {
      const to = (firstSeries / seriesCount) * NATIVE_CELLS;
      if (nativeBase < 0) continue;
      for (let i = 0; i < count; i++) sums[to + i]! += shard.nativeCells[nativeBase + i]!;
    }
    return sums;
  }

  /** The newest exemplars, by the series of the bucket they are in. */
  exemplars(): ReadonlyMap<number, Exemplar> {
    const newest = new Map<number, Exemplar>();
    const tuples = tuplesPerContext(this.definition);
    const cellCount = cellsPerTuple(this.definition);
    const seriesCount = seriesPerTuple(this.definition);
    for (const { shard, base, firstSeries } of this.#blocks) {
      for (let tuple = 0; tuple < tuples; tuple++) {
        // The last cell is the sum.
        for (let bucket = 0; bucket < cellCount - 1; bucket++) {
          const exemplar = shard.exemplars.read(base + tuple * cellCount + bucket);
          const series = firstSeries + tuple * seriesCount + bucket;
          if (exemplar && exemplar.micros > (newest.get(series)?.micros ?? -1)) newest.set(series, exemplar);
        }
      }
    }
    return newest;
  }
}

/** A family of distributions. */
export type HistogramSeries = FamilySeries & { readonly definition: HistogramDefinition };

export function isHistogram(family: FamilySeries): family is HistogramSeries {
  return family.definition.type === 'histogram';
}
