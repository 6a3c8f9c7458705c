// SPDX-License-Identifier: Apache-2.0
import type { Codec } from './codec.ts';
import type { JoinedBy } from './media-directory.ts';

/** Of an interval or a whole stream; one object, reused: to be read inside the call only. */
export class StreamReport {
  /** Name of the stream's record: the low half of its key; and its slot, while the stream is. */
  stream = 0;
  slot = 0;
  /** Traffic context of its first packet. */
  context = 0;
  codec: Codec = 0;
  /** The payload type that stands for it, 0..127; -1 where nothing came yet. */
  payloadType = -1;
  /** `RatedCodec` of it, with `REDUNDANT`. */
  ratedCodec = 0;
  joinedBy: JoinedBy = 0;
  /** As in `MediaDirectory`; -1 for none. */
  endpoint = -1;
  endpointKey = 0;
  /** Packet time of the first and last packet, and of the first and last of the report. */
  firstMicros = 0;
  lastMicros = 0;
  beginMicros = 0;
  endMicros = 0;
  /** Packets received, duplicates left out; and payload bytes. */
  received = 0;
  bytes = 0;
  /** Packets that were sent by their sequence numbers: received + lost + unknown. */
  expected = 0;
  /** 0 where `isSensorLossy`: what is missing then is in `unknown`. */
  lost = 0;
  /** Packets missing while the sensor itself lost some. */
  unknown = 0;
  /** Received again. What was captured twice, as from a mirror port, is in `copies`. */
  duplicate = 0;
  copies = 0;
  /** Received behind a packet that was sent later (RFC 4737 §3.3). */
  outOfOrder = 0;
  /** Jumps of the sequence number to another place (RFC 3550 A.1). */
  restarts = 0;
  /** From one codec to another; DTMF and comfort noise are none. */
  codecChanges = 0;
  /** In `streamBegan`: another SSRC had ended on the same addresses and ports. */
  isSsrcChange = false;
  /** Packets that would come too late for a jitter buffer of 60 ms, and for an adaptive one (jitter-buffers.ts). */
  discardedFixed = 0;
  discardedAdaptive = 0;
  /** Interarrival jitter at its end (RFC 3550 §6.4.1), microseconds. */
  jitterMicros = 0;
  /** The largest jitter within. */
  maxJitterMicros = 0;
  /**
   * Bursts and gaps (RFC 3611 §4.7.2, Gmin 16), loss and discards by the adaptive buffer together: ratios 0..1 and mean
   * lengths. 0 where `isSensorLossy`.
   */
  burstDensity = 0;
  gapDensity = 0;
  burstMillis = 0;
  gapMillis = 0;
  /**
   * Runs of losses and of discards by the adaptive buffer; 0 where `isSensorLossy`. And their mean length over what random
   * loss would have (G.107 BurstR), at least 1.
   */
  lossRuns = 0;
  burstRatio = 1;
  /** Round trip as last told by RTCP; -1 when not known. */
  roundTripMicros = -1;
  /** The sensor lost packets in this time: no quality is told of it. */
  isSensorLossy = false;
  /** DTMF and comfort noise only, nothing, or encrypted with an unknown codec: nothing to hear a quality of. */
  isSilent = false;
}

/** What the streams of RTP tell their listener. Integers and a reused report: nothing is allocated. */
export interface StreamEvents {
  /** A stream is one: it came through probation (RFC 3550 A.1). The report holds what was seen so far. */
  streamBegan(report: StreamReport): void;
  /** A stream that nobody had announced is now; the report holds what was seen of this interval. */
  streamJoined?(report: StreamReport): void;
  /** A stream is no longer joined to the endpoint in the report: it is another one's now, or nobody's. */
  streamLeft?(report: StreamReport): void;
  /** An interval of 10 s, or what was left of it at the end, is over. Comes before `streamEnded`. */
  intervalEnded(report: StreamReport): void;
  /** No packet for the idle time, RTCP BYE, evicted or end of the capture. All of the stream, but for `isSensorLossy`. */
  streamEnded(report: StreamReport): void;
}
