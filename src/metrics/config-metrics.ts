// SPDX-License-Identifier: Apache-2.0
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Whether the configuration could be read, in Prometheus' names. */
export class ConfigMetrics {
  readonly #context: number;
  readonly #isSuccessful: Counter;
  readonly #successTime: Counter;

  /** The configuration has been read, at a time in seconds since the epoch: the program runs by it. */
  constructor(writer: ShardWriter, nowSeconds: number) {
    this.#context = writer.context(Space.global, []);
    this.#isSuccessful = new Counter(writer, 'ringtap_config_last_reload_successful');
    this.#successTime = new Counter(writer, 'ringtap_config_last_reload_success_timestamp_seconds');
    this.reloaded(nowSeconds);
  }

  /** It was read again and is in force. */
  reloaded(nowSeconds: number): void {
    this.#isSuccessful.set(this.#context, 0, 1);
    this.#successTime.set(this.#context, 0, nowSeconds);
  }

  /** It was read again and could not be used: the one before stays in force. */
  failed(): void {
    this.#isSuccessful.set(this.#context, 0, 0);
  }
}
