// SPDX-License-Identifier: Apache-2.0

/** Kinds of voice quality reports (RFC 6035 §4.6): a closed set, for it becomes the label `kind`. */
export const ReportKind = {
  session: 0,
  interval: 1,
  alert: 2,
} as const;
export type ReportKind = (typeof ReportKind)[keyof typeof ReportKind];

/** `kind` label values, by `ReportKind`. */
export const reportKindNames: readonly string[] = ['session', 'interval', 'alert'];

/** How bad an alert is. */
export const AlertSeverity = {
  /** Not told, or none of these. */
  other: 0,
  warning: 1,
  critical: 2,
  clear: 3,
} as const;
export type AlertSeverity = (typeof AlertSeverity)[keyof typeof AlertSeverity];

/** `severity` label values, by `AlertSeverity`. */
export const alertSeverityNames: readonly string[] = ['other', 'warning', 'critical', 'clear'];

/** Measures that are read of a report, by their names there (RFC 6035 §4.6.2). */
export const VoiceMeasure = {
  /** Percent of packets lost in the network, and discarded by the jitter buffer. */
  nlr: 0,
  jdr: 1,
  /** Percent lost within bursts and gaps, and how long these are, milliseconds. */
  bld: 2,
  bd: 3,
  gld: 4,
  gd: 5,
  /** Round trip, end system and one-way delay, milliseconds. */
  rtd: 6,
  esd: 7,
  owd: 8,
  /** Interarrival jitter (RFC 3550) and mean absolute jitter, milliseconds. */
  iaj: 9,
  maj: 10,
  /** R factor and MOS, of listening and of conversation. */
  rlq: 11,
  rcq: 12,
  moslq: 13,
  moscq: 14,
} as const;
export type VoiceMeasure = (typeof VoiceMeasure)[keyof typeof VoiceMeasure];

/** Names of the measures on the wire in lower case, by `VoiceMeasure`. */
export const voiceMeasureNames: readonly string[] = Object.keys(VoiceMeasure);

/** The largest value of each measure that is one; what is above stands for "not known", as 127 for R. */
export const voiceMeasureLimits: readonly number[] = [
  100, 100, 100, 3_600_000, 100, 3_600_000, 65_535, 65_535, 65_535, 65_535, 65_535, 120, 120, 5, 5,
];

/** Metrics of one side of the session. One object, reused. */
export class VoiceMetrics {
  /** The report has a part for this side. */
  isPresent = false;
  /** By `VoiceMeasure`, in thousandths of the unit of the wire: 0 and more; -1 where absent or not known. */
  readonly thousandths: Int32Array = new Int32Array(voiceMeasureNames.length);

  /** Forgets the report before. */
  clear(): void {
    this.isPresent = false;
    this.thousandths.fill(-1);
  }
}

/**
 * What a body of the type `application/vq-rtcpxr` says (RFC 6035). One object, reused.
 *
 *     VQSessionReport: CallTerm                                  kind, isCallTerm
 *     CallID: 6dg37f1890463                                      not read: nothing that names people is
 *     LocalMetrics:                                              local
 *     PacketLoss: NLR=5.0 JDR=2.0                                nlr, jdr
 *     QualityEst: RLQ=90 RCQ=85 MOSLQ=3.4 MOSCQ=3.3              rlq ...
 *     RemoteMetrics:                                             remote
 */
export class VoiceQualityReport {
  kind: ReportKind = ReportKind.session;
  /** Of a session report: of the whole call, at its end. */
  isCallTerm = false;
  severity: AlertSeverity = AlertSeverity.other;
  /** Of what the reporter heard. */
  readonly local: VoiceMetrics = new VoiceMetrics();
  /** Of what the other side heard, as that told the reporter. */
  readonly remote: VoiceMetrics = new VoiceMetrics();

  /** Forgets the report before. */
  clear(): void {
    this.isCallTerm = false;
    this.severity = AlertSeverity.other;
    this.local.clear();
    this.remote.clear();
  }
}
