// SPDX-License-Identifier: Apache-2.0
import { Frame, type FrameConsumer, LinkType, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import type { SpreadKey } from '../../src/base/spread.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { SeriesGrants } from '../../src/metrics/series-grants.ts';
import { tellSessionLimits } from '../../src/metrics/session-limit-metrics.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import type { AnalysisOptions } from '../../src/pipeline/analysis-options.ts';
import { analysisOfWorker } from '../../src/pipeline/analysis-share.ts';
import { Exchange, type PacketSource } from '../../src/pipeline/exchange.ts';
import { Handover } from '../../src/pipeline/handover.ts';
import { connectWorkers } from '../../src/pipeline/handover-memory.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import { lendBytes } from '../support/lend-frame.ts';

/** A frame to be captured by one of the workers. */
export interface VirtualFrame {
  readonly micros: number;
  readonly bytes: Uint8Array;
  readonly interfaceIndex: number;
}

const budget = { maxSeries: 50_000, maxSeriesPerFamily: 20_000, hasExemplars: true };
/** The key by which messages belong to workers. */
export const virtualSpreadKey: SpreadKey = { seed: 0x1234567, multiplier: 0x9e3779b1 };

/** Frames that fill a queue. */
const ROOM = 4000;

/** Stands for the ring of a worker: frames that came to it, up to a present moment. */
class FrameQueue implements PacketSource {
  nowMicros = 0;
  isHolding = false;
  readonly #frames: VirtualFrame[] = [];

  push(frame: VirtualFrame): void {
    this.#frames.push(frame);
  }

  floorMicros(): number {
    this.isHolding = this.#frames.length > 0;
    return this.#frames[0]?.micros ?? this.nowMicros;
  }

  read(frame: Frame, consumer: FrameConsumer, _budgetBlocks: number, limitMicros: number): number {
    let count = 0;
    while (this.#frames.length > 0 && this.#frames[0]!.micros <= limitMicros) {
      const { micros, bytes, interfaceIndex } = this.#frames.shift()!;
      lendBytes(frame, bytes);
      frame.arrivalMicros = micros;
      frame.interfaceIndex = interfaceIndex;
      consumer.packet(frame);
      count++;
    }
    consumer.release();
    return count;
  }

  isFilled(share: number): boolean {
    return this.#frames.length >= ROOM * share;
  }

  wait(): void {}
}

/** The workers of a live capture, on this thread and without kernel and clock: frames in, exposition out. */
export class VirtualWorkers {
  readonly pipelines: readonly PacketPipeline[];
  readonly #exchanges: readonly Exchange[];
  readonly #queues: readonly FrameQueue[];
  readonly #layout: SeriesLayout;
  readonly #frame = new Frame();
  readonly #disorders: string[] = [];

  constructor(
    workers: number,
    analysis: AnalysisOptions,
    handoverBytes: number = 1 << 20,
    packetType: PacketType = PacketType.host,
  ) {
    const shards = Array.from({ length: workers }, () => ShardMemory.allocate(budget));
    const grants = new SeriesGrants(budget);
    const shared = connectWorkers({
      ...{ shards, analysis, key: virtualSpreadKey, hashKey: [3, 4], handoverBytes },
      nowMicros: 0,
      hasExemplars: budget.hasExemplars,
    });
    // As the map of the filter, which all workers have.
    const mediaPorts = new PortCounts();
    const writers = shards.map((shard) => new ShardWriter(shard, budget, grants));
    tellSessionLimits(writers[0]!, analysis.abuse.sessionLimits);
    const sessionCounts = new Int32Array(analysis.abuse.sessionLimits.length);
    this.pipelines = writers.map(
      (writer, worker) =>
        new PacketPipeline({
          writer,
          analysis: analysisOfWorker(analysis, worker, workers),
          hash: new SeededHash(worker, 2),
          nameOfInterface: (index) => `eth${index}`,
          batch: 1 + worker,
          worker: `${worker}`,
          sessionCounts,
          handover: new Handover({ ...shared, worker }),
          mediaPorts,
          wrapEvents: (events, clock) => {
            let lastMicros = 0;
            const { message } = events;
            events.message = (...parts): void => {
              if (clock.micros < lastMicros)
                this.#disorders.push(`worker ${worker}: ${lastMicros}, then ${clock.micros}`);
              lastMicros = clock.micros;
              message.call(events, ...parts);
            };
            return events;
          },
        }),
    );
    this.#exchanges = writers.map((writer, worker) => new Exchange({ ...shared, worker }, writer));
    this.#queues = shards.map(() => new FrameQueue());
    this.#layout = new SeriesLayout(shards);
    this.#frame.linkType = LinkType.ethernet;
    this.#frame.packetType = packetType;
  }

  /** A frame comes to a worker, which reads it later. */
  push(worker: number, frame: VirtualFrame): void {
    this.#queues[worker]!.push(frame);
  }

  /** Lets a worker read what it may. Returns how much it was. */
  read(worker: number, nowMicros: number): number {
    const queue = this.#queues[worker]!;
    queue.nowMicros = nowMicros;
    return this.#exchanges[worker]!.read(queue, this.#frame, this.pipelines[worker]!, 1, nowMicros);
  }

  /** Lets all read until nothing is left, beginning with any, and time pass. */
  settle(nowMicros: number, pick: (limit: number) => number): void {
    const workers = this.#queues.length;
    let quiet = 0;
    while (quiet < 3 * workers) {
      // In the end each has its turn twice: the first time it tells the others how far it is.
      const worker = quiet < workers ? pick(workers) : quiet % workers;
      quiet = this.read(worker, nowMicros) === 0 ? quiet + 1 : 0;
    }
    for (const pipeline of this.pipelines) while (pipeline.advance(nowMicros));
  }

  /** Where a worker took a message after a later one. */
  disorders(): readonly string[] {
    return this.#disorders;
  }

  finish(): void {
    for (const pipeline of this.pipelines) pipeline.finish();
  }

  /** The exposition as Prometheus gets it, or in another format. */
  text(render: (layout: SeriesLayout) => string = renderText): string {
    for (const pipeline of this.pipelines) pipeline.refreshGauges();
    this.#layout.refresh();
    return render(this.#layout);
  }
}
