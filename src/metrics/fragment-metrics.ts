// SPDX-License-Identifier: Apache-2.0
import type { FragmentEvents, FragmentResult } from '../decode/fragment-limits.ts';
import type { FragmentTable } from '../decode/fragment-table.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Counts what comes in fragments. Contexts are those of interfaces. */
export class FragmentMetrics implements FragmentEvents {
  readonly #fragments: Counter;
  readonly #duplicates: Counter;
  readonly #datagrams: Counter;
  readonly #memory: Counter;
  readonly #memoryLimit: Counter;
  readonly #globalContext: number;

  constructor(writer: ShardWriter) {
    this.#fragments = new Counter(writer, 'ringtap_fragments_total');
    this.#duplicates = new Counter(writer, 'ringtap_fragments_duplicates_total');
    this.#datagrams = new Counter(writer, 'ringtap_fragments_datagrams_total');
    this.#memory = new Counter(writer, 'ringtap_fragments_memory_bytes');
    this.#memoryLimit = new Counter(writer, 'ringtap_fragments_memory_limit_bytes');
    this.#globalContext = writer.context(Space.global, []);
  }

  fragment(context: number): void {
    this.#fragments.add(context, 0, 1);
  }

  duplicates(context: number, count: number): void {
    this.#duplicates.add(context, 0, count);
  }

  ended(context: number, result: FragmentResult): void {
    this.#datagrams.add(context, result, 1);
  }

  /** How full the table is. */
  memory({ usedBytes, limitBytes }: FragmentTable): void {
    this.#memory.set(this.#globalContext, 0, usedBytes);
    this.#memoryLimit.set(this.#globalContext, 0, limitBytes);
  }
}
