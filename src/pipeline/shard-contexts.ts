// SPDX-License-Identifier: Apache-2.0
import { MAX_CONTEXTS, ShardMemory } from '../metrics/shard-memory.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';

/** Contexts of another worker's shard, in the own one. */
export class ShardContexts {
  readonly #shard: ShardMemory;
  readonly #writer: ShardWriter;
  /** By context there: the one here, -1 where that is not known yet. */
  readonly #contexts = new Int32Array(MAX_CONTEXTS).fill(-1);

  constructor(shard: SharedArrayBuffer, writer: ShardWriter) {
    this.#shard = new ShardMemory(shard);
    this.#writer = writer;
  }

  /** The context here of one there. */
  own(context: number): number {
    const known = this.#contexts[context]!;
    if (known >= 0) return known;
    const own = this.#writer.contextOf(this.#shard, context);
    this.#contexts[context] = own;
    return own;
  }
}
