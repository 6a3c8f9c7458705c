// SPDX-License-Identifier: Apache-2.0
import { cellsPerContext } from './definition.ts';
import { families } from './families.ts';

/** Limits of a shard's memory; fixed when it is made. */
export interface SeriesBudget {
  /** Series of one family. */
  readonly maxSeriesPerFamily: number;
  /** Series of all families together. */
  readonly maxSeries: number;
}

/** Words of the header. */
export const Header = { textCount: 0, contextCount: 1, blockCount: 2, cellCount: 3, size: 4 } as const;

/** Contexts a shard can hold, and distinct label texts. */
export const MAX_CONTEXTS = 2048;
export const MAX_TEXTS = 2048;
/** Bytes of one label text: its length, then up to 63 bytes of UTF-8. */
export const TEXT_SIZE = 64;
/** Words of a context: space and up to three texts. */
export const CONTEXT_SIZE = 4;
/** Words of a block: family, context, first cell. */
export const BLOCK_SIZE = 3;

/**
 * The memory a worker shares with the main thread. The worker alone writes; a count in the header is raised last and
 * atomically, so whatever a reader finds below a count is complete. Values are plain doubles, aligned, one writer.
 *
 *     header | texts (64 bytes each) | contexts (4 words) | blocks (3 words) | cells (doubles)
 */
export class ShardMemory {
  readonly buffer: SharedArrayBuffer;
  readonly header: Int32Array;
  readonly texts: Uint8Array;
  readonly contexts: Int32Array;
  readonly blocks: Int32Array;
  readonly cells: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    let offset = 0;
    const take = (bytes: number): number => {
      const start = offset;
      offset += Math.ceil(bytes / 8) * 8;
      return start;
    };
    const header = take(Header.size * 4);
    const texts = take(MAX_TEXTS * TEXT_SIZE);
    const contexts = take(MAX_CONTEXTS * CONTEXT_SIZE * 4);
    const blocks = take(maxBlocks * BLOCK_SIZE * 4);
    this.header = new Int32Array(buffer, header, Header.size);
    this.texts = new Uint8Array(buffer, texts, MAX_TEXTS * TEXT_SIZE);
    this.contexts = new Int32Array(buffer, contexts, MAX_CONTEXTS * CONTEXT_SIZE);
    this.blocks = new Int32Array(buffer, blocks, maxBlocks * BLOCK_SIZE);
    this.cells = new Float64Array(buffer, offset);
  }

  /** Memory for the budget; pages are touched only as series come. */
  static allocate(budget: SeriesBudget): ShardMemory {
    // Besides the budget each family may need its block of "other", and a ratio has two cells a series.
    const cells = budget.maxSeries * 2 + families.reduce((sum, family) => sum + cellsPerContext(family), 0);
    const fixed =
      Header.size * 4 + MAX_TEXTS * TEXT_SIZE + MAX_CONTEXTS * CONTEXT_SIZE * 4 + maxBlocks * BLOCK_SIZE * 4;
    return new ShardMemory(new SharedArrayBuffer(Math.ceil(fixed / 8) * 8 + 64 + cells * 8));
  }
}

/** Every family in every context. */
const maxBlocks = MAX_CONTEXTS * families.length;
