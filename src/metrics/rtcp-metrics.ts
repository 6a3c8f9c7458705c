// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import type { FarEndReport, RoundTrip, RoundTripResult, RtcpEvents } from '../rtp/rtcp/rtcp-events.ts';
import { firstRtcpError, type RtcpResult } from '../rtp/rtcp/rtcp-result.ts';
import type { FeedbackKind, RtcpType, XrBlock } from '../rtp/rtcp/rtcp-type.ts';
import { NOT_AVAILABLE, type VoipMetrics } from '../rtp/rtcp/rtcp-visitor.ts';
import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import type { ShardWriter } from './shard-writer.ts';

// The names are in families/rtcp.ts.
export const RoundTripPath = { segment: 0, full: 1 } as const;
export const MosKind = { listening: 0, conversational: 1 } as const;

/** Loss is observed in millionths; RTCP has 256ths. */
const MILLIONTHS = 1_000_000;

/** Counts what RTCP says. */
export class RtcpMetrics implements RtcpEvents {
  readonly #packets: Counter;
  readonly #datagrams: Counter;
  readonly #errors: Counter;
  readonly #feedback: Counter;
  readonly #blocks: Counter;
  readonly #reports: Counter;
  readonly #roundTrip: Histogram;
  readonly #farEndLoss: Histogram;
  readonly #farEndJitter: Histogram;
  readonly #xrLoss: Histogram;
  readonly #xrDiscard: Histogram;
  readonly #xrRoundTrip: Histogram;
  readonly #xrEndSystem: Histogram;
  readonly #xrRFactor: Histogram;
  readonly #xrMos: Histogram;

  constructor(writer: ShardWriter) {
    this.#packets = new Counter(writer, 'rtcp_packets_total');
    this.#datagrams = new Counter(writer, 'rtcp_datagrams_total');
    this.#errors = new Counter(writer, 'rtcp_parse_errors_total');
    this.#feedback = new Counter(writer, 'rtcp_feedback_total');
    this.#blocks = new Counter(writer, 'rtcp_xr_blocks_total');
    this.#reports = new Counter(writer, 'rtcp_report_blocks_total');
    this.#roundTrip = new Histogram(writer, 'rtcp_round_trip_seconds');
    this.#farEndLoss = new Histogram(writer, 'rtcp_far_end_loss_ratio');
    this.#farEndJitter = new Histogram(writer, 'rtcp_far_end_jitter_seconds');
    this.#xrLoss = new Histogram(writer, 'rtcp_xr_loss_ratio');
    this.#xrDiscard = new Histogram(writer, 'rtcp_xr_discard_ratio');
    this.#xrRoundTrip = new Histogram(writer, 'rtcp_xr_round_trip_seconds');
    this.#xrEndSystem = new Histogram(writer, 'rtcp_xr_end_system_delay_seconds');
    this.#xrRFactor = new Histogram(writer, 'rtcp_xr_r_factor');
    this.#xrMos = new Histogram(writer, 'rtcp_xr_mos');
  }

  rtcpDatagram(context: number, result: RtcpResult): void {
    this.#datagrams.add(context, Math.min(result, firstRtcpError), 1);
    if (result >= firstRtcpError) this.#errors.add(context, result - firstRtcpError, 1);
  }

  rtcpPacket(context: number, type: RtcpType): void {
    this.#packets.add(context, type, 1);
  }

  feedback(context: number, kind: FeedbackKind): void {
    this.#feedback.add(context, kind, 1);
  }

  extendedBlock(context: number, block: XrBlock): void {
    this.#blocks.add(context, block, 1);
  }

  reportBlock(context: number, result: RoundTripResult): void {
    this.#reports.add(context, result, 1);
  }

  roundTrip(context: number, _datagram: Datagram, { segmentMicros, fullMicros }: RoundTrip): void {
    this.#roundTrip.observe(context, RoundTripPath.segment, segmentMicros);
    if (fullMicros >= 0) this.#roundTrip.observe(context, RoundTripPath.full, fullMicros);
  }

  farEnd(context: number, _datagram: Datagram, report: FarEndReport): void {
    const { expected, lost, fractionLost, jitterMicros } = report;
    const ratio = expected > 0 ? lost / expected : fractionLost / 256;
    this.#farEndLoss.observe(context, 0, Math.round(ratio * MILLIONTHS));
    this.#farEndJitter.observe(context, 0, jitterMicros);
  }

  bye(): void {}

  voipMetrics(context: number, _datagram: Datagram, metrics: VoipMetrics): void {
    this.#xrLoss.observe(context, 0, Math.round((metrics.lossRate * MILLIONTHS) / 256));
    this.#xrDiscard.observe(context, 0, Math.round((metrics.discardRate * MILLIONTHS) / 256));
    if (metrics.roundTripMillis > 0) this.#xrRoundTrip.observe(context, 0, metrics.roundTripMillis * 1000);
    if (metrics.endSystemMillis > 0) this.#xrEndSystem.observe(context, 0, metrics.endSystemMillis * 1000);
    if (metrics.rFactor < NOT_AVAILABLE) this.#xrRFactor.observe(context, 0, metrics.rFactor * 10);
    this.#mos(context, MosKind.listening, metrics.mosListening);
    this.#mos(context, MosKind.conversational, metrics.mosConversational);
  }

  /** MOS in tenths; what is not 1 to 5 is not known (RFC 3611 §4.7.5). */
  #mos(context: number, kind: number, tenths: number): void {
    if (tenths >= 10 && tenths <= 50) this.#xrMos.observe(context, kind, tenths * 10);
  }
}
