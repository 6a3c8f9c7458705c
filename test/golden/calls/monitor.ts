// SPDX-License-Identifier: Apache-2.0
import { Frame, LinkType, PacketType } from '../../../src/base/frame.ts';
import { SeededHash } from '../../../src/base/hash.ts';
import { renderText } from '../../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../../src/exposition/series-layout.ts';
import { ShardMemory } from '../../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../../src/metrics/shard-writer.ts';
import type { AnalysisOptions } from '../../../src/pipeline/analysis-options.ts';
import { PacketPipeline } from '../../../src/pipeline/packet-pipeline.ts';
import type { TlsOptions } from '../../../src/pipeline/sip-over-tls.ts';
import type { PeerAddress, StateLimits } from '../../../src/state/state-limits.ts';
import { testAnalysis, testLimits } from '../../pipeline/monitor.ts';
import { lendBytes } from '../../support/lend-frame.ts';
import type { CallCase } from './call-case.ts';
import { callCases } from './cases.ts';
import { addressOf, networkOf } from './dialogue.ts';
import { type Figures, figuresOf } from './figures.ts';
import type { CapturedFrame } from './scenario.ts';

/** What of a frame the pipeline gets to see. */
export type SeenFrame = Pick<CapturedFrame, 'micros' | 'bytes' | 'interfaceIndex'>;

const budget = { maxSeries: 50_000, maxSeriesPerFamily: 20_000 };

/** The defaults of the command line, but for the sizes of the tables. */
const limits: StateLimits = {
  ...testLimits,
  maxTransactions: 4000,
  maxAttempts: 2000,
  maxDialogs: 2000,
  maxEarlyDialogs: 32,
  maxRegistrationAttempts: 1000,
  maxRegistrations: 1000,
};

/** The peers of all cases: they are there in every run, so that runs compare. */
const peers: readonly PeerAddress[] = callCases.flatMap(peerOf);

function peerOf({ name, peer }: CallCase): PeerAddress[] {
  if (peer === undefined) return [];
  const bytes = addressOf(networkOf(name), peer).split('.').map(Number);
  const word = bytes.reduce((before, byte) => (before << 8) | byte, 0);
  return [{ name, address: [0, 0, 0xffff, word], port: 0 }];
}

/** What the cases are analysed with. */
export const goldenAnalysis: AnalysisOptions = {
  ...testAnalysis,
  ports: [5060, 5061],
  state: limits,
  peers,
};

/** The whole way of a frame in one process: frames in, figures out. */
export class GoldenMonitor {
  readonly #pipeline: PacketPipeline;
  readonly #layout: SeriesLayout;
  readonly #frame = new Frame();

  /** With `tls`, TLS is read. */
  constructor(tls?: TlsOptions) {
    const shard = ShardMemory.allocate(budget);
    this.#pipeline = new PacketPipeline({
      writer: new ShardWriter(shard, budget),
      analysis: { ...goldenAnalysis, ...(tls && { tls }) },
      hash: new SeededHash(1, 2),
      nameOfInterface: (index) => `eth${index}`,
    });
    this.#layout = new SeriesLayout([shard]);
    this.#frame.linkType = LinkType.ethernet;
    this.#frame.packetType = PacketType.unknown;
  }

  /** Takes frames, each so much later than it says. */
  take(frames: readonly SeenFrame[], laterMicros: number = 0): void {
    const frame = this.#frame;
    for (const { micros, bytes, interfaceIndex } of frames) {
      lendBytes(frame, bytes);
      frame.arrivalMicros = micros + laterMicros;
      frame.interfaceIndex = interfaceIndex;
      this.#pipeline.packet(frame);
    }
  }

  /** Lets time pass without frames. */
  wait(untilMicros: number): void {
    this.#pipeline.advance(untilMicros);
  }

  /** The capture has ended. */
  finish(): void {
    this.#pipeline.finish();
  }

  /** The exposition as Prometheus gets it. */
  text(): string {
    this.#refresh();
    return renderText(this.#layout);
  }

  /** `figuresOf` the exposition, without writing it down. */
  figures(): Figures {
    this.#refresh();
    const lines: string[] = [];
    for (const { prefixes, values } of this.#layout.families) {
      for (const [i, value] of values.entries()) if (value !== 0) lines.push(`${prefixes[i]}${value}`);
    }
    return figuresOf(lines.join('\n'));
  }

  #refresh(): void {
    this.#pipeline.refreshGauges();
    this.#layout.refresh();
  }
}

/** Takes the frames of a capture the way a replay does and returns the exposition. */
export function replay(frames: readonly SeenFrame[], tls?: TlsOptions): string {
  const monitor = new GoldenMonitor(tls);
  monitor.take(frames);
  monitor.finish();
  return monitor.text();
}

/** The figures of a capture; with `untilMicros`, time goes on after the last frame before the end. */
export function replayFigures(frames: readonly SeenFrame[], untilMicros: number = 0): Figures {
  const monitor = new GoldenMonitor();
  monitor.take(frames);
  if (untilMicros > 0) monitor.wait(untilMicros);
  monitor.finish();
  return monitor.figures();
}
