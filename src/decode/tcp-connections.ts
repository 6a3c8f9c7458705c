// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { BufferPool } from './buffer-pool.ts';
import { connectionOf, type StreamReader } from './byte-stream.ts';
import { ConnectionKey } from './connection-key.ts';
import type { Datagram } from './datagram.ts';
import { SegmentWindow } from './segment-window.ts';
import { SegmentKind, type StreamEvents, StreamLoss } from './stream-events.ts';
import type { StreamLimits } from './stream-limits.ts';
import { StreamRests } from './stream-rests.ts';
import { sequenceDistance, TcpFlag } from './tcp.ts';

/**
 * Where a connection stands; also its queue in the table, so the order is the order of eviction. `quiet` has nothing to
 * lose: it is over, or nothing was sent yet. Of an `idle` one nothing waits any more. In `gap` one direction misses
 * bytes; in `ackedGap` their receiver has them.
 */
const Queue = { quiet: 0, idle: 1, open: 2, gap: 3, ackedGap: 4 } as const;

/** How long a connection that is over is known, so that late copies of its segments are no new one. */
const QUIET_MICROS = 10e6;
/** How much later than its acknowledgment a segment may be captured: rings and mirrors are not in step. */
const ACKED_GAP_MICROS = 20e3;
const TICK_MICROS = 10e3;
/** The part of its time that a connection which is young still has. */
const YOUNG = 0.99;
/** Records looked at in a row. */
const MAX_STEPS = 256;
/** Nobody has more SIP than this on the way: what is further off is another connection with the same ports. */
const MAX_DISTANCE_BYTES = 2 ** 20;

const ADDRESS_WORDS = 4;
/** Fields: addresses and ports of the two ends, the first sender's first; then of each direction: */
const ADDRESSES = 0;
const PORTS = 8;
const IP_VERSION = 9;
const DIRECTIONS = 10;
/** The sequence number of the first byte that was not delivered. */
const NEXT = 0;
/** The sequence number behind SYN, where it was seen. */
const INITIAL = 1;
/** The highest number the other side has acknowledged. */
const ACKED = 2;
const FLAGS = 3;
/** Metric contexts of the last segment. */
const CONTEXT = 4;
const INTERFACE_CONTEXT = 5;
const DIRECTION_FIELDS = 6;
const FIELDS = DIRECTIONS + 2 * DIRECTION_FIELDS;

const Flag = {
  /** NEXT is known. */
  known: 1,
  /** INITIAL is known. */
  syn: 2,
  fin: 4,
  /** ACKED is known. */
  acked: 8,
  /** There were bytes. */
  data: 16,
} as const;

/**
 * TCP connections as a sensor sees them: puts the segments of each direction in order and delivers their bytes once.
 *
 * A connection may be met in the middle. Bytes are waited for while they may still come: until the gap time-out, until
 * their receiver acknowledges what was never seen, or until no more can be kept behind them. Then they are a counted gap
 * and the stream goes on behind it. Nothing is verified that only an end point could: a sensor would lose what it
 * rejects, and a message that is made up gains its sender nothing it could not have over UDP.
 */
export class TcpConnections {
  readonly table: KeyedTable;

  readonly #limits: StreamLimits;
  readonly #clock: PacketClock;
  readonly #reader: StreamReader;
  readonly #events: StreamEvents;
  readonly #pool: BufferPool;
  readonly #window: SegmentWindow;
  readonly #rests: StreamRests;
  readonly #key: ConnectionKey;
  #nextTickMicros = 0;

  constructor(
    limits: StreamLimits,
    hash: SeededHash,
    clock: PacketClock,
    pool: BufferPool,
    reader: StreamReader,
    events: StreamEvents,
  ) {
    const { maxConnections, directionBytes, idleMicros, connectionMicros, gapMicros } = limits;
    this.table = new KeyedTable(
      maxConnections,
      FIELDS,
      [QUIET_MICROS, connectionMicros, idleMicros, gapMicros, ACKED_GAP_MICROS],
      clock,
    );
    this.#limits = limits;
    this.#clock = clock;
    this.#reader = reader;
    this.#events = events;
    this.#pool = pool;
    this.#window = new SegmentWindow(maxConnections, pool);
    this.#rests = new StreamRests(maxConnections, directionBytes, pool, reader, events);
    this.#key = new ConnectionKey(hash);
  }

  /**
   * Takes a segment, seen in these metric contexts; returns what it was. Where readers fill datagrams, `segment` may be one
   * of them: nothing of it is read once its bytes are delivered.
   */
  segment(segment: Datagram, context: number, interfaceContext: number): SegmentKind {
    const { table } = this;
    const { tcpFlags, payloadLength } = segment;
    this.#key.read(segment);
    let slot = table.find(this.#key.low, this.#key.high);
    if (slot < 0) {
      // Without a SYN or bytes there is nothing to know yet.
      if ((payloadLength === 0 && (tcpFlags & TcpFlag.syn) === 0) || (tcpFlags & TcpFlag.rst) !== 0) {
        return SegmentKind.empty;
      }
      slot = this.#open(segment);
    }
    const stream = slot * 2 + this.#directionOf(slot, segment);
    const fields = this.#fieldsOf(stream);
    table.words[fields + CONTEXT] = context;
    table.words[fields + INTERFACE_CONTEXT] = interfaceContext;
    if ((tcpFlags & TcpFlag.rst) !== 0) {
      this.#giveUpRests(slot, StreamLoss.reset);
      table.move(slot, Queue.quiet);
      return SegmentKind.empty;
    }
    let sequence = segment.sequenceNumber;
    if ((tcpFlags & TcpFlag.syn) !== 0) {
      sequence = (sequence + 1) | 0;
      this.#begin(slot, stream, sequence, segment);
    }
    if ((tcpFlags & TcpFlag.ack) !== 0) this.#acknowledged(stream ^ 1, segment.acknowledgmentNumber);
    const kind = payloadLength > 0 ? this.#payload(stream, sequence, segment) : SegmentKind.empty;
    if ((tcpFlags & TcpFlag.fin) !== 0) table.words[fields + FLAGS]! |= Flag.fin;
    this.#enqueue(slot);
    return kind;
  }

  /** Gives up what waited long enough; to be called when time has passed. Returns whether there is more to do. */
  advance(): boolean {
    const nowMicros = this.#clock.micros;
    if (nowMicros < this.#nextTickMicros) return false;
    let steps = 0;
    while (steps < MAX_STEPS && this.#expire()) steps++;
    if (steps === MAX_STEPS) return true;
    this.#nextTickMicros = nowMicros + TICK_MICROS;
    return false;
  }

  /** At the end of a capture: bytes behind a hole that nothing more will fill are read. */
  finish(): void {
    for (const queue of [Queue.gap, Queue.ackedGap]) {
      for (let slot = this.table.oldest(queue); slot >= 0; slot = this.table.oldest(queue)) {
        for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
          while (this.#window.isHolding(stream)) this.#skipHole(stream, StreamLoss.gap);
        }
        this.table.move(slot, Queue.open);
      }
    }
  }

  /** Has the reader look again at what is kept of a stream. Not to be called by a reader. */
  readAgain(stream: number): void {
    this.#rests.readAgain(stream);
  }

  /** Metric contexts of the last segment of a stream. */
  contextOf(stream: number): number {
    return this.table.words[this.#fieldsOf(stream) + CONTEXT]!;
  }

  /** The same of its interface. */
  interfaceContextOf(stream: number): number {
    return this.table.words[this.#fieldsOf(stream) + INTERFACE_CONTEXT]!;
  }

  /** Writes the addresses and ports of a stream. */
  endpoints(stream: number, datagram: Datagram): void {
    const { words } = this.table;
    const record = this.table.fieldsOf(connectionOf(stream));
    const isReverse = (stream & 1) === 1;
    const first = isReverse ? datagram.destinationAddress : datagram.sourceAddress;
    const second = isReverse ? datagram.sourceAddress : datagram.destinationAddress;
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      first[i] = words[record + ADDRESSES + i]!;
      second[i] = words[record + ADDRESSES + ADDRESS_WORDS + i]!;
    }
    const ports = words[record + PORTS]!;
    datagram.sourcePort = isReverse ? ports & 0xffff : ports >>> 16;
    datagram.destinationPort = isReverse ? ports >>> 16 : ports & 0xffff;
    datagram.ipVersion = words[record + IP_VERSION] === 4 ? 4 : 6;
  }

  #fieldsOf(stream: number): number {
    return this.table.fieldsOf(stream >> 1) + DIRECTIONS + (stream & 1) * DIRECTION_FIELDS;
  }

  #open(segment: Datagram): number {
    const { table } = this;
    if (table.size === table.limit) this.#evict();
    const slot = table.insert(this.#key.low, this.#key.high, Queue.quiet);
    table.clearFields(slot);
    const { words } = table;
    const record = table.fieldsOf(slot);
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      words[record + ADDRESSES + i] = segment.sourceAddress[i]!;
      words[record + ADDRESSES + ADDRESS_WORDS + i] = segment.destinationAddress[i]!;
    }
    words[record + PORTS] = (segment.sourcePort << 16) | segment.destinationPort;
    words[record + IP_VERSION] = segment.ipVersion;
    return slot;
  }

  #directionOf(slot: number, { sourcePort, destinationPort, sourceAddress }: Datagram): number {
    const { words } = this.table;
    const record = this.table.fieldsOf(slot);
    if (words[record + PORTS] !== ((sourcePort << 16) | destinationPort)) return 1;
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      if (words[record + ADDRESSES + i] !== sourceAddress[i]) return 1;
    }
    return 0;
  }

  /** A SYN whose first byte will be `first`: a new connection unless it belongs to the one that is known. */
  #begin(slot: number, stream: number, first: number, segment: Datagram): void {
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    const flags = words[fields + FLAGS]!;
    if ((flags & Flag.known) !== 0) {
      const isLate = (flags & Flag.syn) === 0;
      const distance = sequenceDistance(first, words[fields + NEXT]!);
      const isSame = isLate
        ? distance >= 0 && distance <= MAX_DISTANCE_BYTES
        : words[fields + INITIAL] === first;
      if (!isSame) this.#restart(slot, stream);
    }
    this.#setFirst(fields, first);
    const opposite = this.#fieldsOf(stream ^ 1);
    if ((segment.tcpFlags & TcpFlag.ack) !== 0 && (words[opposite + FLAGS]! & Flag.known) === 0) {
      this.#setFirst(opposite, segment.acknowledgmentNumber);
    }
  }

  #setFirst(fields: number, first: number): void {
    const { words } = this.table;
    const flags = words[fields + FLAGS]!;
    if ((flags & Flag.known) === 0) words[fields + NEXT] = first;
    words[fields + INITIAL] = first;
    words[fields + FLAGS] = flags | Flag.known | Flag.syn;
  }

  /** The same addresses and ports have another connection. */
  #restart(slot: number, stream: number): void {
    const { words } = this.table;
    this.#forget(slot, StreamLoss.reset);
    words[this.#fieldsOf(stream) + FLAGS] = 0;
    words[this.#fieldsOf(stream ^ 1) + FLAGS] = 0;
  }

  #acknowledged(stream: number, sequence: number): void {
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    const flags = words[fields + FLAGS]!;
    if ((flags & Flag.acked) !== 0 && sequenceDistance(words[fields + ACKED]!, sequence) <= 0) return;
    words[fields + ACKED] = sequence;
    words[fields + FLAGS] = flags | Flag.acked;
  }

  #payload(stream: number, sequence: number, segment: Datagram): SegmentKind {
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    const { bytes, view, payloadLength } = segment;
    let start = segment.payloadOffset;
    const end = start + payloadLength;
    if ((words[fields + FLAGS]! & Flag.known) === 0) words[fields + NEXT] = sequence;
    words[fields + FLAGS]! |= Flag.known | Flag.data;
    let distance = sequenceDistance(words[fields + NEXT]!, sequence);
    if (Math.abs(distance) > MAX_DISTANCE_BYTES) {
      this.#jump(stream, sequence);
      distance = 0;
    }
    // What is too far ahead to be kept, or finds no memory, makes its stream go on without what is missing.
    while (distance > 0) {
      const isFitting =
        distance + payloadLength + this.#rests.lengthOf(stream) <= this.#limits.directionBytes;
      if (
        isFitting &&
        this.#window.hold(stream, words[fields + NEXT]!, sequence, view, start, payloadLength)
      ) {
        return SegmentKind.outOfOrder;
      }
      const reason = isFitting ? StreamLoss.memory : StreamLoss.bufferFull;
      if (this.#window.isHolding(stream)) this.#skipHole(stream, reason);
      else this.#skip(stream, distance, reason);
      distance = sequenceDistance(words[fields + NEXT]!, sequence);
    }
    start -= distance;
    if (start >= end) return SegmentKind.repeated;
    this.#inOrder(stream, bytes, view, start, end);
    return SegmentKind.inOrder;
  }

  /** Goes on with another sequence number: how much is missing nobody knows. */
  #jump(stream: number, sequence: number): void {
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    this.#events.lost(stream, StreamLoss.gap);
    const held = this.#window.drop(stream, words[fields + NEXT]!);
    this.#events.lostBytes(stream, StreamLoss.gap, held + this.#rests.gap(stream));
    words[fields + NEXT] = sequence;
  }

  /** Delivers bytes that begin at NEXT; where others were seen first, those. */
  #inOrder(stream: number, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    for (let p = start; p < end; ) {
      const length = this.#window.missingAt(stream, words[fields + NEXT]!, end - p);
      const until = Math.min(end, p + length);
      words[fields + NEXT] = (words[fields + NEXT]! + until - p) | 0;
      if (until > p) this.#rests.deliver(stream, bytes, view, p, until);
      p = until + this.#deliverHeld(stream);
    }
  }

  /** Delivers what is held from NEXT on; returns how much that was. */
  #deliverHeld(stream: number): number {
    if (!this.#window.isHolding(stream)) return 0;
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    let total = 0;
    for (;;) {
      const length = this.#window.run(stream, words[fields + NEXT]!);
      if (length === 0) break;
      total += length;
      words[fields + NEXT] = (words[fields + NEXT]! + length) | 0;
      const offset = this.#window.runOffset;
      this.#rests.deliver(stream, this.#pool.bytes, this.#pool.view, offset, offset + length);
      this.#window.passed(stream, words[fields + NEXT]!);
    }
    this.#window.passed(stream, words[fields + NEXT]!);
    return total;
  }

  /** Gives up the missing bytes before what is held, and delivers that. */
  #skipHole(stream: number, reason: StreamLoss): void {
    const next = this.table.words[this.#fieldsOf(stream) + NEXT]!;
    this.#skip(stream, this.#window.missingAt(stream, next, this.#limits.directionBytes), reason);
    this.#deliverHeld(stream);
  }

  #skip(stream: number, lengthBytes: number, reason: StreamLoss): void {
    const fields = this.#fieldsOf(stream);
    this.table.words[fields + NEXT] = (this.table.words[fields + NEXT]! + lengthBytes) | 0;
    this.#events.lost(stream, reason);
    this.#events.lostBytes(stream, reason, lengthBytes + this.#rests.gap(stream));
  }

  /** Puts a connection into the queue of its state. In a gap its time goes on; else it begins anew. */
  #enqueue(slot: number): void {
    const { table } = this;
    const { words } = table;
    const flags = words[this.#fieldsOf(slot * 2) + FLAGS]!;
    const otherFlags = words[this.#fieldsOf(slot * 2 + 1) + FLAGS]!;
    let queue: number = Queue.open;
    if (this.#window.isHolding(slot * 2) || this.#window.isHolding(slot * 2 + 1)) {
      queue = this.#isAcked(slot * 2) || this.#isAcked(slot * 2 + 1) ? Queue.ackedGap : Queue.gap;
      if (table.queueOf(slot) === queue) return;
    } else if ((flags & otherFlags & Flag.fin) !== 0) {
      this.#giveUpRests(slot, StreamLoss.closed);
      queue = Queue.quiet;
    } else if (((flags | otherFlags) & Flag.data) === 0) queue = Queue.quiet;
    else if (table.queueOf(slot) === queue && this.#isYoung(slot)) return;
    table.move(slot, queue);
  }

  /** Whether a connection's time has begun so lately that it need not begin anew: a segment costs 30 ns less. */
  #isYoung(slot: number): boolean {
    return this.table.deadlineMicros(slot) - this.#clock.micros > this.#limits.idleMicros * YOUNG;
  }

  /** Whether the receiver of a stream has bytes that the sensor misses. */
  #isAcked(stream: number): boolean {
    const { words } = this.table;
    const fields = this.#fieldsOf(stream);
    return (
      this.#window.isHolding(stream) &&
      (words[fields + FLAGS]! & Flag.acked) !== 0 &&
      sequenceDistance(words[fields + NEXT]!, words[fields + ACKED]!) > 0
    );
  }

  /** One step of expiry; returns whether there may be more to do. */
  #expire(): boolean {
    const { table } = this;
    let slot = table.due(Queue.ackedGap);
    if (slot >= 0) {
      for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
        if (this.#isAcked(stream)) this.#skipHole(stream, StreamLoss.gap);
      }
      this.#enqueueAnew(slot);
      return true;
    }
    slot = table.due(Queue.gap);
    if (slot >= 0) {
      for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
        if (this.#window.isHolding(stream)) this.#skipHole(stream, StreamLoss.gap);
      }
      this.#enqueueAnew(slot);
      return true;
    }
    slot = table.due(Queue.open);
    if (slot >= 0) {
      this.#giveUpRests(slot, StreamLoss.idle);
      table.move(slot, Queue.idle);
      return true;
    }
    slot = table.due(Queue.quiet);
    if (slot < 0) slot = table.due(Queue.idle);
    if (slot < 0) return false;
    this.#remove(slot, StreamLoss.idle);
    return true;
  }

  #enqueueAnew(slot: number): void {
    this.table.move(slot, Queue.open);
    this.#enqueue(slot);
  }

  /** The table is full. */
  #evict(): void {
    const { table } = this;
    const slot = table.victim();
    const isQuiet = table.queueOf(slot) === Queue.quiet;
    this.#forget(slot, StreamLoss.evicted);
    table.evict(slot, isQuiet);
  }

  #remove(slot: number, reason: StreamLoss): void {
    this.#forget(slot, reason);
    this.table.remove(slot);
  }

  /** Gives up all that is kept of a connection, and its reader forgets it. */
  #forget(slot: number, reason: StreamLoss): void {
    this.#giveUpRests(slot, reason);
    this.#reader.end(slot);
  }

  /** Gives up all that is kept of a connection. */
  #giveUpRests(slot: number, reason: StreamLoss): void {
    for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
      const next = this.table.words[this.#fieldsOf(stream) + NEXT]!;
      const held = this.#window.drop(stream, next);
      const kept = this.#rests.lengthOf(stream);
      if (held + kept === 0) continue;
      this.#rests.gap(stream);
      this.#events.lost(stream, reason);
      this.#events.lostBytes(stream, reason, held + kept);
    }
  }
}
