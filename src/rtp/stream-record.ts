// SPDX-License-Identifier: Apache-2.0

/** What a stream is; also its queue in the table, so the order is the order of eviction. */
export const Phase = {
  /** After RTCP BYE: what still comes belongs to it. */
  ended: 0,
  probation: 1,
  /** In probation too, but announced. */
  expected: 2,
  /** Nobody announced it. */
  unsignalled: 3,
  signalled: 4,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * Int32 fields of a stream's record, in the order of its cache lines: what every packet touches stands in the first three
 * (bench rtp/streams-20k).
 */
export const StreamField = {
  phase: 0,
  /** Of the last packet that was no DTMF or comfort noise. */
  payloadType: 1,
  /** Highest sequence number; wraps at 2^32, so that differences count packets. */
  highestSequence: 2,
  /** RTP timestamp of the last packet that jitter is made of. */
  timestamp: 3,
  /** Where its packets are counted in `PacketTally`. */
  tally: 4,
  /** Of this interval. */
  received: 5,
  bytes: 6,
  /** Timestamp units from a packet to the next. */
  packetUnits: 7,
  /** Four words of bits each, by sequence number modulo 128: it came; it was, or may still be, heard. */
  receivedBits: 28,
  playableBits: 32,
  /** Four sightings by sequence number modulo 4: what tells copies of a frame, and its time. */
  sightings: 36,

  /** The sequence number that makes a jump a restart (RFC 3550 A.1), -1 without a jump; and the bytes of that packet. */
  badSequence: 40,
  badBytes: 41,
  /** Payload type of the last DTMF or comfort noise, -1 for none. */
  asidePayloadType: 42,
  /** As `MediaDirectory.ratedCodecOf` has it. */
  ratedCodec: 43,
  /** Counts what signalling announced before the directory was asked. */
  generation: 44,
  context: 46,
  codec: 47,
  joinedBy: 48,
  endpoint: 49,
  endpointKey: 50,
  isEncrypted: 51,
  /** In the table of flows: slot and the low half of the key. */
  flow: 52,
  flowKey: 53,
  roundTripMicros: 54,
  /** Sequence numbers up to here belong to earlier intervals. */
  settledSequence: 55,
  /** Losses less than Gmin apart: their first and last sequence number, and how many. */
  groupFirst: 56,
  groupLast: 57,
  groupLosses: 58,
  /** Whether it began where another SSRC had ended. */
  isSsrcChange: 59,
  /** The sighting of the packet that `badSequence` follows. */
  badSighting: 61,
  /** Late packets whose loss was told before, and that found no loss yet to be taken from. */
  givenBack: 60,
  /** The counts of this interval, see `Count`. */
  counts: 64,
} as const;

/** Doubles of a stream's record, counted in doubles from its first field: each stands in two fields. */
export const StreamDouble = {
  lastMicros: 4,
  intervalEndMicros: 5,
  /** Arrival of the packet whose `timestamp` is kept, -1 before the first. */
  voiceMicros: 6,
  microsPerUnit: 7,
  jitterMicros: 8,
  maxJitterMicros: 9,
  /** How much later than the first the last packet came, as the timestamps are. */
  transitMicros: 10,
  /** The smallest transit of this interval and the one before: what the fixed buffer counts from. */
  referenceMicros: 11,
  intervalTransitMicros: 12,
  /** Transit of the latest packet that the adaptive buffer takes. */
  playoutMicros: 13,
  firstMicros: 31,
  /** The counts of all intervals before, by `Count`. */
  totals: 40,
  /** The largest jitter of all intervals before. */
  streamJitterMicros: 58,
} as const;

/** What is counted of each interval and of the whole stream. `received` and `bytes` stand elsewhere in an interval. */
export const Count = {
  lost: 0,
  unknown: 1,
  duplicate: 2,
  outOfOrder: 3,
  copies: 4,
  discardedFixed: 5,
  discardedAdaptive: 6,
  /** DTMF and comfort noise. */
  aside: 7,
  restarts: 8,
  codecChanges: 9,
  /** Sequence numbers that were settled: they came or did not. */
  settled: 10,
  bursts: 11,
  burstPackets: 12,
  burstLosses: 13,
  gapLosses: 14,
  lossRuns: 15,
  received: 16,
  bytes: 17,
} as const;

/** Counts that stand in an interval: all before `received`. */
export const INTERVAL_COUNTS: number = Count.received;
/** Counts of a whole stream. */
export const ALL_COUNTS: number = Count.bytes + 1;

/** With the table's own eight words a record has 512 bytes. */
export const STREAM_FIELDS = 120;

/** Packets that came in an interval, repeated ones too: of a record in probation all of them. */
export function packetsIn(words: Int32Array, fields: number): number {
  const counts = fields + StreamField.counts;
  return (
    words[fields + StreamField.received]! + words[counts + Count.duplicate]! + words[counts + Count.copies]!
  );
}
