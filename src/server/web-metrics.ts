// SPDX-License-Identifier: Apache-2.0
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import type { ConnectionResult, RequestOutcome } from '../metrics/families/web.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';

/** Counts what happens at the web server. Written by the main thread into its own shard. */
export class WebMetrics {
  readonly #context: number;
  readonly #requests: Counter;
  readonly #connections: Counter;
  readonly #hashes: Counter;
  readonly #isReloaded: Counter;
  readonly #reloadedAt: Counter;

  constructor(writer: ShardWriter) {
    this.#context = writer.context(Space.global, []);
    this.#requests = new Counter(writer, 'ringtap_web_requests_total');
    this.#connections = new Counter(writer, 'ringtap_web_connections_total');
    this.#hashes = new Counter(writer, 'ringtap_web_password_hashes_total');
    this.#isReloaded = new Counter(writer, 'ringtap_web_config_last_reload_successful');
    this.#reloadedAt = new Counter(writer, 'ringtap_web_config_last_reload_success_timestamp_seconds');
    for (const counter of [this.#requests, this.#connections, this.#hashes]) counter.add(this.#context, 0, 0);
    this.configRead(true);
  }

  request(outcome: RequestOutcome): void {
    this.#requests.add(this.#context, outcome, 1);
  }

  connection(result: ConnectionResult): void {
    this.#connections.add(this.#context, result, 1);
  }

  /** How many passwords were hashed so far. */
  passwordsHashed(count: number): void {
    this.#hashes.set(this.#context, 0, count);
  }

  /** The web configuration was read; without one this is so once. */
  configRead(isUsable: boolean): void {
    this.#isReloaded.set(this.#context, 0, isUsable ? 1 : 0);
    if (isUsable) this.#reloadedAt.set(this.#context, 0, Date.now() / 1000);
  }
}
