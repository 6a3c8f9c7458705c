// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import { Codec } from './codec.ts';
import { Flows } from './flows.ts';
import { beginBuffers, takeArrival } from './jitter-buffers.ts';
import { JoinedBy, type MediaDirectory } from './media-directory.ts';
import { PacketTally } from './packet-tally.ts';
import { Refusal, refusalNames } from './refusal.ts';
import type { RtpHeader } from './rtp-header.ts';
import type { RtpLimits } from './rtp-limits.ts';
import { SensorLosses } from './sensor-losses.ts';
import {
  advanceSequence,
  beginSequence,
  MAX_DROPOUT,
  MAX_MISORDER,
  SETTLED_BEHIND,
  settleRest,
} from './sequence-window.ts';
import { isCopy, noteSighting, windowUnits } from './sightings.ts';
import type { StreamEvents } from './stream-events.ts';
import { StreamJoins } from './stream-joins.ts';
import { StreamKey } from './stream-key.ts';
import { ALL_COUNTS, Count, Phase, STREAM_FIELDS, StreamDouble, StreamField } from './stream-record.ts';
import { StreamReports } from './stream-reports.ts';

/** Expiry is looked at this often, in packet time. */
const TICK_MICROS = 100_000;
/** Records that one call of `advance` looks at. */
const MAX_STEPS = 64;
/** What came this long ago in probation makes no stream. */
const PROBATION_MICROS = 10_000_000;
/** How long a stream is remembered after BYE. */
const ENDED_MICROS = 2_000_000;
/** MIN_SEQUENTIAL of RFC 3550 A.1. */
const MIN_SEQUENTIAL = 2;

const { counts } = StreamField;

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
export class RtpStreams {
  readonly table: KeyedTable;
  readonly flows: Flows;
  /** Packets and bytes of all streams. */
  readonly tally: PacketTally = new PacketTally();
  /** Packets in no stream, by `Refusal`. */
  readonly refused: Float64Array = new Float64Array(refusalNames.length);
  /** Streams given up because the table was full, by `Phase`. */
  readonly evicted: Float64Array = new Float64Array(Phase.signalled + 1);

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
  /** Of one difference: a double that is passed to a function may be boxed. */
  readonly #difference = new Float64Array(1);
  readonly #joins: StreamJoins;
  readonly #duplicateUnits: number;
  #nextTickMicros = 0;
  #isBehind = false;

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
    this.#doubles = new Float64Array(this.table.words.buffer, this.table.words.byteOffset);
    this.#limits = limits;
    this.#directory = directory;
    this.#clock = clock;
    this.#events = events;
    this.#key = new StreamKey(hash);
    this.#foundKey = new StreamKey(hash);
    this.#losses = new SensorLosses(clock);
    this.#reports = new StreamReports(this.table, this.#doubles, clock, this.#losses, limits.intervalMicros);
    this.#joins = new StreamJoins(this.#words, this.#doubles, directory, clock, this.tally);
    this.#duplicateUnits = windowUnits(limits.duplicateMicros);
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
      this.#closeInterval(slot);
      this.#renew(slot, datagram);
    }
    let distance = ((header.sequenceNumber - words[fields + StreamField.highestSequence]!) << 16) >> 16;
    if (distance > 0 && distance < MAX_DROPOUT) advanceSequence(words, fields, distance);
    else if (distance > 0 || distance <= -MAX_MISORDER) {
      if (!this.#isRestart(fields, header)) return;
      distance = 0;
    } else if (!this.#isLate(fields, datagram, distance)) return;
    this.#count(slot, datagram, header, distance);
  }

  /**
   * Ends intervals and streams that are due; to be called whenever the clock was set. Does so much at a time: returns whether there
   * is more to do, which the next call goes on with.
   */
  advance(): boolean {
    const nowMicros = this.#clock.micros;
    if (nowMicros < this.#nextTickMicros && !this.#isBehind) return false;
    if (!this.#isBehind) this.#nextTickMicros = nowMicros + TICK_MICROS;
    this.#isBehind = this.#expire();
    return this.#isBehind;
  }

  /** At the end of a capture: every stream ends. */
  finish(): void {
    const { table } = this;
    for (const phase of [Phase.unsignalled, Phase.signalled]) {
      for (let slot = table.oldest(phase); slot >= 0; slot = table.oldest(phase)) this.#end(slot, true);
    }
    for (const phase of [Phase.probation, Phase.expected]) {
      for (let slot = table.oldest(phase); slot >= 0; slot = table.oldest(phase)) this.#drop(slot);
    }
  }

  /** The sensor lost packets about now: what is missing from streams is not told as lost by the network. */
  sensorLost(): void {
    this.#losses.note();
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

  /** Ends a stream because its call has: what still comes begins another one. */
  end(slot: number): void {
    this.#end(slot, true);
  }

  /** RTCP BYE for the stream that `find` gave. */
  bye(slot: number): void {
    this.#end(slot, false);
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
    if (!this.#makeRoom(isAnnounced ? Phase.unsignalled : Phase.probation)) {
      this.refused[Refusal.tableFull]!++;
      return;
    }
    const phase = isAnnounced ? Phase.expected : Phase.probation;
    const slot = table.insert(this.#key.low, this.#key.high, phase);
    table.setField(slot, StreamField.phase, phase);
    table.setField(slot, StreamField.context, context);
    this.#joins.join(table.fieldsOf(slot), joinedBy);
    this.#first(slot, datagram, header);
  }

  /** Makes room by giving up what is of `most`, a phase, or goes before. */
  #makeRoom(most: Phase): boolean {
    const { table } = this;
    if (table.size < table.limit) return true;
    const victim = table.victim();
    const phase = table.queueOf(victim) as Phase;
    if (phase > most) return false;
    this.evicted[phase]!++;
    if (phase === Phase.ended) table.evictedFinished++;
    else table.evictedOpen++;
    if (phase === Phase.ended) table.remove(victim);
    else if (phase < Phase.unsignalled) this.#drop(victim);
    else this.#end(victim, true);
    return true;
  }

  /** The record begins with this packet. */
  #first(slot: number, datagram: Datagram, header: RtpHeader): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const fields = this.table.fieldsOf(slot);
    const record = fields >> 1;
    words[fields + StreamField.payloadType] = -1;
    words[fields + StreamField.codec] = Codec.other;
    words[fields + StreamField.tally] = 0;
    words[fields + StreamField.received] = 0;
    words[fields + StreamField.bytes] = 0;
    words[fields + StreamField.packetUnits] = 0;
    words[fields + StreamField.asidePayloadType] = -1;
    words[fields + StreamField.roundTripMicros] = -1;
    words[fields + StreamField.isSsrcChange] = 0;
    words[fields + StreamField.givenBack] = 0;
    doubles[record + StreamDouble.streamJitterMicros] = 0;
    for (let i = 0; i < 4; i++) words[fields + StreamField.sightings + i] = 0;
    for (let i = 0; i < ALL_COUNTS; i++) doubles[record + StreamDouble.totals + i] = 0;
    for (let i = 0; i < Count.received; i++) words[fields + counts + i] = 0;
    const nowMicros = this.#clock.micros;
    doubles[record + StreamDouble.firstMicros] = nowMicros;
    doubles[record + StreamDouble.intervalEndMicros] = nowMicros + this.#limits.intervalMicros;
    doubles[record + StreamDouble.microsPerUnit] = 125;
    beginBuffers(doubles, record);
    beginSequence(words, fields, header.sequenceNumber);
    this.#count(slot, datagram, header, 0);
  }

  /** Counts a packet that came for the first time, `distance` from the highest sequence number before it. */
  #count(slot: number, datagram: Datagram, header: RtpHeader, distance: number): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const fields = this.table.fieldsOf(slot);
    const record = fields >> 1;
    const nowMicros = this.#clock.micros;
    const { payloadBytes, payloadType } = header;
    words[fields + StreamField.received]!++;
    words[fields + StreamField.bytes]! += payloadBytes;
    doubles[record + StreamDouble.lastMicros] = nowMicros;
    noteSighting(words, fields, header.sequenceNumber, datagram, nowMicros | 0);
    const isAside =
      payloadType !== words[fields + StreamField.payloadType] && this.#joins.isAside(fields, payloadType);
    const tally = words[fields + StreamField.tally]!;
    this.tally.packets[tally]!++;
    this.tally.bytes[tally]! += payloadBytes;
    if (isAside) {
      words[fields + counts + Count.aside]!++;
      return;
    }
    const voiceMicros = doubles[record + StreamDouble.voiceMicros]!;
    doubles[record + StreamDouble.voiceMicros] = nowMicros;
    const units = (header.timestamp - words[fields + StreamField.timestamp]!) | 0;
    words[fields + StreamField.timestamp] = header.timestamp;
    if (voiceMicros < 0) return;
    const isTalkspurt = header.marker && words[fields + StreamField.codec] !== Codec.video;
    if (distance === 1 && units > 0 && !isTalkspurt) words[fields + StreamField.packetUnits] = units;
    this.#difference[0] = nowMicros - voiceMicros - units * doubles[record + StreamDouble.microsPerUnit]!;
    if (takeArrival(words, doubles, fields, isTalkspurt, this.#difference)) return;
    const { sequenceNumber } = header;
    words[fields + StreamField.playableBits + ((sequenceNumber >> 5) & 3)]! &= ~(1 << sequenceNumber);
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
    // Captured twice, as every packet may be.
    if (distance === 0) {
      this.refused[Refusal.probation]!++;
      return false;
    }
    const isOpen = this.#clock.micros < this.#doubles[(fields >> 1) + StreamDouble.intervalEndMicros]!;
    const isSignalled = words[fields + StreamField.joinedBy] !== JoinedBy.none;
    const isNext = distance === 1 && isOpen;
    const needed = isSignalled ? MIN_SEQUENTIAL : Math.max(this.#limits.probation, MIN_SEQUENTIAL);
    if (isNext && words[fields + StreamField.received]! + 1 < needed) return true;
    if (isNext && this.#confirm(slot, isSignalled ? Phase.signalled : Phase.unsignalled)) return true;
    this.refused[isNext ? Refusal.flowFull : Refusal.probation]! += words[fields + StreamField.received]!;
    this.#first(slot, datagram, header);
    return false;
  }

  /** Makes a stream of a record in probation, unless its flow has too many. */
  #confirm(slot: number, phase: Phase): boolean {
    const { table, flows } = this;
    const words = this.#words;
    const doubles = this.#doubles;
    const fields = table.fieldsOf(slot);
    const record = fields >> 1;
    const { flowLow, flowHigh } = this.#key;
    const flow = flows.find(flowLow, flowHigh);
    if (flows.countOf(flow) >= this.#limits.maxStreamsPerFlow) return false;
    if (flow >= 0) {
      // Several SSRCs may share a flow at the same time (RFC 8843): then none takes the place of another.
      const latest = flows.latestOf(flow, table);
      const latestMicros = latest < 0 ? 0 : doubles[(table.fieldsOf(latest) >> 1) + StreamDouble.lastMicros]!;
      const isOver = latestMicros <= doubles[record + StreamDouble.firstMicros]!;
      words[fields + StreamField.isSsrcChange] = isOver ? 1 : 0;
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

  /** What came behind a later one, `distance` 0 to -99: late, or the same again. Returns whether it is late. */
  #isLate(fields: number, datagram: Datagram, distance: number): boolean {
    const words = this.#words;
    const sequence = (words[fields + StreamField.highestSequence]! + distance) | 0;
    const word = (sequence >> 5) & 3;
    const bit = 1 << sequence;
    if ((words[fields + StreamField.receivedBits + word]! & bit) !== 0) {
      const micros = this.#clock.micros | 0;
      const isSame = isCopy(words, fields, sequence, distance, datagram, micros, this.#duplicateUnits);
      words[fields + counts + (isSame ? Count.copies : Count.duplicate)]!++;
      return false;
    }
    words[fields + StreamField.receivedBits + word]! |= bit;
    words[fields + counts + Count.outOfOrder]!++;
    if (distance > -SETTLED_BEHIND) words[fields + StreamField.playableBits + word]! |= bit;
    // Before the first packet nothing was told as lost.
    else if ((words[fields + StreamField.playableBits + word]! & bit) === 0) {
      words[fields + StreamField.givenBack]!++;
    }
    return true;
  }

  /** A jump to another place in the sequence: the stream goes on there when two packets follow one another (RFC 3550 A.1). */
  #isRestart(fields: number, header: RtpHeader): boolean {
    const words = this.#words;
    const doubles = this.#doubles;
    const { sequenceNumber, payloadBytes } = header;
    if (sequenceNumber !== words[fields + StreamField.badSequence]) {
      if (words[fields + StreamField.badSequence]! >= 0) this.refused[Refusal.sequenceJump]!++;
      words[fields + StreamField.badSequence] = (sequenceNumber + 1) & 0xffff;
      words[fields + StreamField.badBytes] = payloadBytes;
      return false;
    }
    const bytes = words[fields + StreamField.badBytes]!;
    const tally = words[fields + StreamField.tally]!;
    settleRest(words, fields);
    beginSequence(words, fields, sequenceNumber - 1);
    advanceSequence(words, fields, 1);
    words[fields + counts + Count.restarts]!++;
    words[fields + StreamField.received]!++;
    words[fields + StreamField.bytes]! += bytes;
    this.tally.packets[tally]!++;
    this.tally.bytes[tally]! += bytes;
    doubles[(fields >> 1) + StreamDouble.voiceMicros] = -1;
    return true;
  }

  /** Asks the directory again; a stream that it knows now is a signalled one, or will be. */
  #renew(slot: number, datagram: Datagram): void {
    const words = this.#words;
    const fields = this.table.fieldsOf(slot);
    if (!this.#joins.renew(fields, datagram)) return;
    const phase = words[fields + StreamField.phase]!;
    if (phase !== Phase.probation && phase !== Phase.unsignalled) return;
    const known = phase === Phase.probation ? Phase.expected : Phase.signalled;
    words[fields + StreamField.phase] = known;
    this.table.move(slot, known);
    if (known !== Phase.signalled || this.#events.streamJoined === undefined) return;
    this.#reports.begin(slot);
    this.#events.streamJoined(this.#reports.report);
  }

  #closeInterval(slot: number): void {
    if (this.#reports.closeInterval(slot, false)) this.#events.intervalEnded(this.#reports.report);
  }

  /** Ends a stream; it is forgotten, or remembered for a while. */
  #end(slot: number, isForgotten: boolean): void {
    const { table } = this;
    const words = this.#words;
    const fields = table.fieldsOf(slot);
    this.flows.end(words[fields + StreamField.flow]!, words[fields + StreamField.flowKey]!);
    if (words[fields + StreamField.badSequence]! >= 0) this.refused[Refusal.sequenceJump]!++;
    if (this.#reports.closeInterval(slot, true)) this.#events.intervalEnded(this.#reports.report);
    this.#reports.whole(slot);
    words[fields + StreamField.phase] = Phase.ended;
    if (isForgotten) table.remove(slot);
    else table.move(slot, Phase.ended);
    this.#events.streamEnded(this.#reports.report);
  }

  /** Forgets a record in probation. */
  #drop(slot: number): void {
    this.refused[Refusal.probation]! += this.table.field(slot, StreamField.received);
    this.table.remove(slot);
  }

  /** Returns whether it stopped before everything was done. */
  #expire(): boolean {
    const { table, flows } = this;
    for (let step = 0; step < MAX_STEPS; step++) {
      if (table.removeDue(Phase.ended) > 0 || flows.expire()) continue;
      let dropped = table.due(Phase.probation);
      if (dropped < 0) dropped = table.due(Phase.expected);
      if (dropped >= 0) {
        this.#drop(dropped);
        continue;
      }
      let slot = table.due(Phase.unsignalled);
      if (slot < 0) slot = table.due(Phase.signalled);
      if (slot < 0) return false;
      this.#settle(slot);
    }
    return true;
  }

  /** A stream has not been looked at for the length of an interval. */
  #settle(slot: number): void {
    const record = this.table.fieldsOf(slot) >> 1;
    const nowMicros = this.#clock.micros;
    if (nowMicros - this.#doubles[record + StreamDouble.lastMicros]! >= this.#limits.idleMicros) {
      this.#end(slot, true);
      return;
    }
    if (nowMicros >= this.#doubles[record + StreamDouble.intervalEndMicros]!) this.#closeInterval(slot);
    this.table.move(slot, this.table.queueOf(slot));
  }
}
