// SPDX-License-Identifier: Apache-2.0
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import type { PushResult } from '../metrics/families/push.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';

/** Counts what becomes of sending in one way. */
export interface PushCounters {
  counted(result: PushResult): void;
  retried(): void;
}

/** Counts what becomes of sending. Written by the main thread into its own shard. */
export class PushMetrics {
  readonly remoteWrite: PushCounters;
  readonly otlp: PushCounters;
  readonly #context: number;
  readonly #rejectedPoints: Counter;

  constructor(writer: ShardWriter) {
    this.#context = writer.context(Space.global, []);
    const counter = (name: string): Counter => {
      const counter = new Counter(writer, name);
      counter.add(this.#context, 0, 0);
      return counter;
    };
    const counters = (results: Counter, retries: Counter): PushCounters => ({
      counted: (result) => results.add(this.#context, result, 1),
      retried: () => retries.add(this.#context, 0, 1),
    });
    this.remoteWrite = counters(
      counter('ringtap_remote_write_total'),
      counter('ringtap_remote_write_retries_total'),
    );
    this.otlp = counters(counter('ringtap_otlp_exports_total'), counter('ringtap_otlp_retries_total'));
    this.#rejectedPoints = counter('ringtap_otlp_rejected_points_total');
  }

  pointsRejected(count: number): void {
    this.#rejectedPoints.add(this.#context, 0, count);
  }
}
