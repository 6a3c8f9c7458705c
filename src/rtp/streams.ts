// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import { areOneKind, type Codec } from './codec.ts';
import { Flows } from './flows.ts';
import { JoinedBy, type MediaDirectory } from './media-directory.ts';
import { PacketTally } from './packet-tally.ts';
import { Reception } from './reception.ts';
import { Refusal, refusalNames } from './refusal.ts';
import type { RtpHeader } from './rtp-header.ts';
import type { RtpLimits } from './rtp-limits.ts';
import { SensorLosses } from './sensor-losses.ts';
import { advanceSequence, MAX_DROPOUT, MAX_MISORDER } from './sequence-window.ts';
import { StrayPackets } from './stray-packets.ts';
import { StreamEndings } from './stream-endings.ts';
import type { StreamEvents } from './stream-events.ts';
import { StreamJoins } from './stream-joins.ts';
import { StreamKey } from './stream-key.ts';
import { Phase, packetsIn, STREAM_FIELDS, StreamDouble, StreamField } from './stream-record.ts';
import { StreamReports } from './stream-reports.ts';

/** What came this long ago in probation makes no stream. */
const PROBATION_MICROS = 10_000_000;
/** How long a stream is remembered after BYE. */
const ENDED_MICROS = 2_000_000;
/** MIN_SEQUENTIAL of RFC 3550 A.1. */
const MIN_SEQUENTIAL = 2;

/**
 * The streams of RTP: packets with one SSRC from one address and port to another. The same SSRC in both directions is two
 * streams, and so is one that moves to another destination, or that is seen on two hops with other addresses: each is
 * what one receiver has.
 *
 * A stream that signalling announced begins with two packets with consecutive sequence numbers (RFC 3550 A.1), what nobody
 * announced with `limits.probation` of them; forged SSRCs with random numbers never do. When the table is full, what is in
 * probation goes first; what nobody announced pushes out only its like, and nothing pushes out a signalled stream.
 *
 * Packets count when they come, in `tally`; all else at the end of each interval, when what is missing is settled.
 */
export class RtpStreams implements Expiring {
  readonly table: KeyedTable;
  readonly flows: Flows;
  /** Packets and bytes of all streams. */
  readonly tally: PacketTally = new PacketTally();
  /** Packets in no stream, by `Refusal`. */
  readonly refused: Float64Array = new Float64Array(refusalNames.length);

  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #limits: RtpLimits;
  readonly #directory: MediaDirectory;
  readonly #clock: PacketClock;
  readonly #events: StreamEvents;
  /** Of the packet. */
  readonly #key: StreamKey;
  /** Of what listeners look for while a packet is taken. */
  readonly #foundKey: StreamKey;
  readonly #losses: SensorLosses;
  readonly #reports: StreamReports;
  readonly #joins: StreamJoins;
  readonly #reception: Reception;
  readonly #strays: StrayPackets;
  readonly #endings: StreamEndings;

  constructor(
    limits: RtpLimits,
    directory: MediaDirectory,
    hash: SeededHash,
    clock: PacketClock,
    events: StreamEvents,
  ) {
    const settledMicros = Math.min(limits.intervalMicros, limits.idleMicros);
    this.table = new KeyedTable(
      limits.maxStreams,
      STREAM_FIELDS,
      [ENDED_MICROS, PROBATION_MICROS, PROBATION_MICROS, settledMicros, settledMicros],
      clock,
    );
    this.flows = new Flows(limits.maxStreams, limits.idleMicros, clock);
    this.#words = this.table.words;
    this.#doubles = this.table.doubles;
    this.#limits = limits;
    this.#directory = directory;
    this.#clock = clock;
    this.#events = events;
    this.#key = new StreamKey(hash);
    this.#foundKey = new StreamKey(hash);
    this.#losses = new SensorLosses(clock);
    const { table, flows, tally, refused } = this;
    const { words, doubles } = table;
    const { intervalMicros, idleMicros, duplicateMicros } = limits;
    this.#reports = new StreamReports(table, doubles, clock, this.#losses, intervalMicros);
    this.#joins = new StreamJoins(words, doubles, directory, clock, tally);
    this.#reception = new Reception(words, doubles, clock, tally, this.#joins, intervalMicros);
    this.#strays = new StrayPackets(words, doubles, clock, tally, refused, duplicateMicros);
    const reports = this.#reports;
    this.#endings = new StreamEndings({ table, flows, clock, reports, events, refused, idleMicros });
  }

  /** Streams given up because the table was full, by `Phase`. */
  get evicted(): Float64Array {
    return this.#endings.evicted;
  }

  /** Takes a packet whose header was read; `context` is where it was seen. */
  packet(datagram: Datagram, header: RtpHeader, context: number): void {
    const key = this.#key;
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = datagram;
    key.read(sourceAddress, sourcePort, destinationAddress, destinationPort, header.ssrc);
    const slot = this.table.find(key.low, key.high);
    if (slot < 0) {
      this.#begin(datagram, header, context);
      return;
    }
    const words = this.#words;
    const fields = this.table.fieldsOf(slot);
    if (words[fields + StreamField.phase] !== Phase.signalled && !this.#isTaken(slot, datagram, header))
      return;
    if (this.#clock.micros >= this.#doubles[(fields >> 1) + StreamDouble.intervalEndMicros]!) {
      this.#endings.closeInterval(slot);
      this.#renew(slot, datagram);
    }
    let distance = ((header.sequenceNumber - words[fields + StreamField.highestSequence]!) << 16) >> 16;
    if (distance > 0 && distance < MAX_DROPOUT) advanceSequence(words, fields, distance);
    else if (distance > 0 || distance <= -MAX_MISORDER) {
      if (!this.#strays.isRestart(fields, datagram, header)) return;
      distance = 0;
    } else if (!this.#strays.isLate(fields, datagram, distance)) return;
    this.#reception.count(fields, datagram, header, distance);
  }

  /** When the first of all streams and flows is due. */
  noteDue(earliestMicros: Float64Array): void {
    this.table.noteDue(earliestMicros);
    this.flows.table.noteDue(earliestMicros);
    this.#joins.noteDue(earliestMicros);
  }

  /** One step of expiry: ends intervals and streams. */
  expire(): boolean {
    return this.#joins.expire() || this.#endings.expire();
  }

  /** At the end of a capture: every stream ends. */
  finish(): void {
    this.#endings.finish();
  }

  /**
   * The sensor lost packets between now and another time: what is missing from streams is not told as lost by the network.
   */
  sensorLost(untilMicros: number): void {
    this.#losses.note(untilMicros);
  }

  /** Signalling announced something: streams that nobody announced ask the directory again. */
  rejoin(): void {
    this.#joins.renewAll();
  }

  /** The slot of a stream, or -1: of an RTCP packet's own direction, or of the other for what it reports of. */
  find(
    sourceAddress: Int32Array,
    sourcePort: number,
    destinationAddress: Int32Array,
    destinationPort: number,
    ssrc: number,
  ): number {
    const key = this.#foundKey;
    key.read(sourceAddress, sourcePort, destinationAddress, destinationPort, ssrc);
    const slot = this.table.find(key.low, key.high);
    return slot >= 0 && this.table.queueOf(slot) >= Phase.unsignalled ? slot : -1;
  }

  /** Hz of the stream that `find` gave. */
  clockRateOf(slot: number): number {
    const record = this.table.fieldsOf(slot) >> 1;
    return Math.round(1e6 / this.#doubles[record + StreamDouble.microsPerUnit]!);
  }

  /** RTCP told a round trip, microseconds below 2^31, for the stream that `find` gave. */
  setRoundTrip(slot: number, micros: number): void {
    this.table.setField(slot, StreamField.roundTripMicros, micros);
  }

  /** The endpoint of a stream, by what its reports say of it; -1 for none, or when the stream is over. */
  endpointOf(slot: number, stream: number): number {
    const { table } = this;
    if (!table.isStill(slot, stream) || table.queueOf(slot) < Phase.unsignalled) return -1;
    return table.field(slot, StreamField.endpoint);
  }

  /** Ends a stream because its call has: what still comes begins another one, whose SSRC is no change of this one's. */
  end(slot: number): void {
    const flow = this.table.field(slot, StreamField.flow);
    const flowKey = this.table.field(slot, StreamField.flowKey);
    this.#endings.end(slot, true);
    this.flows.forget(flow, flowKey);
  }

  /** RTCP BYE for the stream that `find` gave. */
  bye(slot: number): void {
    this.#endings.end(slot, false);
  }

  /** Takes a packet that is the first with its key. */
  #begin(datagram: Datagram, header: RtpHeader, context: number): void {
    const { table } = this;
    const joinedBy = this.#directory.find(datagram);
    if (joinedBy === JoinedBy.none && !this.#limits.isDetecting) {
      this.refused[Refusal.unannounced]!++;
      return;
    }
    const isAnnounced = joinedBy !== JoinedBy.none;
    if (!this.#endings.makeRoom(isAnnounced ? Phase.unsignalled : Phase.probation)) {
      this.refused[Refusal.tableFull]!++;
      return;
    }
    const phase = isAnnounced ? Phase.expected : Phase.probation;
    const slot = table.insert(this.#key.low, this.#key.high, phase);
    table.setField(slot, StreamField.phase, phase);
    table.setField(slot, StreamField.context, context);
    const fields = table.fieldsOf(slot);
    this.#joins.join(fields, joinedBy);
    this.#reception.begin(fields, datagram, header);
  }

  /** Whether a packet of a stream that is not, or not yet, a signalled one goes on. */
  #isTaken(slot: number, datagram: Datagram, header: RtpHeader): boolean {
    const words = this.#words;
    const fields = this.table.fieldsOf(slot);
    const phase = words[fields + StreamField.phase]!;
    if (phase === Phase.ended) {
      this.refused[Refusal.afterBye]!++;
      return false;
    }
    if (this.#joins.isDue(fields)) this.#renew(slot, datagram);
    return phase >= Phase.unsignalled || this.#isConfirmed(slot, datagram, header);
  }

  /** Whether a packet in probation goes on: its sequence number is the next one (RFC 3550 A.1). */
  #isConfirmed(slot: number, datagram: Datagram, header: RtpHeader): boolean {
    const words = this.#words;
    const fields = this.table.fieldsOf(slot);
    const distance = ((header.sequenceNumber - words[fields + StreamField.highestSequence]!) << 16) >> 16;
    // Captured or sent twice, as every packet may be: nothing is known by it, and it counts when the others do.
    const isBehind = distance <= 0 && distance > -MAX_MISORDER;
    if (isBehind && this.#strays.isRepeated(fields, datagram, distance)) return false;
    const isOpen = this.#clock.micros < this.#doubles[(fields >> 1) + StreamDouble.intervalEndMicros]!;
    const isSignalled = words[fields + StreamField.joinedBy] !== JoinedBy.none;
    const isNext = distance === 1 && isOpen;
    const needed = isSignalled ? MIN_SEQUENTIAL : Math.max(this.#limits.probation, MIN_SEQUENTIAL);
    if (isNext && words[fields + StreamField.received]! + 1 < needed) return true;
    if (isNext && this.#confirm(slot, isSignalled ? Phase.signalled : Phase.unsignalled)) return true;
    this.refused[isNext ? Refusal.flowFull : Refusal.probation]! += packetsIn(words, fields);
    this.#reception.begin(fields, datagram, header);
    return false;
  }

  /** Makes a stream of a record in probation, unless its flow has too many. */
  #confirm(slot: number, phase: Phase): boolean {
    const { table, flows } = this;
    const words = this.#words;
    const fields = table.fieldsOf(slot);
    const { flowLow, flowHigh } = this.#key;
    const flow = flows.find(flowLow, flowHigh);
    if (flows.countOf(flow) >= this.#limits.maxStreamsPerFlow) return false;
    if (flow >= 0) {
      // Several SSRCs may share a flow at the same time (RFC 8843): then none takes the place of another.
      const latest = flows.latestOf(flow, table);
      const isOther = flows.latestKeyOf(flow) !== table.keyLow(slot);
      const isChange = isOther && (latest < 0 || this.#follows(fields, latest));
      words[fields + StreamField.isSsrcChange] = isChange ? 1 : 0;
    }
    words[fields + StreamField.flow] = flows.begin(flow, flowLow, flowHigh, slot, table.keyLow(slot));
    words[fields + StreamField.flowKey] = flowLow;
    words[fields + StreamField.phase] = phase;
    table.move(slot, phase);
    this.#joins.setTally(fields);
    const tally = words[fields + StreamField.tally]!;
    this.tally.packets[tally]! += words[fields + StreamField.received]!;
    this.tally.bytes[tally]! += words[fields + StreamField.bytes]!;
    this.#reports.begin(slot);
    this.#events.streamBegan(this.#reports.report);
    return true;
  }

  /** Whether a stream begins where the one in a slot fell silent, and is of its kind: video does not take the place of voice. */
  #follows(fields: number, before: number): boolean {
    const words = this.#words;
    const doubles = this.#doubles;
    const beforeFields = this.table.fieldsOf(before);
    const lastMicros = doubles[(beforeFields >> 1) + StreamDouble.lastMicros]!;
    if (lastMicros > doubles[(fields >> 1) + StreamDouble.firstMicros]!) return false;
    const codec = words[fields + StreamField.codec]! as Codec;
    return areOneKind(codec, words[beforeFields + StreamField.codec]! as Codec);
  }

  /** Asks the directory again; a stream that it knows now is a signalled one, or will be, and one that it knew may be another's. */
  #renew(slot: number, datagram: Datagram): void {
    const words = this.#words;
    const fields = this.table.fieldsOf(slot);
    const phase = words[fields + StreamField.phase]!;
    const endpoint = words[fields + StreamField.endpoint]!;
    const endpointKey = words[fields + StreamField.endpointKey]!;
    const isJoined = this.#joins.renew(fields, datagram);
    // Before it began nobody was told where it is joined.
    if (phase === Phase.signalled && words[fields + StreamField.endpointKey] !== endpointKey)
      this.#leave(slot, endpoint, endpointKey);
    if (!isJoined || (phase !== Phase.probation && phase !== Phase.unsignalled)) return;
    const known = phase === Phase.probation ? Phase.expected : Phase.signalled;
    words[fields + StreamField.phase] = known;
    this.table.move(slot, known);
    if (known !== Phase.signalled || this.#events.streamJoined === undefined) return;
    this.#reports.begin(slot);
    this.#events.streamJoined(this.#reports.report);
  }

  /** Tells that a stream is no longer joined to an endpoint, unless it was to none. */
  #leave(slot: number, endpoint: number, endpointKey: number): void {
    if (endpoint < 0 || this.#events.streamLeft === undefined) return;
    const reports = this.#reports;
    reports.begin(slot);
    reports.report.endpoint = endpoint;
    reports.report.endpointKey = endpointKey;
    this.#events.streamLeft(reports.report);
  }
}
