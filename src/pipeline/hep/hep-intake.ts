// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../../base/hash.ts';
import type { HepInputMetrics, HepTransport } from '../../metrics/hep-metrics.ts';
import type { PacketPipeline } from '../packet-pipeline.ts';
import type { HepInputOptions } from './hep-options.ts';
import { HepReader } from './hep-reader.ts';

/** Value of the label `interface` for agents without a name; with one it is `hep:NAME`, which no interface can have. */
const UNNAMED = 'hep';

/** Time that a message may be late without packet time having passed it. */
const IDLE_LAG_MICROS = 100_000;

/** From HEP packets that agents sent to the pipeline. */
export class HepIntake {
  readonly #pipeline: PacketPipeline;
  readonly #metrics: HepInputMetrics;
  readonly #reader: HepReader;
  readonly #clockToleranceMicros: number;
  readonly #unnamedContext: number;
  readonly #contextByNode: ReadonlyMap<number, number>;
  #latestMicros = 0;

  /** `isMediaRead` says whether the pipeline takes RTCP. */
  constructor(
    pipeline: PacketPipeline,
    metrics: HepInputMetrics,
    options: HepInputOptions,
    hash: SeededHash,
    isMediaRead: boolean,
  ) {
    this.#pipeline = pipeline;
    this.#metrics = metrics;
    this.#reader = new HepReader(metrics, hash, { ...options, isMediaRead });
    this.#clockToleranceMicros = options.clockToleranceMicros;
    this.#unnamedContext = pipeline.contexts.ofSource(UNNAMED);
    this.#contextByNode = new Map(
      options.nodes.map(([nodeId, name]) => [nodeId, pipeline.contexts.ofSource(`${UNNAMED}:${name}`)]),
    );
  }

  /** Takes a packet of `length` bytes at `offset`; they are looked at inside the call only. */
  packet(bytes: Uint8Array, view: DataView, offset: number, length: number, transport: HepTransport): void {
    const pipeline = this.#pipeline;
    const reader = this.#reader;
    this.#metrics.packet(transport);
    if (!reader.open(bytes, view, offset, length, pipeline.nextDatagram, Date.now() * 1000)) return;
    const { micros } = reader;
    this.#latestMicros = Math.max(this.#latestMicros, micros);
    const context = this.#contextByNode.get(reader.packet.nodeId) ?? this.#unnamedContext;
    if (reader.isRtcp) pipeline.report(context, micros, reader.call);
    else pipeline.message(context, micros);
    pipeline.release();
  }

  /** Lets time pass without packets, up to where none is expected any more; never back behind the last one. */
  idle(): void {
    const settledMicros = Date.now() * 1000 - this.#clockToleranceMicros - IDLE_LAG_MICROS;
    this.#latestMicros = Math.max(this.#latestMicros, settledMicros);
    while (this.#pipeline.advance(this.#latestMicros)) {
      // There is more to do at this time.
    }
  }
}
