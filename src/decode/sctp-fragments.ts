// SPDX-License-Identifier: Apache-2.0
import { Arena } from '../base/arena.ts';
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { copyBytes } from './copy-bytes.ts';
import type { SctpChunk } from './sctp-chunk.ts';
import type { SctpEvents } from './sctp-events.ts';
import { SctpUnread } from './sctp-events.ts';
import type { SctpLimits } from './sctp-limits.ts';

// Fields of a record.
/** Where the piece is in the buffer. */
const OFFSET = 0;
const LENGTH = 1;
const IS_FIRST = 2;
const IS_LAST = 3;
const FIELDS = 4;

/** The buffer may hold as many pieces of this size. */
const usualBytes = 512;

/** What the pieces of a message share until the state takes it, beside the longest message. */
const arenaBytes = 0x1_0000;

/**
 * Pieces of user messages that wait for the others (RFC 9260 §6.9). They stand in a ring of bytes, one behind the other as
 * they came; what is overwritten is given up. The last to come takes all of its message with it.
 *
 *     | newer pieces | next ->   oldest piece | older pieces |
 */
export class SctpFragments {
  readonly table: KeyedTable;
  readonly #maxMessageBytes: number;
  readonly #hash: SeededHash;
  readonly #events: SctpEvents;
  readonly #buffer: DataView<ArrayBuffer>;
  #next = 0;
  readonly #arena: Arena;
  /** What is hashed: association (8 bytes), stream, message, piece. */
  readonly #key = new DataView(new ArrayBuffer(20));
  /** The pieces of one message, in order. */
  readonly #slots: Int32Array;

  constructor(
    limits: SctpLimits,
    maxMessageBytes: number,
    hash: SeededHash,
    clock: PacketClock,
    events: SctpEvents,
  ) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#hash = hash;
    this.#events = events;
    this.#buffer = new DataView(new ArrayBuffer(limits.memoryBytes));
    this.#arena = new Arena(maxMessageBytes + arenaBytes);
    this.#slots = new Int32Array(limits.maxFragments);
    const count = Math.ceil(limits.memoryBytes / usualBytes);
    this.table = new KeyedTable(count, FIELDS, [limits.fragmentMicros], clock);
  }

  /** Gives up pieces that waited too long. Returns whether there were any. */
  expire(): boolean {
    const removed = this.table.removeDue(0);
    if (removed > 0) this.#events.sctpUnread(SctpUnread.expired, removed);
    return removed > 0;
  }

  /** Takes one piece of a message of the association with this key; it was not seen before. */
  take(chunk: SctpChunk, view: DataView, keyLow: number, keyHigh: number): void {
    const { table } = this;
    const { userDataLength } = chunk;
    if (userDataLength > Math.min(this.#maxMessageBytes, this.#buffer.byteLength)) {
      this.#events.sctpUnread(SctpUnread.messageTooLarge, 1);
      return;
    }
    this.#key.setInt32(0, keyLow);
    this.#key.setInt32(4, keyHigh);
    this.#key.setInt32(8, chunk.streamOfMessage);
    this.#key.setInt32(12, chunk.message);
    if (this.#find(chunk.piece) >= 0) return;
    if (table.size === table.limit) this.#evictOldest();
    const offset = this.#makeRoom(userDataLength);
    copyBytes(view, chunk.userDataOffset, this.#buffer, offset, userDataLength);
    this.#setKey(chunk.piece);
    const slot = table.insert(this.#hash.low, this.#hash.high, 0);
    table.setField(slot, OFFSET, offset);
    table.setField(slot, LENGTH, userDataLength);
    table.setField(slot, IS_FIRST, chunk.isFirst ? 1 : 0);
    table.setField(slot, IS_LAST, chunk.isLast ? 1 : 0);
    this.#complete(chunk.piece, slot);
  }

  #setKey(piece: number): void {
    this.#key.setInt32(16, piece);
    this.#hash.hash(this.#key, 0, 20);
  }

  #find(piece: number): number {
    this.#setKey(piece);
    return this.table.find(this.#hash.low, this.#hash.high);
  }

  #evictOldest(): void {
    this.table.evict(this.table.oldest(0), false);
    this.#events.sctpUnread(SctpUnread.evicted, 1);
  }

  /** Returns where `length` bytes may be written, after giving up the pieces that were there. */
  #makeRoom(length: number): number {
    const { table } = this;
    if (this.#next + length > this.#buffer.byteLength) {
      // What stands behind `next` is older than what stands before it.
      while (table.size > 0 && table.field(table.oldest(0), OFFSET) >= this.#next) this.#evictOldest();
      this.#next = 0;
    }
    const offset = this.#next;
    this.#next = offset + length;
    while (table.size > 0) {
      const oldest = table.field(table.oldest(0), OFFSET);
      if (oldest < offset || oldest >= this.#next) break;
      this.#evictOldest();
    }
    return offset;
  }

  /** Hands out the message of a piece, if all of it is there; gives it up where it is beyond a limit. */
  #complete(piece: number, slot: number): void {
    const { table } = this;
    const slots = this.#slots;
    // Back to the first piece, then on to the last one.
    let first = slot;
    let before = 0;
    while (table.field(first, IS_FIRST) === 0 && before < slots.length) {
      before++;
      first = this.#find((piece - before) | 0);
      if (first < 0 || table.field(first, IS_LAST) === 1) return;
    }
    let count = 0;
    let length = 0;
    for (let next = first; ; next = this.#find((piece - before + count) | 0)) {
      if (next < 0 || (count > 0 && table.field(next, IS_FIRST) === 1)) return;
      length += table.field(next, LENGTH);
      const isTooLarge = length > this.#maxMessageBytes;
      if (isTooLarge || count === slots.length) {
        this.#giveUp(piece - before, count + 1, isTooLarge);
        return;
      }
      slots[count++] = next;
      if (table.field(next, IS_LAST) === 1) break;
    }
    this.#assemble(count, length);
  }

  #giveUp(first: number, count: number, isTooLarge: boolean): void {
    for (let i = 0; i < count; i++) this.table.remove(this.#find((first + i) | 0));
    this.#events.sctpUnread(isTooLarge ? SctpUnread.messageTooLarge : SctpUnread.tooManyFragments, count);
  }

  #assemble(count: number, length: number): void {
    const { table } = this;
    const arena = this.#arena;
    let offset = arena.take(length);
    if (offset < 0) {
      this.#events.settle();
      arena.clear();
      offset = arena.take(length);
    }
    let to = offset;
    for (let i = 0; i < count; i++) {
      const slot = this.#slots[i]!;
      const from = table.field(slot, OFFSET);
      const pieceLength = table.field(slot, LENGTH);
      copyBytes(this.#buffer, from, arena.view, to, pieceLength);
      to += pieceLength;
      table.remove(slot);
    }
    this.#events.sctpMessage(arena.bytes, arena.view, offset, length);
  }
}
