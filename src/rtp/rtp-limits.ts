// SPDX-License-Identifier: Apache-2.0

/** Limits of the streams of RTP. */
export interface RtpLimits {
  /** Streams kept, those in probation too. */
  readonly maxStreams: number;
  /** Streams kept of one pair of addresses and ports: more SSRCs stay in probation. */
  readonly maxStreamsPerFlow: number;
  /** A stream without packets for so long is over; seen when an interval is. */
  readonly idleMicros: number;
  /** Length of an interval. */
  readonly intervalMicros: number;
  /** Packets with consecutive sequence numbers that make a stream of what nobody announced, at least 2. */
  readonly probation: number;
  /** Takes what nobody announced too. */
  readonly isDetecting: boolean;
  /** A packet that comes again within this time, with the same identification and checksum, was captured twice. */
  readonly duplicateMicros: number;
}
