// SPDX-License-Identifier: Apache-2.0
import { hasKey } from '../../hep/auth-key.ts';
import { HepClock } from '../../hep/hep-clock.ts';
import { HepPacket } from '../../hep/hep-packet.ts';
import { HepResult } from '../../hep/hep-result.ts';
import { parseHep } from '../../hep/parse-hep.ts';
import { type HepInputMetrics, HepRefusal, type HepTransport } from '../../metrics/hep-metrics.ts';
import type { PacketPipeline } from '../packet-pipeline.ts';
import type { HepInputOptions } from './hep-options.ts';

/** Value of the label `interface` for agents without a name; with one it is `hep:NAME`, which no interface can have. */
const UNNAMED = 'hep';

/** Time that a message may be late without packet time having passed it. */
const IDLE_LAG_MICROS = 100_000;

/** From HEP packets that agents sent to the pipeline. */
export class HepIntake {
  readonly #pipeline: PacketPipeline;
  readonly #metrics: HepInputMetrics;
  readonly #options: HepInputOptions;
  readonly #clock: HepClock;
  readonly #packet = new HepPacket();
  readonly #unnamedContext: number;
  readonly #contextByNode: ReadonlyMap<number, number>;
  #latestMicros = 0;

  constructor(pipeline: PacketPipeline, metrics: HepInputMetrics, options: HepInputOptions) {
    this.#pipeline = pipeline;
    this.#metrics = metrics;
    this.#options = options;
    this.#clock = new HepClock(options.clockToleranceMicros);
    this.#unnamedContext = pipeline.contexts.ofSource(UNNAMED);
    this.#contextByNode = new Map(
      options.nodes.map(([nodeId, name]) => [nodeId, pipeline.contexts.ofSource(`${UNNAMED}:${name}`)]),
    );
  }

  /** Takes a packet of `length` bytes at `offset`; they are looked at inside the call only. */
  packet(bytes: Uint8Array, view: DataView, offset: number, length: number, transport: HepTransport): void {
    const packet = this.#packet;
    const pipeline = this.#pipeline;
    const { authKey, maxPacketBytes } = this.#options;
    this.#metrics.packet(transport);
    const result =
      length > maxPacketBytes
        ? HepResult.tooLong
        : parseHep(bytes, view, offset, length, packet, pipeline.nextDatagram);
    if (result !== HepResult.message) {
      this.#metrics.notMessage(result);
      return;
    }
    if (authKey.length > 0 && !hasKey(bytes, packet, authKey)) {
      this.#metrics.refused(HepRefusal.key);
      return;
    }
    const nowMicros = Date.now() * 1000;
    if (!this.#clock.judge(packet.captureMicros, nowMicros)) this.#metrics.clockCorrected();
    const { micros } = this.#clock;
    this.#latestMicros = Math.max(this.#latestMicros, micros);
    pipeline.message(this.#contextByNode.get(packet.nodeId) ?? this.#unnamedContext, micros);
    pipeline.release();
  }

  /** Lets time pass without packets, up to where none is expected any more; never back behind the last one. */
  idle(): void {
    const { clockToleranceMicros } = this.#options;
    const settledMicros = Date.now() * 1000 - clockToleranceMicros - IDLE_LAG_MICROS;
    this.#latestMicros = Math.max(this.#latestMicros, settledMicros);
    while (this.#pipeline.advance(this.#latestMicros)) {
      // There is more to do at this time.
    }
  }
}
