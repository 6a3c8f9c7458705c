// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../../decode/datagram.ts';
import type { RtcpResult } from './rtcp-result.ts';
import type { FeedbackKind, RtcpType, XrBlock } from './rtcp-type.ts';
import type { VoipMetrics } from './rtcp-visitor.ts';

/** What a report block gave for the round trip: a closed set, for it becomes the label `round_trip`. */
export const RoundTripResult = {
  measured: 0,
  /** The receiver had no sender report yet: LSR is 0. */
  noSenderReport: 1,
  /** The sender report it names was not seen here, or is long gone. */
  unmatched: 2,
  /** Negative or above 60 s: a clock that jumped, or a forged report. */
  implausible: 3,
  /** The same block of the same reporter, seen before: another hop's or mirror's copy. Nothing is taken from it. */
  copy: 4,
  /** There was no room for its source. */
  untracked: 5,
} as const;
export type RoundTripResult = (typeof RoundTripResult)[keyof typeof RoundTripResult];

/** `round_trip` label values, by `RoundTripResult`. */
export const roundTripResultNames: readonly string[] = [
  'measured',
  'no_sender_report',
  'unmatched',
  'implausible',
  'copy',
  'untracked',
];

/**
 * A round trip, seen from where ringtap stands between the two ends. One object, reused.
 *
 *     sender ------------ sensor ------------ receiver
 *                  SR      | t1  ---------------> |
 *                          |                      | DLSR
 *                  RR      | t2  <--------------- |        segment = t2 - t1 - DLSR
 *
 * Each end's reports give the segment to that end; where both are known, their sum is the whole way.
 */
export class RoundTrip {
  /** The source whose sender report came back, and who sent it back; as int32. */
  ssrc = 0;
  reporter = 0;
  /** From the sensor to the reporter and back. */
  segmentMicros = 0;
  /** From end to end and back; -1 while the other segment is not known. */
  fullMicros = -1;
}

/** What a receiver tells of a stream since its last report. One object, reused. */
export class FarEndReport {
  /** The source it reports on, and the reporter; as int32. */
  ssrc = 0;
  reporter = 0;
  /** Packets it should have had since its last report, by sequence numbers: 1 and more; 0 of its first report. */
  expected = 0;
  /** Of these, what is missing: 0..expected. */
  lost = 0;
  /** As the receiver says it, in 256ths: 0..255. */
  fractionLost = 0;
  /** Interarrival jitter (RFC 3550 §6.4.1), 0..2^31-1. */
  jitterMicros = 0;
}

/**
 * What RTCP tells its listener. Integers and reused objects, to be read inside the call only: nothing is allocated. The
 * datagram is that which tells it, from the reporter to the sender of what is reported.
 */
export interface RtcpEvents {
  /** A datagram was read or not; comes after what is in it. */
  rtcpDatagram(context: number, result: RtcpResult): void;
  rtcpPacket(context: number, type: RtcpType): void;
  feedback(context: number, kind: FeedbackKind): void;
  extendedBlock(context: number, block: XrBlock): void;
  reportBlock(context: number, result: RoundTripResult): void;
  roundTrip(context: number, datagram: Datagram, trip: RoundTrip): void;
  farEnd(context: number, datagram: Datagram, report: FarEndReport): void;
  /** A source says that it leaves; forgeable, as all of this is. */
  bye(context: number, datagram: Datagram, ssrc: number): void;
  voipMetrics(context: number, datagram: Datagram, metrics: VoipMetrics): void;
}

/** Who knows the clock of a stream: jitter comes in its units. */
export interface RtcpClockRates {
  /** Hz of the source `ssrc`, whose packets go the other way than `datagram`; 8000 where nothing is known. */
  clockRateOf(datagram: Datagram, ssrc: number): number;
}
