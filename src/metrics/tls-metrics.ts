// SPDX-License-Identifier: Apache-2.0
import type { TlsEvents } from '../tls/tls-events.ts';
import { firstGivenUp, type TlsState } from '../tls/tls-result.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Counts what becomes of TLS connections and of the key log. */
export class TlsMetrics implements TlsEvents {
  readonly #connections: Counter;
  readonly #givenUp: Counter;
  readonly #records: Counter;
  readonly #foundAgain: Counter;
  readonly #lines: Counter;
  readonly #errors: Counter;
  readonly #context: number;

  constructor(writer: ShardWriter) {
    this.#connections = new Counter(writer, 'ringtap_tls_connections_total');
    this.#givenUp = new Counter(writer, 'ringtap_tls_connections_given_up_total');
    this.#records = new Counter(writer, 'ringtap_tls_records_opened_total');
    this.#foundAgain = new Counter(writer, 'ringtap_tls_resynchronizations_total');
    this.#lines = new Counter(writer, 'ringtap_tls_keylog_lines_total');
    this.#errors = new Counter(writer, 'ringtap_tls_keylog_errors_total');
    this.#context = writer.context(Space.global, []);
  }

  connection(): void {
    this.#connections.add(this.#context, 0, 1);
  }

  givenUp(reason: TlsState): void {
    this.#givenUp.add(this.#context, reason - firstGivenUp, 1);
  }

  foundAgain(): void {
    this.#foundAgain.add(this.#context, 0, 1);
  }

  opened(records: number): void {
    this.#records.add(this.#context, 0, records);
  }

  /** What was read of the key log since the start: lines by `KeyLogLine`, and looks that failed. */
  keyLog(lineCounts: Float64Array, errors: number): void {
    for (let result = 0; result < lineCounts.length; result++) {
      this.#lines.set(this.#context, result, lineCounts[result]!);
    }
    this.#errors.set(this.#context, 0, errors);
  }
}
