// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import { isVoiceQualityReport } from '../sip/voice-reports/media-type.ts';
import {
  parseVoiceQualityReport,
  VoiceReportResult,
} from '../sip/voice-reports/parse-voice-quality-report.ts';
import { parseRtpStat, RtpStat } from '../sip/voice-reports/rtp-stat.ts';
import {
  ReportKind,
  VoiceMeasure,
  type VoiceMetrics,
  VoiceQualityReport,
} from '../sip/voice-reports/voice-quality-report.ts';
import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import { MosKind } from './rtcp-metrics.ts';
import type { ShardWriter } from './shard-writer.ts';

const Side = { local: 0, remote: 1 } as const;
const methods = 2;
const mosKinds = 2;

/**
 * Counts what devices say in SIP of the quality they had: reports in PUBLISH and NOTIFY (RFC 6035), X-RTP-Stat and
 * P-RTP-Stat in BYE and its responses. To be told of each message once, not of retransmissions or further hops.
 */
export class VoiceReportMetrics {
  readonly #report = new VoiceQualityReport();
  readonly #stat = new RtpStat();
  readonly #reports: Counter;
  readonly #reportErrors: Counter;
  readonly #alerts: Counter;
  readonly #mos: Histogram;
  readonly #loss: Histogram;
  readonly #discard: Histogram;
  readonly #jitter: Histogram;
  readonly #roundTrip: Histogram;
  readonly #stats: Counter;
  readonly #statErrors: Counter;
  readonly #statLoss: Histogram;
  readonly #statJitter: Histogram;
  readonly #statLatency: Histogram;

  constructor(writer: ShardWriter) {
    this.#reports = new Counter(writer, 'sip_voice_quality_reports_total');
    this.#reportErrors = new Counter(writer, 'sip_voice_quality_report_errors_total');
    this.#alerts = new Counter(writer, 'sip_voice_quality_alerts_total');
    this.#mos = new Histogram(writer, 'sip_voice_quality_mos');
    this.#loss = new Histogram(writer, 'sip_voice_quality_loss_ratio');
    this.#discard = new Histogram(writer, 'sip_voice_quality_discard_ratio');
    this.#jitter = new Histogram(writer, 'sip_voice_quality_jitter_seconds');
    this.#roundTrip = new Histogram(writer, 'sip_voice_quality_round_trip_seconds');
    this.#stats = new Counter(writer, 'sip_rtp_stat_headers_total');
    this.#statErrors = new Counter(writer, 'sip_rtp_stat_errors_total');
    this.#statLoss = new Histogram(writer, 'sip_rtp_stat_loss_ratio');
    this.#statJitter = new Histogram(writer, 'sip_rtp_stat_jitter_seconds');
    this.#statLatency = new Histogram(writer, 'sip_rtp_stat_latency_seconds');
  }

  /** A message that is neither a retransmission nor a copy. Most have nothing to say, which takes two comparisons. */
  message(context: number, message: SipMessage): void {
    const { method } = message;
    if (method === Method.bye) {
      if (message.rtpStatLength > 0) this.#rtpStat(context, message);
    } else if ((method === Method.publish || method === Method.notify) && message.isRequest) {
      const { bytes, contentTypeOffset, contentTypeLength } = message;
      if (message.bodyLength === 0 || contentTypeLength === 0) return;
      if (isVoiceQualityReport(bytes, contentTypeOffset, contentTypeLength))
        this.#voiceReport(context, message);
    }
  }

  #voiceReport(context: number, { bytes, bodyOffset, bodyLength, method }: SipMessage): void {
    const report = this.#report;
    const result = parseVoiceQualityReport(bytes, bodyOffset, bodyLength, report);
    if (result !== VoiceReportResult.report) {
      this.#reportErrors.add(context, result - VoiceReportResult.notReport, 1);
      return;
    }
    this.#reports.add(context, report.kind * methods + (method === Method.notify ? 1 : 0), 1);
    if (report.kind === ReportKind.alert) this.#alerts.add(context, report.severity, 1);
    // Intervals and alerts are within the session that a session report covers.
    if (report.kind !== ReportKind.session) return;
    this.#metrics(context, Side.local, report.local);
    this.#metrics(context, Side.remote, report.remote);
  }

  #metrics(context: number, side: number, { thousandths }: VoiceMetrics): void {
    const lossPercent = thousandths[VoiceMeasure.nlr]!;
    const discardPercent = thousandths[VoiceMeasure.jdr]!;
    const jitterMicros = thousandths[VoiceMeasure.iaj]!;
    const roundTripMicros = thousandths[VoiceMeasure.rtd]!;
    if (lossPercent >= 0) this.#loss.observe(context, side, lossPercent * 10);
    if (discardPercent >= 0) this.#discard.observe(context, side, discardPercent * 10);
    if (jitterMicros >= 0) this.#jitter.observe(context, side, jitterMicros);
    if (roundTripMicros >= 0) this.#roundTrip.observe(context, side, roundTripMicros);
    this.#observeMos(context, side * mosKinds + MosKind.listening, thousandths[VoiceMeasure.moslq]!);
    this.#observeMos(context, side * mosKinds + MosKind.conversational, thousandths[VoiceMeasure.moscq]!);
  }

  /** MOS begins at 1: what is below is not known. */
  #observeMos(context: number, index: number, thousandths: number): void {
    if (thousandths >= 1000) this.#mos.observe(context, index, Math.round(thousandths / 10));
  }

  #rtpStat(context: number, { bytes, rtpStatOffset, rtpStatLength, isRequest }: SipMessage): void {
    const stat = this.#stat;
    if (!parseRtpStat(bytes, rtpStatOffset, rtpStatLength, stat)) {
      this.#statErrors.add(context, 0, 1);
      return;
    }
    this.#stats.add(context, isRequest ? 0 : 1, 1);
    const { packetsReceived, packetsLost, jitterMicros, latencyMicros } = stat;
    const sent = packetsReceived + packetsLost;
    if (packetsReceived >= 0 && packetsLost >= 0 && sent > 0) {
      this.#statLoss.observe(context, 0, Math.round((packetsLost / sent) * 1_000_000));
    }
    if (jitterMicros >= 0) this.#statJitter.observe(context, 0, jitterMicros);
    if (latencyMicros >= 0) this.#statLatency.observe(context, 0, latencyMicros);
  }
}
