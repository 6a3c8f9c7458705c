// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import { connectionOf, type StreamChunk, type StreamReader } from '../decode/byte-stream.ts';
import { type StreamEvents, StreamLoss } from '../decode/stream-events.ts';
import type { StreamRests } from '../decode/stream-rests.ts';
import { fragmentLength, recordHeaderLength } from './record.ts';
import type { Secrets } from './secrets.ts';
import { type PlaintextConsumer, TlsConnection } from './tls-connection.ts';
import type { TlsCrypto } from './tls-crypto.ts';
import type { TlsEvents } from './tls-events.ts';
import type { TlsLimits } from './tls-limits.ts';
import { TlsState } from './tls-result.ts';
import { WaitingBytes } from './waiting-bytes.ts';

/** Where secrets come from. */
export interface KeySource {
  readonly secrets: Secrets;
  /** Looks for new ones, because a record waits for its own. Returns whether there are any. */
  refresh(): boolean;
}

/** What streams of TLS are read with. */
export interface TlsStreamParts {
  /** TCP connections at a time; their numbers are below. */
  readonly maxStreamConnections: number;
  readonly limits: TlsLimits;
  readonly tlsCrypto: TlsCrypto;
  readonly keys: KeySource;
  readonly clock: PacketClock;
  /** Takes what is inside, under the same numbers of streams. */
  readonly inside: StreamRests;
  /** The reader of `inside`. */
  readonly insideReader: StreamReader;
  /** Has what is kept of a stream read again. */
  readonly readAgain: (stream: number) => void;
  /** What is read from now on was seen at this time. */
  readonly seenAt: (micros: number) => void;
  readonly events: TlsEvents;
  readonly streamEvents: StreamEvents;
}

/** Queues of the table: what is handed to the state is the last to make room, and of that what was silent longest goes first. */
const Queue = { handshake: 0, open: 1 } as const;

/**
 * Reads streams of TLS: whole records leave the stream, and what they carry enters the stream inside. Where a record lacks
 * its secret, its connection stays where it is until the secret comes, or `expire` gives it up.
 */
export class TlsStreams implements StreamReader, PlaintextConsumer, Expiring {
  /** Connections that are read; the key is the number of the TCP connection. */
  readonly table: KeyedTable;

  readonly #parts: TlsStreamParts;
  /** By slot of the table, each made when it is first needed; as new where the slot is free. */
  readonly #connections: TlsConnection[] = [];
  /** 1 for TCP connections of which nothing more is read. */
  readonly #isOver: Uint8Array;
  /** TCP connection of the call of `read` under way. */
  #reading = 0;
  /** Connections that wait for a secret, in the order in which they began to. */
  readonly #waiting = new Map<number, WaitingBytes>();
  /** There are secrets that those did not see. */
  #hasNewKeys = false;
  /** While what waited is read again: most bytes of it to be read in a call, and how many were. */
  #readableBytes = -1;
  #readBytes = 0;

  constructor(parts: TlsStreamParts) {
    this.#parts = parts;
    const forever = Number.MAX_VALUE;
    this.table = new KeyedTable(parts.limits.maxConnections, 0, [forever, forever], parts.clock);
    this.#isOver = new Uint8Array(parts.maxStreamConnections);
  }

  read(stream: number, chunk: StreamChunk): number {
    const { start, end } = chunk;
    const index = connectionOf(stream);
    if (this.#isOver[index] === 1) {
      this.#parts.streamEvents.unread(stream, end - start);
      return end - start;
    }
    const known = this.table.find(index, 0);
    const slot = known < 0 ? this.#open(index) : known;
    if (this.#readableBytes >= 0) {
      this.#readBytes = this.#readRecords(stream, slot, chunk, Math.min(end, start + this.#readableBytes));
      return this.#readBytes;
    }
    const waiting = this.#waiting.get(index);
    if (waiting === undefined) return this.#readRecords(stream, slot, chunk, end);
    if (this.#parts.keys.refresh()) this.#hasNewKeys = true;
    waiting.add(stream & 1, end - start, this.#parts.clock.micros);
    return 0;
  }

  gap(stream: number): void {
    const index = connectionOf(stream);
    const slot = this.table.find(index, 0);
    if (slot < 0) return;
    const connection = this.#connections[slot]!;
    if (this.#waiting.has(index)) connection.giveUp(TlsState.noKey);
    else connection.gap(stream & 1);
    if (connection.isGivenUp) this.#forget(index, slot);
    else {
      const { inside, streamEvents } = this.#parts;
      const lengthBytes = inside.gap(stream);
      if (lengthBytes > 0) streamEvents.lostBytes(stream, StreamLoss.gap, lengthBytes);
    }
  }

  end(connection: number): void {
    const slot = this.table.find(connection, 0);
    if (slot >= 0) {
      this.#connections[slot]!.end();
      this.#forget(connection, slot);
    }
    this.#parts.insideReader.end(connection);
    this.#isOver[connection] = 0;
  }

  /** To be called after `read`, outside of it: reads what got its secret. */
  settle(): void {
    if (this.#hasNewKeys) this.keysCame();
  }

  /** When the first connection has waited too long for its secret. */
  noteDue(earliestMicros: Float64Array): void {
    if (this.#waiting.size === 0) return;
    for (const { sinceMicros } of this.#waiting.values()) {
      earliestMicros[0] = Math.min(earliestMicros[0]!, sinceMicros + this.#parts.limits.keyWaitMicros);
      return;
    }
  }

  /** One step of expiry, outside of `read`: gives up a connection that waited too long. Returns whether there was one. */
  expire(): boolean {
    if (this.#waiting.size === 0) return false;
    const { clock, limits } = this.#parts;
    for (const [index, { sinceMicros }] of this.#waiting) {
      if (sinceMicros + limits.keyWaitMicros > clock.micros) return false;
      this.#giveUpWaiting(index);
      return true;
    }
    return false;
  }

  /** The end of a capture: no more secrets will come. */
  finish(): void {
    for (const index of [...this.#waiting.keys()]) this.#giveUpWaiting(index);
  }

  /** There are new secrets: what waits is read again. To be called outside of `read`. */
  keysCame(): void {
    this.#hasNewKeys = false;
    if (this.#waiting.size === 0) return;
    const { clock, seenAt } = this.#parts;
    const nowMicros = clock.micros;
    for (const [index, waiting] of [...this.#waiting]) this.#readWaiting(index, waiting);
    seenAt(nowMicros);
  }

  plaintext(direction: number, bytes: Uint8Array<ArrayBuffer>, offset: number, lengthBytes: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#parts.inside.deliver(this.#reading * 2 + direction, bytes, view, offset, offset + lengthBytes);
  }

  #readRecords(stream: number, slot: number, chunk: StreamChunk, end: number): number {
    const { bytes, start } = chunk;
    const { keys, events } = this.#parts;
    const connection = this.#connections[slot]!;
    const index = connectionOf(stream);
    this.#reading = index;
    const recordsBefore = connection.openedRecords;
    const foundBefore = connection.foundAgain;
    let p = connection.read(stream & 1, bytes, start, end);
    if (connection.isWaitingForKey && keys.refresh()) p = connection.read(stream & 1, bytes, p, end);
    const records = connection.openedRecords - recordsBefore;
    if (records > 0) events.opened(records);
    if (connection.foundAgain > foundBefore) events.foundAgain();
    if (connection.isGivenUp || connection.isClosed) {
      this.#forget(index, slot);
      return p - start;
    }
    if (connection.state === TlsState.open) this.table.move(slot, Queue.open);
    if (connection.isWaitingForKey) this.#wait(stream, end - p);
    else if (p < end) chunk.wantedBytes = wantedBytes(bytes, p, end);
    return p - start;
  }

  #wait(stream: number, lengthBytes: number): void {
    const index = connectionOf(stream);
    if (this.#waiting.has(index)) return;
    const waiting = new WaitingBytes(this.#parts.clock.micros);
    waiting.add(stream & 1, lengthBytes, waiting.sinceMicros);
    this.#waiting.set(index, waiting);
  }

  /** Reads what waited in the order and with the times of the wire. */
  #readWaiting(index: number, waiting: WaitingBytes): void {
    const connection = this.#connections[this.table.find(index, 0)]!;
    const used = [0, 0];
    for (let mark = 0; mark < waiting.count && this.#isOver[index] === 0; mark++) {
      const direction = waiting.directionAt(mark);
      this.#readableBytes = waiting.lengthAt(mark) - used[direction]!;
      this.#readBytes = 0;
      this.#parts.seenAt(waiting.microsAt(mark));
      this.#parts.readAgain(index * 2 + direction);
      used[direction]! += this.#readBytes;
      if (connection.isWaitingForKey) break;
    }
    this.#readableBytes = -1;
    if (!connection.isWaitingForKey) this.#waiting.delete(index);
    // Another secret is missing, as after a renegotiation: the order of what is left is not known so well.
    else if (used[0]! + used[1]! > 0) this.#waiting.set(index, new WaitingBytes(waiting.sinceMicros));
  }

  /** A connection that was not known; returns its slot. */
  #open(index: number): number {
    const { table } = this;
    const { events, tlsCrypto, keys, limits } = this.#parts;
    events.connection();
    if (table.size === table.limit) this.#evict(table.victim());
    const slot = table.insert(index, 0, Queue.handshake);
    const { maxHandshakeBytes } = limits;
    this.#connections[slot] ??= new TlsConnection(
      { tlsCrypto, secrets: keys.secrets, maxHandshakeBytes },
      this,
    );
    return slot;
  }

  #evict(slot: number): void {
    const isHandshake = this.table.queueOf(slot) === Queue.handshake;
    if (isHandshake) this.table.evictedFinished++;
    else this.table.evictedOpen++;
    this.#giveUp(this.table.keyLow(slot), TlsState.evicted);
  }

  #giveUpWaiting(index: number): void {
    this.#giveUp(index, TlsState.noKey);
    this.#parts.readAgain(index * 2);
    this.#parts.readAgain(index * 2 + 1);
  }

  #giveUp(index: number, reason: TlsState): void {
    const slot = this.table.find(index, 0);
    if (slot < 0) return;
    this.#connections[slot]!.giveUp(reason);
    this.#forget(index, slot);
  }

  /** Nothing more is read of a connection, which was given up or is over. */
  #forget(index: number, slot: number): void {
    const { events, streamEvents, inside } = this.#parts;
    const connection = this.#connections[slot]!;
    if (connection.isGivenUp) events.givenUp(connection.state);
    for (const stream of [index * 2, index * 2 + 1]) {
      const lengthBytes = inside.lengthOf(stream);
      if (lengthBytes === 0) continue;
      inside.drop(stream);
      streamEvents.lost(stream, StreamLoss.closed);
      streamEvents.lostBytes(stream, StreamLoss.closed, lengthBytes);
    }
    // Its keys go with it.
    connection.reset();
    this.#waiting.delete(index);
    this.table.remove(slot);
    this.#isOver[index] = 1;
  }
}

/** Bytes of the record at `p`, of which some are missing, as far as they can be told. */
function wantedBytes(bytes: Uint8Array, p: number, end: number): number {
  return end - p < recordHeaderLength ? recordHeaderLength : recordHeaderLength + fragmentLength(bytes, p);
}
