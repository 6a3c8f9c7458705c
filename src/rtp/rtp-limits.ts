// SPDX-License-Identifier: Apache-2.0

/** Limits of the streams of RTP. */
export interface RtpLimits {
  /** Streams kept, those in probation too. */
  readonly maxStreams: number;
  /** A stream without packets for so long is over. */
  readonly idleMicros: number;
  /** Length of an interval. */
  readonly intervalMicros: number;
  /** Packets with consecutive sequence numbers that make a stream of what nobody announced. */
  readonly probation: number;
}
