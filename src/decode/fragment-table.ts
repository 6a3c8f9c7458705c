// SPDX-License-Identifier: Apache-2.0
import { Frame } from '../base/frame.ts';
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from './datagram.ts';
import type { Fragment } from './fragment.ts';
import { type FragmentEvents, type FragmentLimits, FragmentResult } from './fragment-limits.ts';
import { FragmentPages } from './fragment-pages.ts';
import { WholePacket } from './whole-packet.ts';

/** What both IP versions can say in their length field. */
const MAX_LENGTH = 0xffff;
const NONE = -1;

/** Fields of a record. */
const FIRST = 0;
const LAST = 1;
const COUNT = 2;
const RECEIVED = 3;
const TOTAL = 4;
const PROTOCOL = 5;
const CONTEXT = 6;
const FIELDS = 8;

/** Bytes of a record in `KeyedTable`, and of its places in the index where those are most. */
const BYTES_PER_RECORD = 32 + FIELDS * 4 + 32;
/** There are as many records as pages: a datagram that waits has at least one. */
const BYTES_PER_ENTRY = FragmentPages.bytesPerPage + BYTES_PER_RECORD;

/**
 * Queues of the records, in the order in which they make room.
 *
 *     first fragment -> waiting -> completed -> copy (the fragments of the datagram begin to come again)
 *                          |           ^         |
 *                          v           +---------+
 *                       refused
 */
const Queue = {
  /** Reassembled; known for the duplicate window, so that copies of its fragments are not taken for a new datagram. */
  completed: 0,
  /** A second copy of a datagram that was reassembled: that it is never whole means nothing. */
  copy: 1,
  /** Given up: what still comes of it is left out (RFC 5722 §4). */
  refused: 2,
  waiting: 3,
} as const;

/**
 * Reassembles IP datagrams from fragments (RFC 791 §3.2, RFC 8200 §4.5) that come in any order. What is the same as a
 * fragment that is there is left out; what overlaps one ends the datagram. Every datagram has one result.
 *
 * A datagram is known by addresses, protocol (IPv4 only) and identification, and by its VLAN and
 * how many tunnels are around it. Fixed memory; time of a
 * fragment grows with its length and, out of order, with `maxFragments`. Never throws, allocates nothing.
 */
export class FragmentTable {
  /** The packet, after `add` returned true: for `decodeWholePacket`, and given up before the next `add`. */
  readonly packet: Frame = new Frame();

  readonly #limits: FragmentLimits;
  readonly #hash: SeededHash;
  readonly #events: FragmentEvents;
  /** Time of fragments, which are not taken to the state in batches. */
  readonly #clock = new PacketClock();
  readonly #table: KeyedTable;
  readonly #pages: FragmentPages;
  readonly #whole: WholePacket;
  readonly #keyWords = new Int32Array(12);
  readonly #keyView = new DataView(this.#keyWords.buffer);

  /** `duplicateMicros`: a copy of a packet within this time is a capture duplicate. */
  constructor(limits: FragmentLimits, duplicateMicros: number, hash: SeededHash, events: FragmentEvents) {
    this.#limits = limits;
    this.#hash = hash;
    this.#events = events;
    const count = Math.floor(limits.maxBytes / BYTES_PER_ENTRY);
    const { timeoutMicros } = limits;
    const lifetimes = [duplicateMicros, duplicateMicros, timeoutMicros, timeoutMicros];
    this.#table = new KeyedTable(count, FIELDS, lifetimes, this.#clock);
    this.#pages = new FragmentPages(count);
    this.#whole = new WholePacket(this.packet);
  }

  /** Memory in use by fragments that wait, 0..limitBytes. */
  get usedBytes(): number {
    return this.#pages.usedCount * BYTES_PER_ENTRY;
  }

  /** The most that `usedBytes` can be; at most `FragmentLimits.maxBytes`. */
  get limitBytes(): number {
    return this.#pages.pageCount * BYTES_PER_ENTRY;
  }

  /**
   * Takes the fragment that `decodeFrame` found in a frame. Returns whether it was the last that its datagram waited
   * for, which then is in `packet`.
   */
  add(frame: Frame, datagram: Datagram, context: number): boolean {
    this.#clock.next[0] = frame.arrivalMicros;
    this.#clock.advance();
    this.#expire();
    this.#events.fragment(context);

    const slot = this.#record(datagram, context);
    if (slot === NONE) return false;
    const { fragment } = datagram;
    const refusal = this.#refusalOf(fragment);
    if (refusal !== FragmentResult.reassembled) return this.#refuse(slot, refusal);
    if (!this.#insert(slot, datagram)) return false;

    const { words } = this.#table;
    const fields = this.#table.fieldsOf(slot);
    if (words[fields + RECEIVED] !== words[fields + TOTAL]) return false;
    return this.#complete(slot, frame, datagram);
  }

  /** Lets time pass without fragments. */
  advance(nowMicros: number): void {
    this.#clock.micros = nowMicros;
    this.#expire();
  }

  /** The record of a fragment's datagram, which may begin with it; -1 where the datagram was given up. */
  #record(datagram: Datagram, context: number): number {
    const table = this.#table;
    this.#hashKey(datagram);
    const { low, high } = this.#hash;
    let slot = table.find(low, high);
    if (slot !== NONE) {
      const queue = table.queueOf(slot);
      if (queue === Queue.refused) return NONE;
      if (queue !== Queue.completed) return slot;
      table.move(slot, Queue.copy);
    } else {
      if (table.size === table.limit) this.#makeRoomForRecord();
      slot = table.insert(low, high, Queue.waiting);
    }
    const { words } = table;
    const fields = table.fieldsOf(slot);
    words[fields + FIRST] = NONE;
    words[fields + LAST] = NONE;
    words[fields + COUNT] = 0;
    words[fields + RECEIVED] = 0;
    words[fields + TOTAL] = NONE;
    words[fields + PROTOCOL] = 0;
    words[fields + CONTEXT] = context;
    return slot;
  }

  /** RFC 791 §3.2, RFC 8200 §4.5. In IPv6 the next header is no part: fragments of a datagram may differ in it. */
  #hashKey(datagram: Datagram): void {
    const { ipVersion, sourceAddress, destinationAddress, vlanTci, tunnelDepth, fragment } = datagram;
    const words = this.#keyWords;
    for (let i = 0; i < 4; i++) {
      words[i] = sourceAddress[i]!;
      words[4 + i] = destinationAddress[i]!;
    }
    words[8] = fragment.identification;
    words[9] = ipVersion === 4 ? fragment.protocol : -1;
    words[10] = vlanTci;
    words[11] = tunnelDepth;
    this.#hash.hash(this.#keyView, 0, 48);
  }

  /** Why a fragment alone ends its datagram; `reassembled` where it does not. */
  #refusalOf({ offset, dataLength, hasMore, headerLength, isCut }: Fragment): FragmentResult {
    if (isCut) return FragmentResult.truncatedBySensor;
    if (dataLength === 0 || (hasMore && (dataLength & 7) !== 0)) return FragmentResult.badLength;
    if (headerLength + offset + dataLength > MAX_LENGTH) return FragmentResult.tooLong;
    return FragmentResult.reassembled;
  }

  /** Puts a fragment among those of its datagram. Returns false where it is left out or ends the datagram. */
  #insert(slot: number, { fragment, view }: Datagram): boolean {
    const pages = this.#pages;
    const { offsets, lengths, nextFragments } = pages;
    const { words } = this.#table;
    const fields = this.#table.fieldsOf(slot);
    const { offset, dataOffset, dataLength, hasMore } = fragment;
    const end = offset + dataLength;
    const total = words[fields + TOTAL]!;

    // `next` becomes the first fragment at or behind its place. In order, that is behind the last one.
    let previous = words[fields + LAST]!;
    let next = NONE;
    if (previous !== NONE && offsets[previous]! >= offset) {
      previous = NONE;
      next = words[fields + FIRST]!;
      while (offsets[next]! < offset) {
        previous = next;
        next = nextFragments[next]!;
      }
      const isSamePlace = offsets[next] === offset && lengths[next] === dataLength;
      if (isSamePlace && hasMore !== (end === total) && pages.isSame(next, view, dataOffset)) {
        this.#events.duplicates(words[fields + CONTEXT]!, 1);
        return false;
      }
      if (end > offsets[next]!) return this.#refuse(slot, FragmentResult.overlap);
    }
    if (previous !== NONE && offsets[previous]! + lengths[previous]! > offset) {
      return this.#refuse(slot, FragmentResult.overlap);
    }
    const isEndWrong = hasMore ? total !== NONE && end > total : total !== NONE || next !== NONE;
    if (isEndWrong) return this.#refuse(slot, FragmentResult.badLength);
    if (words[fields + COUNT] === this.#limits.maxFragments) {
      return this.#refuse(slot, FragmentResult.tooManyFragments);
    }
    if (!this.#makeRoomFor(dataLength, slot)) return false;

    const added = pages.store(view, dataOffset, dataLength, offset);
    nextFragments[added] = next;
    if (previous === NONE) words[fields + FIRST] = added;
    else nextFragments[previous] = added;
    if (next === NONE) words[fields + LAST] = added;
    words[fields + COUNT]!++;
    words[fields + RECEIVED]! += dataLength;
    if (!hasMore) words[fields + TOTAL] = end;
    if (offset === 0) words[fields + PROTOCOL] = fragment.protocol;
    return true;
  }

  #complete(slot: number, frame: Frame, datagram: Datagram): boolean {
    const table = this.#table;
    const { words } = table;
    const fields = table.fieldsOf(slot);
    const whole = this.#whole;
    const length = words[fields + TOTAL]!;
    const start = whole.begin(frame, datagram, words[fields + PROTOCOL]!, length);
    this.#pages.copyAll(words[fields + FIRST]!, this.packet.view, start);
    if (this.#limits.isVerifying && !whole.isChecksumRight()) {
      return this.#refuse(slot, FragmentResult.badChecksum);
    }
    this.#events.ended(words[fields + CONTEXT]!, FragmentResult.reassembled);
    this.#free(slot);
    table.move(slot, Queue.completed);
    return true;
  }

  /** Gives up a datagram for what a fragment of it is, or for want of memory. Returns false. */
  #refuse(slot: number, result: FragmentResult): false {
    this.#events.ended(this.#table.field(slot, CONTEXT), result);
    this.#free(slot);
    this.#table.move(slot, Queue.refused);
    return false;
  }

  /** Makes room for data; the oldest give way, copies first. Returns false where that was the datagram in `slot`. */
  #makeRoomFor(length: number, slot: number): boolean {
    const table = this.#table;
    while (!this.#pages.hasRoomFor(length)) {
      let oldest = table.oldest(Queue.copy);
      if (oldest === NONE) oldest = table.oldest(Queue.waiting);
      if (table.queueOf(oldest) === Queue.waiting) this.#refuse(oldest, FragmentResult.evicted);
      else this.#giveUpCopy(oldest);
      if (oldest === slot) return false;
    }
    return true;
  }

  #makeRoomForRecord(): void {
    const slot = this.#table.victim();
    this.#end(slot, FragmentResult.evicted);
  }

  /** Forgets what is due. */
  #expire(): void {
    const table = this.#table;
    while (table.removeDue(Queue.completed) > 0);
    while (table.removeDue(Queue.refused) > 0);
    for (let slot = table.due(Queue.copy); slot !== NONE; slot = table.due(Queue.copy)) {
      this.#end(slot, FragmentResult.timeout);
    }
    for (let slot = table.due(Queue.waiting); slot !== NONE; slot = table.due(Queue.waiting)) {
      this.#end(slot, FragmentResult.timeout);
    }
  }

  /** Removes a record; if a datagram was waiting there, with its result. */
  #end(slot: number, result: FragmentResult): void {
    const table = this.#table;
    const queue = table.queueOf(slot);
    if (queue === Queue.waiting) {
      this.#events.ended(table.field(slot, CONTEXT), result);
      this.#free(slot);
    } else if (queue === Queue.copy) this.#giveUpCopy(slot);
    table.remove(slot);
  }

  /** The fragments of a copy that is not whole were duplicates; the datagram was reassembled before. */
  #giveUpCopy(slot: number): void {
    this.#events.duplicates(this.#table.field(slot, CONTEXT), this.#table.field(slot, COUNT));
    this.#free(slot);
    this.#table.move(slot, Queue.completed);
  }

  #free(slot: number): void {
    this.#pages.freeAll(this.#table.field(slot, FIRST));
    this.#table.setField(slot, FIRST, NONE);
  }
}
