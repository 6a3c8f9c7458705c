// SPDX-License-Identifier: Apache-2.0
import { defaultAbuseOptions } from '../../src/abuse/abuse-options.ts';
import { Frame, LinkType, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import type { PortCounts } from '../../src/base/port-counts.ts';
import { defaultFragmentLimits } from '../../src/decode/fragment-limits.ts';
import { defaultSctpLimits } from '../../src/decode/sctp-limits.ts';
import { defaultStreamLimits, type StreamLimits } from '../../src/decode/stream-limits.ts';
import { allTunnels } from '../../src/decode/tunnel-kind.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { defaultMediaLimits } from '../../src/media/media-limits.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import type { AnalysisOptions } from '../../src/pipeline/analysis-options.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import type { RtpLimits } from '../../src/rtp/rtp-limits.ts';
import { defaultSdpLimits } from '../../src/sdp/sdp-limits.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { defaultWebSocketLimits } from '../../src/sip/websocket-limits.ts';
import type { StateLimits } from '../../src/state/state-limits.ts';
import { lendBytes } from '../support/lend-frame.ts';
import { ethernet, ipv4, udp } from '../support/udp-frame.ts';

const budget = { maxSeries: 50_000, maxSeriesPerFamily: 20_000 };
/** What the command line has as defaults, but for smaller tables. */
export const testLimits: StateLimits = {
  maxTransactions: 10_000,
  maxAttempts: 10_000,
  maxDialogs: 10_000,
  maxEarlyDialogs: 10,
  maxRegistrationAttempts: 10_000,
  maxRegistrations: 10_000,
  maxBindings: 10,
  retryMicros: 32e6,
  forkMicros: 5e6,
  sessionLimitMicros: 86_400e6,
  registrationLimitMicros: 7200e6,
  duplicateMicros: 50e3,
};

/** The same of streams. */
export const testStreamLimits: StreamLimits = {
  ...defaultStreamLimits,
  maxConnections: 1000,
  memoryBytes: 2 ** 22,
};

/** The same of streams of RTP. */
export const testRtpLimits: RtpLimits = {
  maxStreams: 1000,
  maxStreamsPerFlow: 8,
  idleMicros: 60e6,
  intervalMicros: 10e6,
  probation: 5,
  isDetecting: false,
  duplicateMicros: 50e3,
};

/** What a pipeline of a test is told, unless it says otherwise. */
export const testAnalysis: AnalysisOptions = {
  fragments: defaultFragmentLimits,
  ports: [5060],
  detect: false,
  tunnels: allTunnels,
  parser: defaultParserLimits,
  sdp: defaultSdpLimits,
  streams: testStreamLimits,
  webSocket: defaultWebSocketLimits,
  sctp: defaultSctpLimits,
  rtpStreams: testRtpLimits,
  media: defaultMediaLimits,
  rtcp: { maxSources: 1000 },
  concealsG711: true,
  state: testLimits,
  peers: [],
  abuse: { ...defaultAbuseOptions, maxSources: 1000, maxAccounts: 1000 },
  windowMicros: 300e6,
};

/** The whole way of a packet without kernel and clock: frames in, exposition out. */
export class TestMonitor {
  readonly pipeline: PacketPipeline;
  readonly layout: SeriesLayout;
  readonly frame: Frame = new Frame();

  /** `batch` as in `PipelineParts`; above 1, `release` the frames before their bytes change. */
  constructor(
    options: Partial<StateLimits> = {},
    analysis: Partial<AnalysisOptions> = {},
    batch: number = 1,
    mediaPorts?: PortCounts,
  ) {
    const shard = ShardMemory.allocate(budget);
    const writer = new ShardWriter(shard, budget);
    this.pipeline = new PacketPipeline({
      writer,
      analysis: { ...testAnalysis, state: { ...testLimits, ...options }, ...analysis },
      hash: new SeededHash(1, 2),
      nameOfInterface: (i) => `eth${i}`,
      batch,
      ...(mediaPorts && { mediaPorts }),
    });
    this.layout = new SeriesLayout([shard]);
    this.frame.interfaceIndex = 0;
    this.frame.packetType = PacketType.host;
  }

  /** Takes the bytes of an Ethernet frame, which had `originalLength` on the wire. */
  take(bytes: Uint8Array, arrivalMicros: number, originalLength: number = bytes.length): void {
    const { frame } = this;
    lendBytes(frame, bytes);
    frame.originalLength = originalLength;
    frame.linkType = LinkType.ethernet;
    frame.arrivalMicros = arrivalMicros;
    this.pipeline.packet(frame);
  }

  /** Lets packet time pass. */
  wait(nowMicros: number): void {
    while (this.pipeline.advance(nowMicros));
  }

  /** The exposition as Prometheus gets it. */
  text(): string {
    this.pipeline.refreshGauges();
    this.layout.refresh();
    return renderText(this.layout);
  }

  /** Lines of the exposition with a value other than 0 and NaN, without buckets and the counts of series. */
  values(): string[] {
    const lines = this.text().split('\n');
    return lines.filter(
      (line) =>
        /^(sip|rtp|rtcp|ringtap)_/.test(line) && !/ (0|NaN)$|^ringtap_metric_series|_bucket\{/.test(line),
    );
  }

  /** Sum of a family. */
  total(name: string): number {
    this.layout.refresh();
    return this.layout.total(name);
  }
}

/** A SIP message in an Ethernet, IPv4 and UDP frame. */
export function sipFrame(text: string): Uint8Array {
  return ethernet(0x0800, ipv4({}, udp({}, new TextEncoder().encode(text))));
}
