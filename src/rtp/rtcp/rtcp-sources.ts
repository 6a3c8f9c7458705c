// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../../base/hash.ts';
import { KeyedTable } from '../../base/keyed-table.ts';
import type { PacketClock } from '../../base/packet-clock.ts';
import type { Expiring } from '../../base/ticks.ts';
import { Datagram } from '../../decode/datagram.ts';
import { parseRtcp } from './parse-rtcp.ts';
import {
  FarEndReport,
  RoundTrip,
  RoundTripResult,
  type RtcpClockRates,
  type RtcpEvents,
} from './rtcp-events.ts';
import { hashRtcpSource, hashRtcpSourceOfCall, type RtcpCall } from './rtcp-flow-key.ts';
import type { RtcpLimits } from './rtcp-limits.ts';
import type { RtcpResult } from './rtcp-result.ts';
import type { FeedbackKind, RtcpType, XrBlock } from './rtcp-type.ts';
import type { ReportBlock, RtcpVisitor, SenderReport, VoipMetrics } from './rtcp-visitor.ts';

/** Sender reports kept of a source. Receivers name the last they had, which is at most a few old. */
const KEPT_REPORTS = 4;

const noCall: RtcpCall = { low: 0, high: 0 };

/** Fields of a source. */
const Field = {
  /** `ntpMiddle` of its last sender reports, and `PacketClock.wrapped` when they were first seen. */
  ntpMiddle: 0,
  seenAt: 4,
  /** Sender reports there were, modulo 2^31. */
  reportCount: 8,
  /** 1 once a receiver told of it; then what its last report block said. */
  hasBlock: 9,
  reporter: 10,
  highest: 11,
  lost: 12,
  lastSenderReport: 13,
  delaySince: 14,
  /** Round trip from here to who receives it; -1 while unknown. And when that was told. */
  segment: 15,
  segmentAt: 16,
  size: 18,
} as const;

/** The order of eviction: sources that nobody answered, which is what a forger can make, go first. */
const Queue = { unproven: 0, proven: 1 } as const;

const SECOND = 1_000_000;
/** RFC 3550 §6.3.5 gives up a silent participant after five intervals, which are 5 s and more. */
const LIFETIME_MICROS = 120 * SECOND;
/** A round trip above is none. */
const MAX_ROUND_TRIP_MICROS = 60 * SECOND;
/** DLSR is rounded, and the clocks of two machines run apart: a little below 0 is 0, as beside the receiver. */
const CLOCK_TOLERANCE_MICROS = 1000;
/** A half of a round trip that is older is not added to the other half. */
const MAX_SEGMENT_AGE_MICROS = 60 * SECOND;
/** Packets between two reports above which the sequence numbers began anew; and the same for what is lost of them. */
const MAX_EXPECTED = 2 ** 24;

/**
 * What is known of sources by their RTCP: round trips, and what receivers tell of the loss and jitter they have. A source
 * is an SSRC and the way its packets go, or its call where that is told. Fed with datagrams on ports known to carry RTCP, or with what
 * `startsLikeRtcp` on ports of RTP (RFC 5761).
 */
export class RtcpSources implements RtcpVisitor, Expiring {
  readonly table: KeyedTable;
  readonly #clock: PacketClock;
  readonly #hash: SeededHash;
  readonly #events: RtcpEvents;
  readonly #rates: RtcpClockRates;
  readonly #trip = new RoundTrip();
  readonly #farEnd = new FarEndReport();
  /** The datagram being read and its traffic context. */
  #datagram: Datagram = new Datagram();
  #context = 0;
  #call: RtcpCall = noCall;

  constructor(
    limits: RtcpLimits,
    clock: PacketClock,
    hash: SeededHash,
    events: RtcpEvents,
    rates: RtcpClockRates,
  ) {
    this.table = new KeyedTable(limits.maxSources, Field.size, [LIFETIME_MICROS, LIFETIME_MICROS], clock);
    this.#clock = clock;
    this.#hash = hash;
    this.#events = events;
    this.#rates = rates;
  }

  /** Reads an RTCP datagram at the packet time of the clock, on a flow that is known to be encrypted or not; of a call, if told. */
  datagram(datagram: Datagram, context: number, isEncrypted: boolean, call: RtcpCall = noCall): RtcpResult {
    this.#datagram = datagram;
    this.#context = context;
    this.#call = call;
    const { bytes, payloadOffset, payloadLength } = datagram;
    const result = parseRtcp(bytes, payloadOffset, payloadLength, isEncrypted, this);
    this.#events.rtcpDatagram(context, result);
    return result;
  }

  /** When the first source has been silent for long. */
  noteDue(earliestMicros: Float64Array): void {
    this.table.noteDue(earliestMicros);
  }

  /** Forgets sources that have been silent for long. Returns whether there were any. */
  expire(): boolean {
    return this.table.removeDue(Queue.unproven) > 0 || this.table.removeDue(Queue.proven) > 0;
  }

  packet(type: RtcpType): void {
    this.#events.rtcpPacket(this.#context, type);
  }

  feedback(kind: FeedbackKind): void {
    this.#events.feedback(this.#context, kind);
  }

  extendedBlock(block: XrBlock): void {
    this.#events.extendedBlock(this.#context, block);
  }

  voipMetrics(metrics: VoipMetrics): void {
    this.#events.voipMetrics(this.#context, this.#datagram, metrics);
  }

  bye(ssrc: number): void {
    this.#events.bye(this.#context, this.#datagram, ssrc);
  }

  senderReport({ ssrc, ntpMiddle }: SenderReport): void {
    const { table } = this;
    const slot = this.#source(ssrc, false);
    if (slot < 0) return;
    const count = table.field(slot, Field.reportCount);
    // A copy, as the next hop's, is later than the one that the round trip begins with.
    const last = (count + KEPT_REPORTS - 1) % KEPT_REPORTS;
    if (count > 0 && table.field(slot, Field.ntpMiddle + last) === ntpMiddle) return;
    table.setField(slot, Field.ntpMiddle + (count % KEPT_REPORTS), ntpMiddle);
    table.setField(slot, Field.seenAt + (count % KEPT_REPORTS), this.#clock.wrapped);
    table.setField(slot, Field.reportCount, (count + 1) & 0x7fffffff);
  }

  reportBlock(block: ReportBlock): void {
    const slot = this.#source(block.ssrc, true);
    if (slot < 0) {
      this.#events.reportBlock(this.#context, RoundTripResult.untracked);
      return;
    }
    const isSameReporter = this.#isSameReporter(slot, block.reporter);
    if (isSameReporter && this.#isCopy(slot, block)) {
      this.#events.reportBlock(this.#context, RoundTripResult.copy);
      return;
    }
    this.#tellFarEnd(slot, block, isSameReporter);
    this.#remember(slot, block);
    const result = this.#measure(slot, block);
    this.#events.reportBlock(this.#context, result);
    if (result === RoundTripResult.measured)
      this.#events.roundTrip(this.#context, this.#datagram, this.#trip);
  }

  /** The slot of a source, made if need be, with its lifetime begun anew; -1 without room for any. */
  #source(ssrc: number, isAnswered: boolean): number {
    const { table } = this;
    const slot = this.#find(ssrc, isAnswered);
    if (slot >= 0) {
      table.move(slot, table.queueOf(slot));
      return slot;
    }
    if (table.size >= table.limit) table.evict(table.victim(), false);
    const { low, high } = this.#hash;
    const added = table.insert(low, high, Queue.unproven);
    if (added < 0) return added;
    table.clearFields(added);
    table.setField(added, Field.segment, -1);
    return added;
  }

  /** The slot of a source that goes the way of the datagram or the other way, or -1; its key is left in the hash. */
  #find(ssrc: number, isAnswered: boolean): number {
    const isOfCall = this.#call.low !== 0 || this.#call.high !== 0;
    if (isOfCall) hashRtcpSourceOfCall(this.#hash, this.#call, ssrc);
    else hashRtcpSource(this.#hash, this.#datagram, isAnswered, ssrc);
    return this.table.find(this.#hash.low, this.#hash.high);
  }

  #isSameReporter(slot: number, reporter: number): boolean {
    return (
      this.table.field(slot, Field.hasBlock) === 1 && this.table.field(slot, Field.reporter) === reporter
    );
  }

  /** Two reports of one receiver never have the same delay since the same sender report, unless there was none. */
  #isCopy(slot: number, block: ReportBlock): boolean {
    const { table } = this;
    return (
      table.field(slot, Field.lastSenderReport) === block.lastSenderReport &&
      table.field(slot, Field.delaySince) === (block.delaySinceLastSenderReport | 0) &&
      table.field(slot, Field.highest) === block.extendedHighestSequence &&
      table.field(slot, Field.lost) === block.cumulativeLost
    );
  }

  #remember(slot: number, block: ReportBlock): void {
    const { table } = this;
    table.setField(slot, Field.hasBlock, 1);
    table.setField(slot, Field.reporter, block.reporter);
    table.setField(slot, Field.highest, block.extendedHighestSequence);
    table.setField(slot, Field.lost, block.cumulativeLost);
    table.setField(slot, Field.lastSenderReport, block.lastSenderReport);
    table.setField(slot, Field.delaySince, block.delaySinceLastSenderReport | 0);
  }

  /** Tells what the receiver had since its last report (RFC 3550 A.3); of its first one, jitter and the fraction lost. */
  #tellFarEnd(slot: number, block: ReportBlock, isSameReporter: boolean): void {
    const report = this.#farEnd;
    report.ssrc = block.ssrc;
    report.reporter = block.reporter;
    report.fractionLost = block.fractionLost;
    report.expected = 0;
    report.lost = 0;
    if (isSameReporter) {
      const expected = (block.extendedHighestSequence - this.table.field(slot, Field.highest)) | 0;
      // Nothing was sent in between: nothing can be said of it.
      if (expected === 0) return;
      if (expected > 0 && expected <= MAX_EXPECTED) {
        const lost = block.cumulativeLost - this.table.field(slot, Field.lost);
        report.expected = expected;
        report.lost = Math.min(Math.max(lost, 0), expected);
      }
    }
    const rate = Math.max(1, this.#rates.clockRateOf(this.#datagram, block.ssrc));
    report.jitterMicros = Math.min(Math.round((block.interarrivalJitter * SECOND) / rate), 0x7fffffff);
    this.#events.farEnd(this.#context, this.#datagram, report);
  }

  /** Finds the sender report that a block answers (RFC 3550 §6.4.1) and sets `#trip`. */
  #measure(slot: number, block: ReportBlock): RoundTripResult {
    const { table } = this;
    if (block.lastSenderReport === 0) return RoundTripResult.noSenderReport;
    const kept = Math.min(table.field(slot, Field.reportCount), KEPT_REPORTS);
    let index = 0;
    while (index < kept && table.field(slot, Field.ntpMiddle + index) !== block.lastSenderReport) index++;
    if (index === kept) return RoundTripResult.unmatched;
    const sinceMicros = this.#clock.microsSince(table.field(slot, Field.seenAt + index));
    const delayMicros = (block.delaySinceLastSenderReport * SECOND) / 65_536;
    const segmentMicros = Math.round(sinceMicros - delayMicros);
    if (segmentMicros < -CLOCK_TOLERANCE_MICROS || segmentMicros > MAX_ROUND_TRIP_MICROS) {
      return RoundTripResult.implausible;
    }
    const trip = this.#trip;
    trip.ssrc = block.ssrc;
    trip.reporter = block.reporter;
    trip.segmentMicros = Math.max(0, segmentMicros);
    table.setField(slot, Field.segment, trip.segmentMicros);
    table.setField(slot, Field.segmentAt, this.#clock.wrapped);
    if (table.queueOf(slot) === Queue.unproven) table.move(slot, Queue.proven);
    const other = this.#otherSegment(block.reporter);
    trip.fullMicros = other < 0 ? -1 : trip.segmentMicros + other;
    return RoundTripResult.measured;
  }

  /** Round trip from here to who receives what the reporter sends, as last told; -1 where that is not known. */
  #otherSegment(reporter: number): number {
    const { table } = this;
    const slot = this.#find(reporter, false);
    if (slot < 0 || table.field(slot, Field.segment) < 0) return -1;
    const ageMicros = this.#clock.microsSince(table.field(slot, Field.segmentAt));
    return ageMicros <= MAX_SEGMENT_AGE_MICROS ? table.field(slot, Field.segment) : -1;
  }
}
