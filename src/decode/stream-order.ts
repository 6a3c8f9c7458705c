// SPDX-License-Identifier: Apache-2.0
import type { BufferPool } from './buffer-pool.ts';
import type { StreamReader } from './byte-stream.ts';
import { type ConnectionRecords, StreamField, StreamFlag } from './connection-records.ts';
import type { Datagram } from './datagram.ts';
import { SegmentWindow } from './segment-window.ts';
import { SegmentKind, type StreamEvents, StreamLoss } from './stream-events.ts';
import type { StreamLimits } from './stream-limits.ts';
import { StreamRests } from './stream-rests.ts';
import { sequenceDistance, TcpFlag } from './tcp.ts';

/** Nobody has more SIP than this on the way: what is further off is another connection with the same ports. */
const MAX_DISTANCE_BYTES = 2 ** 20;

/** Puts the bytes of each direction in the order of their sequence numbers and delivers them once; holes are given up. */
export class StreamOrder {
  readonly #records: ConnectionRecords;
  readonly #words: Int32Array;
  readonly #directionBytes: number;
  readonly #events: StreamEvents;
  readonly #pool: BufferPool;
  readonly #window: SegmentWindow;
  readonly #rests: StreamRests;

  constructor(
    records: ConnectionRecords,
    { maxConnections, directionBytes }: StreamLimits,
    pool: BufferPool,
    reader: StreamReader,
    events: StreamEvents,
  ) {
    this.#records = records;
    this.#words = records.table.words;
    this.#directionBytes = directionBytes;
    this.#events = events;
    this.#pool = pool;
    this.#window = new SegmentWindow(maxConnections, pool);
    this.#rests = new StreamRests(maxConnections, directionBytes, pool, reader, events);
  }

  /** Whether bytes of a stream wait behind a hole. */
  isHolding(stream: number): boolean {
    return this.#window.isHolding(stream);
  }

  /** Whether the receiver of a stream has bytes that the sensor misses. */
  isAcked(stream: number): boolean {
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    return (
      this.#window.isHolding(stream) &&
      (words[fields + StreamField.flags]! & StreamFlag.acked) !== 0 &&
      sequenceDistance(words[fields + StreamField.next]!, words[fields + StreamField.acked]!) > 0
    );
  }

  /** Has the reader look again at what is kept of a stream. Not to be called by a reader. */
  readAgain(stream: number): void {
    this.#rests.readAgain(stream);
  }

  /** Whether a SYN, whose first byte will be `first`, is of another connection than the one that is known. */
  isOther(stream: number, first: number): boolean {
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    const flags = words[fields + StreamField.flags]!;
    if ((flags & StreamFlag.known) === 0) return false;
    if ((flags & StreamFlag.syn) !== 0) return words[fields + StreamField.initial] !== first;
    const distance = sequenceDistance(first, words[fields + StreamField.next]!);
    return distance < 0 || distance > MAX_DISTANCE_BYTES;
  }

  /** A SYN whose first byte will be `first`, and what the opposite stream begins with where it acknowledges one. */
  begin(stream: number, first: number, { tcpFlags, acknowledgmentNumber }: Datagram): void {
    this.#setFirst(this.#records.fieldsOf(stream), first);
    const opposite = this.#records.fieldsOf(stream ^ 1);
    const isKnown = (this.#words[opposite + StreamField.flags]! & StreamFlag.known) !== 0;
    if ((tcpFlags & TcpFlag.ack) !== 0 && !isKnown) this.#setFirst(opposite, acknowledgmentNumber);
  }

  /** The receiver of a stream has all bytes before a sequence number. */
  acknowledged(stream: number, sequence: number): void {
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    const flags = words[fields + StreamField.flags]!;
    if (
      (flags & StreamFlag.acked) !== 0 &&
      sequenceDistance(words[fields + StreamField.acked]!, sequence) <= 0
    )
      return;
    words[fields + StreamField.acked] = sequence;
    words[fields + StreamField.flags] = flags | StreamFlag.acked;
  }

  /** Takes the bytes of a segment. */
  take(stream: number, sequence: number, segment: Datagram): SegmentKind {
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    const { bytes, view, payloadLength } = segment;
    let start = segment.payloadOffset;
    const end = start + payloadLength;
    if ((words[fields + StreamField.flags]! & StreamFlag.known) === 0)
      words[fields + StreamField.next] = sequence;
    words[fields + StreamField.flags]! |= StreamFlag.known | StreamFlag.data;
    let distance = sequenceDistance(words[fields + StreamField.next]!, sequence);
    if (Math.abs(distance) > MAX_DISTANCE_BYTES) {
      this.#jump(stream, sequence);
      distance = 0;
    }
    // What is too far ahead to be kept, or finds no memory, makes its stream go on without what is missing.
    while (distance > 0) {
      const isFitting = distance + payloadLength + this.#rests.lengthOf(stream) <= this.#directionBytes;
      if (
        isFitting &&
        this.#window.hold(stream, words[fields + StreamField.next]!, sequence, view, start, payloadLength)
      ) {
        return SegmentKind.outOfOrder;
      }
      const reason = isFitting ? StreamLoss.memory : StreamLoss.bufferFull;
      if (this.#window.isHolding(stream)) this.skipHole(stream, reason);
      else this.#skip(stream, distance, reason);
      distance = sequenceDistance(words[fields + StreamField.next]!, sequence);
    }
    start -= distance;
    if (start >= end) return SegmentKind.repeated;
    this.#inOrder(stream, bytes, view, start, end);
    return SegmentKind.inOrder;
  }

  /** Goes on with another sequence number: how much is missing nobody knows. */
  #jump(stream: number, sequence: number): void {
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    this.#events.lost(stream, StreamLoss.gap);
    const held = this.#window.drop(stream, words[fields + StreamField.next]!);
    this.#events.lostBytes(stream, StreamLoss.gap, held + this.#rests.gap(stream));
    words[fields + StreamField.next] = sequence;
  }

  /** Delivers bytes that begin at `next`; where others were seen first, those. */
  #inOrder(stream: number, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    for (let p = start; p < end; ) {
      const length = this.#window.missingAt(stream, words[fields + StreamField.next]!, end - p);
      const until = Math.min(end, p + length);
      words[fields + StreamField.next] = (words[fields + StreamField.next]! + until - p) | 0;
      if (until > p) this.#rests.deliver(stream, bytes, view, p, until);
      p = until + this.#deliverHeld(stream);
    }
  }

  /** Delivers what is held from `next` on; returns how much that was. */
  #deliverHeld(stream: number): number {
    if (!this.#window.isHolding(stream)) return 0;
    const words = this.#words;
    const fields = this.#records.fieldsOf(stream);
    let total = 0;
    for (;;) {
      const length = this.#window.run(stream, words[fields + StreamField.next]!);
      if (length === 0) break;
      total += length;
      words[fields + StreamField.next] = (words[fields + StreamField.next]! + length) | 0;
      const offset = this.#window.runOffset;
      this.#rests.deliver(stream, this.#pool.bytes, this.#pool.view, offset, offset + length);
      this.#window.passed(stream, words[fields + StreamField.next]!);
    }
    this.#window.passed(stream, words[fields + StreamField.next]!);
    return total;
  }

  /** Gives up the missing bytes before what is held, and delivers that. */
  skipHole(stream: number, reason: StreamLoss): void {
    const next = this.#words[this.#records.fieldsOf(stream) + StreamField.next]!;
    this.#skip(stream, this.#window.missingAt(stream, next, this.#directionBytes), reason);
    this.#deliverHeld(stream);
  }

  #skip(stream: number, lengthBytes: number, reason: StreamLoss): void {
    const fields = this.#records.fieldsOf(stream);
    this.#words[fields + StreamField.next] = (this.#words[fields + StreamField.next]! + lengthBytes) | 0;
    this.#events.lost(stream, reason);
    this.#events.lostBytes(stream, reason, lengthBytes + this.#rests.gap(stream));
  }

  /** Gives up all that is kept of a stream. */
  giveUp(stream: number, reason: StreamLoss): void {
    const held = this.#window.drop(stream, this.#words[this.#records.fieldsOf(stream) + StreamField.next]!);
    const kept = this.#rests.lengthOf(stream);
    if (held + kept === 0) return;
    this.#rests.gap(stream);
    this.#events.lost(stream, reason);
    this.#events.lostBytes(stream, reason, held + kept);
  }

  #setFirst(fields: number, first: number): void {
    const words = this.#words;
    const flags = words[fields + StreamField.flags]!;
    if ((flags & StreamFlag.known) === 0) words[fields + StreamField.next] = first;
    words[fields + StreamField.initial] = first;
    words[fields + StreamField.flags] = flags | StreamFlag.known | StreamFlag.syn;
  }
}
