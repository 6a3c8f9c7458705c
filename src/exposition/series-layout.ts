// SPDX-License-Identifier: Apache-2.0
import { spaceLabels } from '../metrics/definition.ts';
import { families, familyId } from '../metrics/families.ts';
import { BLOCK_SIZE, CONTEXT_SIZE, Header, type ShardMemory } from '../metrics/shard-memory.ts';
import { FamilySeries } from './family-series.ts';

/** How many blocks of a shard are in the layout. */
interface ShardProgress {
  readonly shard: ShardMemory;
  blockCount: number;
}

/**
 * The reading side of the shards: every series there is and its value, for a renderer of whatever format. A family
 * that no shard has a block of has no series. Blocks are only ever added to a shard, so a refresh reads the new ones
 * and adds up.
 */
export class SeriesLayout {
  /** What is shown, in the order of the exposition. */
  readonly families: readonly FamilySeries[];

  readonly #familiesById = families.map((definition) => new FamilySeries(definition));
  readonly #shards: ShardProgress[];

  /** `isShown` tells by its name whether a family is wanted at all. */
  constructor(shards: readonly ShardMemory[], isShown: (name: string) => boolean = () => true) {
    this.families = this.#familiesById.filter(({ definition }) => isShown(definition.name));
    this.#shards = shards.map((shard) => ({ shard, blockCount: 0 }));
  }

  /** Brings the series and their values up to date. */
  refresh(): void {
    for (const progress of this.#shards) this.#addBlocks(progress);
    for (const family of this.#familiesById) family.sum();
    const seriesCounts = this.#familiesById[metricSeries]!;
    // Counted here and nowhere else; the cells that shards have for it stay 0.
    seriesCounts.addContext([]);
    for (const [id, family] of this.#familiesById.entries()) seriesCounts.values[id] = family.prefixes.length;
  }

  /**
   * Sum of the values of a family's series at the last refresh, 0 without any; for a family of one series its value.
   * `parts` choose those whose name and labels contain each of them, such as `state="early"`, or `_count` of a histogram.
   */
  total(name: string, ...parts: readonly string[]): number {
    const { prefixes, values } = this.#familiesById[familyId(name)]!;
    const isWanted = (prefix: string): boolean => parts.every((part) => prefix.includes(part));
    return values.reduce((sum, value, i) => (isWanted(prefixes[i]!) ? sum + value : sum), 0);
  }

  #addBlocks(progress: ShardProgress): void {
    const { shard } = progress;
    const { blocks, contexts } = shard;
    const blockCount = Atomics.load(shard.header, Header.blockCount);
    for (let block = progress.blockCount; block < blockCount; block++) {
      const family = blocks[block * BLOCK_SIZE]!;
      const context = blocks[block * BLOCK_SIZE + 1]! * CONTEXT_SIZE;
      const base = blocks[block * BLOCK_SIZE + 2]!;
      const labels = spaceLabels[contexts[context]!]!;
      const values = labels.map((_, i) => shard.text(contexts[context + 1 + i]!));
      this.#familiesById[family]!.addBlock(values, shard, base, blocks[block * BLOCK_SIZE + 3]!);
    }
    progress.blockCount = blockCount;
  }
}

const metricSeries = familyId('ringtap_metric_series');
