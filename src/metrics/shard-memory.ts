// SPDX-License-Identifier: Apache-2.0
import { cellsPerContext, seriesPerTuple, tuplesPerContext } from './definition.ts';
import { EXEMPLAR_BYTES, EXEMPLAR_SLOTS, ExemplarMemory } from './exemplars.ts';
import { families } from './families.ts';
import { NATIVE_CELLS } from './native-buckets.ts';

/** Limits of a shard's memory; fixed when it is made. */
export interface SeriesBudget {
  /** Series of one family. */
  readonly maxSeriesPerFamily: number;
  /** Series of all families together. */
  readonly maxSeries: number;
  /** Distributions are counted in buckets of native histograms besides. */
  readonly hasNativeHistograms?: boolean;
  /** Of calls that are in a distribution some are remembered by their Call-ID. */
  readonly hasExemplars?: boolean;
}

/** Words of the header. */
export const Header = {
  textCount: 0,
  contextCount: 1,
  blockCount: 2,
  cellCount: 3,
  nativeCellCount: 4,
  /** Cells there are in all, before those of native histograms. */
  cellCapacity: 5,
  size: 6,
} as const;

/** Contexts a shard can hold, and distinct label texts. */
export const MAX_CONTEXTS = 4096;
export const MAX_TEXTS = 2048;
/** Bytes of one label text: its length, then up to 63 bytes of UTF-8. */
export const TEXT_SIZE = 64;
/** Words of a context: space and up to six texts. */
export const CONTEXT_SIZE = 7;
/** Words of a block: family, context, first cell, first cell of native histograms or -1. */
export const BLOCK_SIZE = 4;

/** Every family in every context. */
const MAX_BLOCKS = MAX_CONTEXTS * families.length;

const TEXTS_AT = Header.size * 4;
const CONTEXTS_AT = TEXTS_AT + MAX_TEXTS * TEXT_SIZE;
const BLOCKS_AT = CONTEXTS_AT + MAX_CONTEXTS * CONTEXT_SIZE * 4;
/** Doubles stand at multiples of their size. */
const EXEMPLARS_AT = Math.ceil((BLOCKS_AT + MAX_BLOCKS * BLOCK_SIZE * 4) / 8) * 8;
const CELLS_AT = EXEMPLARS_AT + EXEMPLAR_SLOTS * EXEMPLAR_BYTES;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The memory a worker shares with the main thread. The worker alone writes; a count in the header is raised last and
 * atomically, so whatever a reader finds below a count is complete. Values are plain doubles, aligned, one writer.
 *
 *     header | texts (64 bytes each) | contexts (7 words) | blocks (4 words) | exemplars | cells (doubles) | native cells
 */
export class ShardMemory {
  readonly buffer: SharedArrayBuffer;
  readonly header: Int32Array;
  readonly texts: Uint8Array;
  readonly contexts: Int32Array;
  readonly blocks: Int32Array;
  readonly cells: Float64Array;
  /** Of native histograms; none where they are not wanted. */
  readonly nativeCells: Float64Array;
  readonly exemplars: ExemplarMemory;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.header = new Int32Array(buffer, 0, Header.size);
    this.texts = new Uint8Array(buffer, TEXTS_AT, MAX_TEXTS * TEXT_SIZE);
    this.contexts = new Int32Array(buffer, CONTEXTS_AT, MAX_CONTEXTS * CONTEXT_SIZE);
    this.blocks = new Int32Array(buffer, BLOCKS_AT, MAX_BLOCKS * BLOCK_SIZE);
    this.exemplars = new ExemplarMemory(buffer, EXEMPLARS_AT);
    const cellCapacity = this.header[Header.cellCapacity]!;
    this.cells = new Float64Array(buffer, CELLS_AT, cellCapacity);
    this.nativeCells = new Float64Array(buffer, CELLS_AT + cellCapacity * 8);
  }

  /** Label text `id`; copied first, because another thread may not change what a decoder reads. */
  text(id: number): string {
    const start = id * TEXT_SIZE;
    return decoder.decode(this.texts.slice(start + 1, start + 1 + this.texts[start]!));
  }

  /** Memory for the budget; pages are touched only as series come. */
  static allocate(budget: SeriesBudget): ShardMemory {
    // Besides the budget each family may need its block of "other". A ratio has two cells a series, others one at most.
    const cells = budget.maxSeries * 2 + families.reduce((sum, family) => sum + cellsPerContext(family), 0);
    const nativeCells = budget.hasNativeHistograms ? nativeCapacity(budget) : 0;
    const buffer = new SharedArrayBuffer(CELLS_AT + (cells + nativeCells) * 8);
    new Int32Array(buffer, 0, Header.size)[Header.cellCapacity] = cells;
    return new ShardMemory(buffer);
  }
}

/** A distribution has `NATIVE_CELLS` beside the series that the budget counts. */
function nativeCapacity({ maxSeries }: SeriesBudget): number {
  const histograms = families.filter(({ type }) => type === 'histogram');
  const fewestSeries = Math.min(...histograms.map(seriesPerTuple));
  const others = histograms.reduce((sum, family) => sum + tuplesPerContext(family), 0);
  return (Math.ceil(maxSeries / fewestSeries) + others) * NATIVE_CELLS;
}
