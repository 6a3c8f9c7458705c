// SPDX-License-Identifier: Apache-2.0
import { KeyedTable, type TableMemory } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Codec } from '../rtp/codec.ts';
import {
  type MediaDescription,
  MediaDirection,
  MediaKind,
  MediaSecurity,
  maxFormats,
} from '../sdp/session-description.ts';
import type { JoinedStreams } from './joined-streams.ts';
import { MAX_LINES_OF_CALL } from './media-limits.ts';

/** Fields of a record. */
const Field = {
  /** Slot of the call. */
  call: 0,
  /** Who wrote it: the tag's 32 bits, and the place of the line in the description. */
  tag: 1,
  index: 2,
  /** A number no other line had: streams keep it, see `MediaDirectory.endpointKey`; and the first one the line had. */
  serial: 3,
  firstSerial: 4,
  /** Slot + 1 of the call's next line. */
  next: 5,
  flags: 6,
  /** What the flags were before the description that `round` came with. */
  flagsBefore: 7,
  /** Counts descriptions of different transactions, and what told the last from the one before. */
  round: 8,
  transaction: 9,
  /** 1 where the party is the caller's side. */
  isCaller: 10,
  formatCount: 11,
  /** Streams that are joined to it: slot + 1 and the low half of the key, in pairs; 0 for none. */
  streams: 12,
  /** Payload type, `Codec` and clock rate of each format, packed. */
  formats: 20,
  /** `RatedCodec` of each format, with `REDUNDANT`, four in a word. */
  ratedCodecs: 20 + maxFormats,
  /** Slot + 1 of the line whose address and port it shares, and of the next one of those that do. */
  carrier: 20 + maxFormats + maxFormats / 4,
  nextShared: 21 + maxFormats + maxFormats / 4,
} as const;
const FIELDS = Field.nextShared + 1;
/** Streams that a line knows of; more are few, and are only not ended with it. */
const MAX_STREAMS = 4;

/** What became of a stream that a line was to note. */
export const Held = {
  /** It is noted from now on. */
  now: 0,
  /** It was already. */
  before: 1,
  /** The line has as many streams as it can know. */
  noRoom: 2,
} as const;
export type Held = (typeof Held)[keyof typeof Held];

/** Bits of `Field.flags`. */
const Flag = { sends: 1, receives: 2, audio: 4, encrypted: 8 } as const;

const CODEC_BITS = 5;
const CLOCK_RATE_BITS = 20;
const MAX_CLOCK_RATE = (1 << CLOCK_RATE_BITS) - 1;
const CODEC_MASK = (1 << CODEC_BITS) - 1;

/** The media lines of calls: what one party said last of one `m=` line. */
export class Lines {
  readonly table: KeyedTable;
  #serial = 0;

  /** `memory` is made by `sharedMemory` for the same limit; of its own, if not given. */
  constructor(limit: number, clock: PacketClock, memory?: TableMemory) {
    this.table = new KeyedTable(limit, FIELDS, [Number.POSITIVE_INFINITY], clock, 0, memory);
  }

  /** Memory for `limit` lines that several threads have: others than the writer ask what is `isStill`, and for formats. */
  static sharedMemory(limit: number): TableMemory {
    return KeyedTable.sharedMemory(limit, FIELDS);
  }

  /** The slot of the line that the party with a tag wrote at a place of its descriptions, among those from slot + 1 `first` on; -1 for none. */
  find(first: number, tag: number, index: number): number {
    const { table } = this;
    const { words } = table;
    for (let line = first; line !== 0; ) {
      const fields = table.fieldsOf(line - 1);
      if (words[fields + Field.tag] === tag && words[fields + Field.index] === index) return line - 1;
      line = words[fields + Field.next]!;
    }
    return -1;
  }

  /** Adds a line that is not there to a call, in front of `next`, the slot + 1 of another one; -1 when the table is full. */
  add(call: number, tag: number, index: number, isCaller: boolean, next: number): number {
    const { table } = this;
    this.#serial = (this.#serial + 1) | 0;
    // Nobody looks lines up but along their call: in the index they stand beside one another.
    const slot = table.insert(this.#serial, 0, 0);
    if (slot < 0) return -1;
    const { words } = table;
    const fields = table.fieldsOf(slot);
    for (let i = fields; i < fields + Field.formats; i++) words[i] = 0;
    words[fields + Field.carrier] = 0;
    words[fields + Field.nextShared] = 0;
    words[fields + Field.call] = call;
    words[fields + Field.tag] = tag;
    words[fields + Field.index] = index;
    words[fields + Field.isCaller] = isCaller ? 1 : 0;
    words[fields + Field.next] = next;
    words[fields + Field.serial] = this.#serial;
    words[fields + Field.firstSerial] = this.#serial;
    return slot;
  }

  /** What is joined to the line is to be looked for again; what was still tells of it. */
  renew(slot: number): void {
    this.#serial = (this.#serial + 1) | 0;
    this.table.setField(slot, Field.serial, this.#serial);
  }

  /**
   * Takes what a description says of a line. `transaction` tells the descriptions of one transaction, which several hops may
   * show with different addresses, from those of the next, which replace them. Returns whether it replaces one of another transaction.
   */
  describe(slot: number, line: MediaDescription, transaction: number): boolean {
    const { words } = this.table;
    const fields = this.table.fieldsOf(slot);
    const round = words[fields + Field.round]!;
    const isNext = words[fields + Field.transaction] !== transaction || round === 0;
    if (isNext) {
      words[fields + Field.flagsBefore] = words[fields + Field.flags]!;
      words[fields + Field.round] = round + 1;
      words[fields + Field.transaction] = transaction;
    }
    words[fields + Field.flags] = flagsOf(line);
    words[fields + Field.carrier] = 0;
    words[fields + Field.nextShared] = 0;
    const count = Math.min(line.formatCount, maxFormats);
    words[fields + Field.formatCount] = count;
    const { payloadTypes, codecs, ratedCodecs, clockRates } = line;
    for (let i = 0; i < count; i++) {
      const clockRate = Math.min(clockRates[i]!, MAX_CLOCK_RATE);
      const format = (payloadTypes[i]! << CODEC_BITS) | codecs[i]!;
      words[fields + Field.formats + i] = (format << CLOCK_RATE_BITS) | clockRate;
      const place = fields + Field.ratedCodecs + (i >> 2);
      const shift = (i & 3) << 3;
      words[place] = (words[place]! & ~(0xff << shift)) | (ratedCodecs[i]! << shift);
    }
    return isNext && round > 0;
  }

  /**
   * The line shares the address and port of an earlier one of the same description, as in a bundle (RFC 9143 §9): what comes
   * there belongs to the one of them that lists its payload type. Until it is described again.
   */
  share(slot: number, other: number): void {
    const { table } = this;
    // One that has a place already keeps it: in two chains at once they could become a circle.
    if (table.field(slot, Field.carrier) !== 0) return;
    const carrier = this.#carrierOf(other);
    table.setField(slot, Field.carrier, carrier + 1);
    table.setField(slot, Field.nextShared, table.field(carrier, Field.nextShared));
    table.setField(carrier, Field.nextShared, slot + 1);
  }

  #carrierOf(slot: number): number {
    const carrier = this.table.field(slot, Field.carrier) - 1;
    return carrier < 0 ? slot : carrier;
  }

  /** Whether one line stands before the other in the descriptions of one party. */
  isBefore(slot: number, other: number): boolean {
    const isOneParty = this.callOf(slot) === this.callOf(other) && this.tagOf(slot) === this.tagOf(other);
    return isOneParty && this.indexOf(slot) < this.indexOf(other);
  }

  /** Of the line and those that share its address, the one that lists a payload type; the line itself where none does. */
  ofPayloadType(slot: number, payloadType: number): number {
    const { table } = this;
    if (this.#placeOf(slot, payloadType) >= 0) return slot;
    let line = this.#carrierOf(slot) + 1;
    for (let count = 0; line !== 0 && count < MAX_LINES_OF_CALL; count++) {
      if (this.#placeOf(line - 1, payloadType) >= 0) return line - 1;
      line = table.field(line - 1, Field.nextShared);
    }
    return slot;
  }

  /** The description of a transaction was refused: what was before holds again. Returns whether there was one. */
  refuse(slot: number, transaction: number): boolean {
    const { table } = this;
    const round = table.field(slot, Field.round);
    if (table.field(slot, Field.transaction) !== transaction || round < 2) return false;
    table.setField(slot, Field.flags, table.field(slot, Field.flagsBefore));
    table.setField(slot, Field.round, round - 1);
    table.setField(slot, Field.transaction, 0);
    return true;
  }

  /** Whether a slot still is the line with a serial. */
  isStill(slot: number, serial: number): boolean {
    return this.table.queueOf(slot) >= 0 && this.table.field(slot, Field.serial) === serial;
  }

  /** Whether it is the line that had this serial, now or before a `renew`: who had the slot before had smaller ones. */
  wasOnce(slot: number, serial: number): boolean {
    const { table } = this;
    if (table.queueOf(slot) < 0) return false;
    const isOld = ((serial - table.field(slot, Field.firstSerial)) | 0) < 0;
    return !isOld && ((table.field(slot, Field.serial) - serial) | 0) >= 0;
  }

  /** Notes a stream that is joined to the line. */
  hold(slot: number, stream: number, streamKey: number): Held {
    const { words } = this.table;
    const first = this.table.fieldsOf(slot) + Field.streams;
    let free = -1;
    for (let place = first; place < first + 2 * MAX_STREAMS; place += 2) {
      if (words[place] === 0) free = free < 0 ? place : free;
      else if (words[place] === stream + 1 && words[place + 1] === streamKey) return Held.before;
    }
    if (free < 0) return Held.noRoom;
    words[free] = stream + 1;
    words[free + 1] = streamKey;
    return Held.now;
  }

  /** Forgets a stream; false if it was not known. */
  letGo(slot: number, stream: number, streamKey: number): boolean {
    const { words } = this.table;
    const first = this.table.fieldsOf(slot) + Field.streams;
    for (let place = first; place < first + 2 * MAX_STREAMS; place += 2) {
      if (words[place] !== stream + 1 || words[place + 1] !== streamKey) continue;
      words[place] = 0;
      return true;
    }
    return false;
  }

  /** Ends the streams that are joined to the line, and returns how many it knew. Nothing is held then. */
  endStreams(slot: number, streams: JoinedStreams | undefined): number {
    const { words } = this.table;
    const first = this.table.fieldsOf(slot) + Field.streams;
    let count = 0;
    for (let place = first; place < first + 2 * MAX_STREAMS; place += 2) {
      const stream = words[place]! - 1;
      if (stream < 0) continue;
      count++;
      // Before it ends: what tells of that, now or later, finds nothing to let go.
      words[place] = 0;
      streams?.endOfLine(slot, stream, words[place + 1]!);
    }
    return count;
  }

  callOf(slot: number): number {
    return this.table.field(slot, Field.call);
  }
  tagOf(slot: number): number {
    return this.table.field(slot, Field.tag);
  }
  indexOf(slot: number): number {
    return this.table.field(slot, Field.index);
  }
  isCallers(slot: number): boolean {
    return this.table.field(slot, Field.isCaller) === 1;
  }
  serialOf(slot: number): number {
    return this.table.field(slot, Field.serial);
  }
  roundOf(slot: number): number {
    return this.table.field(slot, Field.round);
  }
  /** Slot + 1 of the next line of the call; 0 for none. */
  nextOf(slot: number): number {
    return this.table.field(slot, Field.next);
  }

  /** Whether its party said that it sends, and receives; neither of a line that is off or no RTP. */
  sends(slot: number): boolean {
    return (this.table.field(slot, Field.flags) & Flag.sends) !== 0;
  }
  receives(slot: number): boolean {
    return (this.table.field(slot, Field.flags) & Flag.receives) !== 0;
  }
  isAudio(slot: number): boolean {
    return (this.table.field(slot, Field.flags) & Flag.audio) !== 0;
  }
  isEncrypted(slot: number): boolean {
    return (this.table.field(slot, Field.flags) & Flag.encrypted) !== 0;
  }

  /** What is known of a payload type, packed; 0 for one that is not listed, or has no codec of its own. */
  formatOf(slot: number, payloadType: number): number {
    const place = this.#placeOf(slot, payloadType);
    return place < 0 ? 0 : this.table.field(slot, Field.formats + place);
  }

  /** How a payload type is rated, with `REDUNDANT`; -1 for one that is not listed. */
  ratedCodecOf(slot: number, payloadType: number): number {
    const place = this.#placeOf(slot, payloadType);
    if (place < 0) return -1;
    return (this.table.field(slot, Field.ratedCodecs + (place >> 2)) >>> ((place & 3) << 3)) & 0xff;
  }

  /** Where a payload type is among the formats; -1 for one that is not listed. */
  #placeOf(slot: number, payloadType: number): number {
    const { table } = this;
    const count = table.field(slot, Field.formatCount);
    for (let i = 0; i < count; i++) {
      const format = table.field(slot, Field.formats + i);
      if (format >>> (CLOCK_RATE_BITS + CODEC_BITS) === payloadType) return i;
    }
    return -1;
  }
}

/** The codec of a packed format. */
export function codecOfFormat(format: number): Codec {
  return ((format >>> CLOCK_RATE_BITS) & CODEC_MASK) as Codec;
}

/** Its clock rate in Hz. */
export function clockRateOfFormat(format: number): number {
  return format & MAX_CLOCK_RATE;
}

function flagsOf(line: MediaDescription): number {
  const isAudio = line.kind === MediaKind.audio ? Flag.audio : 0;
  const encrypted = line.security === MediaSecurity.none ? 0 : Flag.encrypted;
  if (!line.isRtp || line.isOff) return isAudio | encrypted;
  const { direction } = line;
  const isSending = direction === MediaDirection.sendrecv || direction === MediaDirection.sendonly;
  const isReceiving = direction === MediaDirection.sendrecv || direction === MediaDirection.recvonly;
  // 0.0.0.0 is the old hold: nothing is to be sent there (RFC 3264 §8.4).
  const receives = isReceiving && !line.isNullAddress ? Flag.receives : 0;
  return isAudio | encrypted | (isSending ? Flag.sends : 0) | receives;
}
