// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { StreamReader } from './byte-stream.ts';
import { ConnectionKey } from './connection-key.ts';
import { ConnectionRecords, StreamField, StreamFlag } from './connection-records.ts';
import type { Datagram } from './datagram.ts';
import { SegmentKind, type StreamEvents, StreamLoss } from './stream-events.ts';
import type { StreamLimits } from './stream-limits.ts';
import { StreamOrder } from './stream-order.ts';
import { TcpFlag } from './tcp.ts';

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
/** The part of its time that a connection which is young still has. */
const YOUNG = 0.99;

/**
 * TCP connections as a sensor sees them: puts the segments of each direction in order and delivers their bytes once.
 *
 * A connection may be met in the middle. Bytes are waited for while they may still come: until the gap time-out, until
 * their receiver acknowledges what was never seen, or until no more can be kept behind them. Then they are a counted gap
 * and the stream goes on behind it. Nothing is verified that only an end point could: a sensor would lose what it
 * rejects, and a message that is made up gains its sender nothing it could not have over UDP.
 */
export class TcpConnections implements Expiring {
  readonly table: KeyedTable;

  readonly #records: ConnectionRecords;
  readonly #order: StreamOrder;
  readonly #idleMicros: number;
  readonly #clock: PacketClock;
  readonly #reader: StreamReader;
  readonly #key: ConnectionKey;

  constructor(
    limits: StreamLimits,
    hash: SeededHash,
    clock: PacketClock,
    pool: BufferPool,
    reader: StreamReader,
    events: StreamEvents,
  ) {
    const { maxConnections, idleMicros, connectionMicros, gapMicros } = limits;
    const lifetimesMicros = [QUIET_MICROS, connectionMicros, idleMicros, gapMicros, ACKED_GAP_MICROS];
    this.#records = new ConnectionRecords(maxConnections, lifetimesMicros, clock);
    this.table = this.#records.table;
    this.#order = new StreamOrder(this.#records, limits, pool, reader, events);
    this.#idleMicros = idleMicros;
    this.#clock = clock;
    this.#reader = reader;
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
      if (table.size === table.limit) this.#evict();
      slot = this.#records.open(this.#key.low, this.#key.high, Queue.quiet, segment);
    }
    const stream = slot * 2 + this.#records.directionOf(slot, segment);
    const fields = this.#records.fieldsOf(stream);
    table.words[fields + StreamField.context] = context;
    table.words[fields + StreamField.interfaceContext] = interfaceContext;
    if ((tcpFlags & TcpFlag.rst) !== 0) {
      this.#giveUp(slot, StreamLoss.reset);
      table.move(slot, Queue.quiet);
      return SegmentKind.empty;
    }
    let sequence = segment.sequenceNumber;
    if ((tcpFlags & TcpFlag.syn) !== 0) {
      sequence = (sequence + 1) | 0;
      if (this.#order.isOther(stream, sequence)) this.#restart(slot, stream);
      this.#order.begin(stream, sequence, segment);
    }
    if ((tcpFlags & TcpFlag.ack) !== 0) this.#order.acknowledged(stream ^ 1, segment.acknowledgmentNumber);
    const kind = payloadLength > 0 ? this.#order.take(stream, sequence, segment) : SegmentKind.empty;
    if ((tcpFlags & TcpFlag.fin) !== 0) table.words[fields + StreamField.flags]! |= StreamFlag.fin;
    this.#enqueue(slot);
    return kind;
  }

  /** When the first connection is due. */
  noteDue(earliestMicros: Float64Array): void {
    this.table.noteDue(earliestMicros);
  }

  /** One step of expiry: gives up what waited long enough. Returns whether there was one. */
  expire(): boolean {
    const { table } = this;
    let slot = table.due(Queue.ackedGap);
    if (slot >= 0) {
      for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
        if (this.#order.isAcked(stream)) this.#order.skipHole(stream, StreamLoss.gap);
      }
      this.#enqueueAnew(slot);
      return true;
    }
    slot = table.due(Queue.gap);
    if (slot >= 0) {
      for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
        if (this.#order.isHolding(stream)) this.#order.skipHole(stream, StreamLoss.gap);
      }
      this.#enqueueAnew(slot);
      return true;
    }
    slot = table.due(Queue.open);
    if (slot >= 0) {
      this.#giveUp(slot, StreamLoss.idle);
      table.move(slot, Queue.idle);
      return true;
    }
    slot = table.due(Queue.quiet);
    if (slot < 0) slot = table.due(Queue.idle);
    if (slot < 0) return false;
    this.#remove(slot, StreamLoss.idle);
    return true;
  }

  /** At the end of a capture: bytes behind a hole that nothing more will fill are read. */
  finish(): void {
    for (const queue of [Queue.gap, Queue.ackedGap]) {
      for (let slot = this.table.oldest(queue); slot >= 0; slot = this.table.oldest(queue)) {
        for (let stream = slot * 2; stream <= slot * 2 + 1; stream++) {
          while (this.#order.isHolding(stream)) this.#order.skipHole(stream, StreamLoss.gap);
        }
        this.table.move(slot, Queue.open);
      }
    }
  }

  /** Has the reader look again at what is kept of a stream. Not to be called by a reader. */
  readAgain(stream: number): void {
    this.#order.readAgain(stream);
  }

  /** Writes the addresses and ports of a stream. */
  endpoints(stream: number, datagram: Datagram): void {
    this.#records.endpoints(stream, datagram);
  }

  /** Metric contexts of the last segment of a stream. */
  contextOf(stream: number): number {
    return this.table.words[this.#records.fieldsOf(stream) + StreamField.context]!;
  }

  /** The same of its interface. */
  interfaceContextOf(stream: number): number {
    return this.table.words[this.#records.fieldsOf(stream) + StreamField.interfaceContext]!;
  }

  /** The same addresses and ports have another connection. */
  #restart(slot: number, stream: number): void {
    const { words } = this.table;
    this.#forget(slot, StreamLoss.reset);
    words[this.#records.fieldsOf(stream) + StreamField.flags] = 0;
    words[this.#records.fieldsOf(stream ^ 1) + StreamField.flags] = 0;
  }

  /** Puts a connection into the queue of its state. In a gap its time goes on; else it begins anew. */
  #enqueue(slot: number): void {
    const { table } = this;
    const { words } = table;
    const flags = words[this.#records.fieldsOf(slot * 2) + StreamField.flags]!;
    const otherFlags = words[this.#records.fieldsOf(slot * 2 + 1) + StreamField.flags]!;
    let queue: number = Queue.open;
    if (this.#order.isHolding(slot * 2) || this.#order.isHolding(slot * 2 + 1)) {
      queue = this.#order.isAcked(slot * 2) || this.#order.isAcked(slot * 2 + 1) ? Queue.ackedGap : Queue.gap;
      if (table.queueOf(slot) === queue) return;
    } else if ((flags & otherFlags & StreamFlag.fin) !== 0) {
      this.#giveUp(slot, StreamLoss.closed);
      queue = Queue.quiet;
    } else if (((flags | otherFlags) & StreamFlag.data) === 0) queue = Queue.quiet;
    else if (table.queueOf(slot) === queue && this.#isYoung(slot)) return;
    table.move(slot, queue);
  }

  /** Whether a connection's time has begun so lately that it need not begin anew: a segment costs 30 ns less. */
  #isYoung(slot: number): boolean {
    return this.table.deadlineMicros(slot) - this.#clock.micros > this.#idleMicros * YOUNG;
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
    this.#giveUp(slot, reason);
    this.#reader.end(slot);
  }

  /** Gives up all that is kept of a connection. */
  #giveUp(slot: number, reason: StreamLoss): void {
    this.#order.giveUp(slot * 2, reason);
    this.#order.giveUp(slot * 2 + 1, reason);
  }
}
