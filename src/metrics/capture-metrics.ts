// SPDX-License-Identifier: Apache-2.0

import type { KeyedTable } from '../base/keyed-table.ts';
import { DecodeResult, isDecodeError } from '../decode/decode-result.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

/** What ringtap tells of its own work: capture, decode, tables. */
export class CaptureMetrics {
  readonly #writer: ShardWriter;
  readonly #packets: Counter;
  readonly #drops: Counter;
  readonly #freezes: Counter;
  readonly #truncated: Counter;
  readonly #interfaceUp: Counter;
  readonly #skipped: Counter;
  readonly #errors: Counter;
  readonly #entries: Counter;
  readonly #limits: Counter;
  readonly #evictions: Counter;
  readonly #busySeconds: Counter;
  readonly #handovers: Counter;
  readonly #mediaHandovers: Counter;
  readonly #handoverDrops: Counter;
  readonly #unordered: Counter;
  readonly #globalContext: number;
  readonly #workerContext: number;

  /** `worker` is the label of the worker that counts. */
  constructor(writer: ShardWriter, worker: string) {
    this.#writer = writer;
    this.#packets = new Counter(writer, 'ringtap_capture_packets_total');
    this.#drops = new Counter(writer, 'ringtap_capture_drops_total');
    this.#freezes = new Counter(writer, 'ringtap_capture_ring_freezes_total');
    this.#truncated = new Counter(writer, 'ringtap_capture_truncated_total');
    this.#interfaceUp = new Counter(writer, 'ringtap_interface_up');
    this.#skipped = new Counter(writer, 'ringtap_decode_skipped_total');
    this.#errors = new Counter(writer, 'ringtap_decode_errors_total');
    this.#entries = new Counter(writer, 'ringtap_table_entries');
    this.#limits = new Counter(writer, 'ringtap_table_limit');
    this.#evictions = new Counter(writer, 'ringtap_table_evictions_total');
    this.#busySeconds = new Counter(writer, 'ringtap_worker_busy_seconds_total');
    this.#handovers = new Counter(writer, 'ringtap_worker_handovers_total');
    this.#mediaHandovers = new Counter(writer, 'ringtap_worker_media_handovers_total');
    this.#handoverDrops = new Counter(writer, 'ringtap_worker_handover_drops_total');
    this.#unordered = new Counter(writer, 'ringtap_worker_handovers_unordered_total');
    this.#globalContext = writer.context(Space.global, []);
    this.#workerContext = writer.context(Space.worker, [worker]);
    writer.openAll(Space.worker, this.#workerContext);
  }

  /** A frame came out of the ring. */
  packet(interfaceContext: number): void {
    this.#packets.add(interfaceContext, 0, 1);
  }

  /** It was cut, and not because the filter was asked to. */
  truncated(interfaceContext: number): void {
    this.#truncated.add(interfaceContext, 0, 1);
  }

  /** A frame that did not become a datagram. */
  notDecoded(interfaceContext: number, result: DecodeResult): void {
    if (isDecodeError(result)) this.#errors.add(interfaceContext, result - DecodeResult.truncatedBySensor, 1);
    else this.#skipped.add(interfaceContext, result - DecodeResult.unsupportedEthertype, 1);
  }

  /** State of an interface named at the start, and kernel counters of its socket since then. */
  socketStatus(interfaceName: string, isUp: boolean, drops: number, freezes: number): void {
    const context = this.#writer.context(Space.socket, [interfaceName]);
    this.#interfaceUp.set(context, 0, isUp ? 1 : 0);
    this.#drops.set(context, 0, drops);
    this.#freezes.set(context, 0, freezes);
  }

  /** How full the state tables are, and what they gave up; in the order of `tableNames`. */
  tables(tables: readonly (KeyedTable | undefined)[]): void {
    const context = this.#globalContext;
    for (const [index, table] of tables.entries()) {
      if (table === undefined) continue;
      this.#entries.set(context, index, table.size);
      this.#limits.set(context, index, table.limit);
      this.#evictions.set(context, 2 * index, table.evictedFinished);
      this.#evictions.set(context, 2 * index + 1, table.evictedOpen);
    }
  }

  /** Time the worker spent on packets since the start. */
  busySeconds(seconds: number): void {
    this.#busySeconds.set(this.#workerContext, 0, seconds);
  }

  /** A message was handed over to another worker or, without room for it, lost. */
  handedOver(isLost: boolean): void {
    (isLost ? this.#handoverDrops : this.#handovers).add(this.#workerContext, 0, 1);
  }

  /** Something about media was told to another worker or, without room for it, lost. */
  mediaHandedOver(isLost: boolean): void {
    (isLost ? this.#handoverDrops : this.#mediaHandovers).add(this.#workerContext, 0, 1);
  }

  /** So many messages of another worker were taken after later ones. */
  unordered(count: number): void {
    this.#unordered.add(this.#workerContext, 0, count);
  }
}
