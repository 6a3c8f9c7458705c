// SPDX-License-Identifier: Apache-2.0
import type { FeedbackKind, RtcpType, XrBlock } from './rtcp-type.ts';

/** What a sender tells of itself (RFC 3550 §6.4.1). One object, reused. */
export class SenderReport {
  /** As int32. */
  ssrc = 0;
  /** The middle 32 bits of its NTP time as int32, in units of 1/65536 s: what receivers give back as LSR. */
  ntpMiddle = 0;
}

/** What a receiver tells of one source (RFC 3550 §6.4.1). One object, reused. */
export class ReportBlock {
  /** Who reports, as int32. */
  reporter = 0;
  /** The source it reports on, as int32. */
  ssrc = 0;
  /** Of the packets since its last report, in 256ths: 0..255. */
  fractionLost = 0;
  /** Since it began; negative where duplicates outnumber losses: -2^23..2^23-1. */
  cumulativeLost = 0;
  /** Sequence number and, above it, how often it wrapped; as int32. */
  extendedHighestSequence = 0;
  /** In units of the RTP clock, 0..2^32-1. */
  interarrivalJitter = 0;
  /** `SenderReport.ntpMiddle` of the last one it had; 0 for none. */
  lastSenderReport = 0;
  /** Time since then, in units of 1/65536 s, 0..2^32-1. */
  delaySinceLastSenderReport = 0;
}

/** The VoIP metrics block (RFC 3611 §4.7), as it is on the wire. One object, reused. */
export class VoipMetrics {
  /** Who reports, as int32. */
  reporter = 0;
  /** The source it reports on, as int32. */
  ssrc = 0;
  /** In 256ths: packets lost, packets discarded, both within bursts and within gaps. */
  lossRate = 0;
  discardRate = 0;
  burstDensity = 0;
  gapDensity = 0;
  burstMillis = 0;
  gapMillis = 0;
  /** 0 where it is not known. */
  roundTripMillis = 0;
  endSystemMillis = 0;
  /** dBm0 as int8; 127 where they are not known. */
  signalLevel = 0;
  noiseLevel = 0;
  /** dB; 127 where it is not known. */
  residualEchoReturnLoss = 0;
  gmin = 0;
  /** 0..100; 127 where they are not known. */
  rFactor = 0;
  externalRFactor = 0;
  /** Tenths, 10..50; 127 where they are not known. */
  mosListening = 0;
  mosConversational = 0;
  jitterBufferNominalMillis = 0;
  jitterBufferMaximumMillis = 0;
}

/** Value of signal and noise level, echo, R factors and MOS in a VoIP metrics block that are not known. */
export const NOT_AVAILABLE = 127;

/** Told what is in a compound packet, in the order of the wire. Its arguments are reused: to be read inside the call only. */
export interface RtcpVisitor {
  /** A packet; comes before what is in it. */
  packet(type: RtcpType): void;
  senderReport(report: SenderReport): void;
  /** Of a sender or receiver report. */
  reportBlock(block: ReportBlock): void;
  /** A source leaves. */
  bye(ssrc: number): void;
  feedback(kind: FeedbackKind): void;
  /** A block of an extended report; comes before what is in it. */
  extendedBlock(block: XrBlock): void;
  voipMetrics(metrics: VoipMetrics): void;
}
