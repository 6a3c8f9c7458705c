// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import type { CallKey } from './call-key.ts';
import { FORGOTTEN } from './expiry.ts';
import { timerBMicros, timerCMicros, timerFMicros, transactionLingerMicros } from './timers.ts';

/** What a message is to its transaction. */
export const Sighting = {
  /** Not seen before. */
  first: 0,
  /** Seen before on the same addresses and ports: sent again. */
  retransmission: 1,
  /** The very datagram was captured before. */
  duplicate: 2,
} as const;
export type Sighting = (typeof Sighting)[keyof typeof Sighting];

/**
 * Where a transaction stands as seen from the wire (RFC 3261 §17, RFC 6026); also its queue in the table, so the order
 * is the order of eviction. `ended` is completed, accepted, confirmed and terminated: all that is left is to know
 * retransmissions. An ACK, and a response without its request, begin there. `pending` is calling (INVITE) and trying
 * (others), and proceeding of others: in one queue, because a flood of one kind would else push out the other at once.
 */
export const TransactionState = { ended: 0, pending: 1, proceeding: 2 } as const;

/** Timers B and F are the same: both kinds of transactions may stand in one queue. */
const pendingMicros = Math.max(timerBMicros, timerFMicros);

/** Fields of a record. Those of the owner are free for whoever the transaction's messages belong to. */
export const TransactionField = {
  /** Context of the first message. */
  context: 0,
  method: 1,
  /** When the request came, `PacketClock.wrapped`. */
  began: 2,
  /** Via values of the request, 0 when it was not seen. */
  viaCount: 3,
  /** Status code of the first final response, 0 before it, `NO_ANSWER` once its time was over. */
  finalCode: 4,
  /** Owner: slot + 1 of its record, 0 without one, and the low half of that record's key. */
  owner: 5,
  ownerKey: 6,
  /** Owner: whatever it must know again when the response comes. */
  flags: 7,
  /** What a REGISTER asked for: hash of its contact, and the expiry. */
  contact: 8,
  expiresSeconds: 9,
  cseqNumber: 10,
} as const;

const NO_ANSWER = -1;

/** Where the next sighting is written, 0..MEMORY-1. */
const NEXT = 11;
/** Different messages of a transaction that are remembered: the first, and the last three of the others. */
const MEMORY = 4;
const FIRST_SIGHTING = 12;
/** A sighting: signature, IP identification and length, time. */
const SIGHTING_FIELDS = 3;
/** With the table's own words a record has 128 bytes. */
const FIELDS = 24;

/**
 * Transactions on every hop: what tells a message from its retransmission and from a second copy of the same frame.
 *
 * A message is the same as one before when it is of the same kind (the request, or a response with the same code, To
 * tag and RSeq) and came by the same addresses and ports. It is the same datagram when the IP identification and the
 * length are the same as well and it follows within the duplicate window; Linux gives the identification 0 to all that
 * may not be fragmented, so that time alone can tell, and T1 is ten times the window. The same message on other
 * addresses is another hop, as behind NAT on this host.
 */
export class Transactions {
  readonly table: KeyedTable;
  /** The record of the message last seen, after `see`. */
  slot = -1;
  /** Whether that message is the first final response of its transaction. */
  isFirstFinal = false;

  readonly #clock: PacketClock;
  readonly #duplicateMicros: number;

  constructor(limit: number, duplicateMicros: number, clock: PacketClock) {
    this.table = new KeyedTable(
      limit,
      FIELDS,
      [transactionLingerMicros, pendingMicros, timerCMicros],
      clock,
      TransactionState.proceeding,
    );
    this.#clock = clock;
    this.#duplicateMicros = duplicateMicros;
  }

  /** Takes note of a message whose transaction key was read; sets `slot`. */
  see(key: CallKey, message: SipMessage, datagram: Datagram, context: number): Sighting {
    const { table } = this;
    const { words } = table;
    this.isFirstFinal = false;
    let slot = table.find(key.transactionLow, key.transactionHigh);
    const signature = signatureOf(message, datagram);
    const datagramWord = (datagram.ipIdentification << 16) | (datagram.payloadLength & 0xffff);
    const isNew = slot < 0;
    if (isNew) slot = this.#begin(key, message, context);
    this.slot = slot;
    const fields = table.fieldsOf(slot);
    if (!isNew) {
      for (let i = 0; i < MEMORY; i++) {
        const sighting = fields + FIRST_SIGHTING + i * SIGHTING_FIELDS;
        if (words[sighting] === signature) return this.#seenAgain(slot, sighting, datagramWord);
      }
      // Rings and mirrors may show a response before its request.
      if (message.isRequest && words[fields + TransactionField.viaCount] === 0) {
        this.#setRequest(fields, message);
        if (words[fields + TransactionField.finalCode] === 0) table.move(slot, firstState(message));
      }
    }
    const next = words[fields + NEXT]!;
    words[fields + NEXT] = next + 1 === MEMORY ? 1 : next + 1;
    const sighting = fields + FIRST_SIGHTING + next * SIGHTING_FIELDS;
    words[sighting] = signature;
    words[sighting + 1] = datagramWord;
    words[sighting + 2] = this.#clock.wrapped;
    if (!message.isRequest) this.#response(slot, message.statusCode);
    return Sighting.first;
  }

  /** An INVITE that was cancelled has its final response within 64*T1 from now (RFC 3261 §9.1). */
  cancel(slot: number): void {
    if (this.table.queueOf(slot) !== TransactionState.ended) this.table.move(slot, TransactionState.pending);
  }

  /** The slot of the transaction whose key was read, or -1. */
  find(key: CallKey): number {
    return this.table.find(key.transactionLow, key.transactionHigh);
  }

  /** Microseconds since the request of a transaction. */
  microsSinceBegun(slot: number): number {
    return this.#clock.microsSince(this.table.field(slot, TransactionField.began));
  }

  /** Whether the request of the transaction in `slot` was seen. */
  get hasRequest(): boolean {
    return this.table.field(this.slot, TransactionField.viaCount) !== 0;
  }

  /** Notes, in the transaction in `slot`, the record it belongs to; -1 for none. */
  setOwner(owner: number, ownerKey: number): void {
    this.table.setField(this.slot, TransactionField.owner, owner + 1);
    this.table.setField(this.slot, TransactionField.ownerKey, ownerKey);
  }

  setFlags(flags: number): void {
    this.table.setField(this.slot, TransactionField.flags, flags);
  }

  /** The slot in `owners` of the record the transaction in `slot` belongs to, or -1: without one, or if it is gone. */
  ownerIn(owners: KeyedTable): number {
    return this.ownerOf(this.slot, owners);
  }

  /** The same for any transaction. */
  ownerOf(slot: number, owners: KeyedTable): number {
    const owner = this.table.field(slot, TransactionField.owner) - 1;
    if (owner < 0 || !owners.isStill(owner, this.table.field(slot, TransactionField.ownerKey))) return -1;
    return owner;
  }

  /**
   * One step of expiry: forgets transactions that ended long ago (`FORGOTTEN`), or moves one whose time for a final
   * response is over to `ended` and returns its slot; -1 when nothing is due.
   */
  expire(): number {
    const { table } = this;
    if (table.removeDue(TransactionState.ended) > 0) return FORGOTTEN;
    for (let state: number = TransactionState.pending; state <= TransactionState.proceeding; state++) {
      const slot = table.due(state);
      if (slot < 0) continue;
      table.setField(slot, TransactionField.finalCode, NO_ANSWER);
      table.move(slot, TransactionState.ended);
      return slot;
    }
    return -1;
  }

  #begin(key: CallKey, message: SipMessage, context: number): number {
    const { table } = this;
    table.makeRoom();
    const slot = table.insert(key.transactionLow, key.transactionHigh, firstState(message));
    const { words } = table;
    const fields = table.fieldsOf(slot);
    words[fields + TransactionField.viaCount] = 0;
    words[fields + TransactionField.finalCode] = 0;
    words[fields + TransactionField.owner] = 0;
    words[fields + TransactionField.flags] = 0;
    words[fields + NEXT] = 0;
    for (let i = 0; i < MEMORY; i++) words[fields + FIRST_SIGHTING + i * SIGHTING_FIELDS] = 0;
    words[fields + TransactionField.context] = context;
    words[fields + TransactionField.method] = message.method;
    words[fields + TransactionField.cseqNumber] = message.cseqNumber;
    if (message.isRequest) this.#setRequest(fields, message);
    return slot;
  }

  #setRequest(fields: number, message: SipMessage): void {
    const { words } = this.table;
    words[fields + TransactionField.began] = this.#clock.wrapped;
    words[fields + TransactionField.viaCount] = message.viaCount;
  }

  #seenAgain(slot: number, sighting: number, datagramWord: number): Sighting {
    const { table } = this;
    const { words } = table;
    const isSameDatagram = words[sighting + 1] === datagramWord;
    // Rings and mirrors may show the second copy with the earlier time.
    const distanceMicros = Math.abs((this.#clock.wrapped - words[sighting + 2]!) | 0);
    if (isSameDatagram && distanceMicros < this.#duplicateMicros) return Sighting.duplicate;
    words[sighting + 1] = datagramWord;
    words[sighting + 2] = this.#clock.wrapped;
    // What is repeated may be repeated again; ringing is, every minute, so that proxies do not give up (§13.3.1.1).
    const state = table.queueOf(slot);
    if (state === TransactionState.ended || state === TransactionState.proceeding) table.move(slot, state);
    return Sighting.retransmission;
  }

  #response(slot: number, statusCode: number): void {
    const { table } = this;
    if (statusCode >= 200) {
      if (table.field(slot, TransactionField.finalCode) !== 0) return;
      table.setField(slot, TransactionField.finalCode, statusCode);
      this.isFirstFinal = true;
      if (table.queueOf(slot) !== TransactionState.ended) table.move(slot, TransactionState.ended);
    } else if (
      table.queueOf(slot) !== TransactionState.ended &&
      table.field(slot, TransactionField.method) === Method.invite
    ) {
      table.move(slot, TransactionState.proceeding);
    }
  }
}

function firstState(message: SipMessage): number {
  return message.isRequest && message.method !== Method.ack
    ? TransactionState.pending
    : TransactionState.ended;
}

/** What two sightings of one message have in common, and two messages of a transaction have not; never 0. */
function signatureOf(message: SipMessage, datagram: Datagram): number {
  const { sourceAddress, destinationAddress } = datagram;
  let mixed = (datagram.sourcePort << 16) | datagram.destinationPort;
  // All IPv4 addresses have the same first three words.
  for (let i = datagram.ipVersion === 4 ? 3 : 0; i < 4; i++) {
    mixed = Math.imul(mixed ^ sourceAddress[i]!, 0xcc9e2d51);
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ destinationAddress[i]!, 0x1b873593);
  }
  if (!message.isRequest) {
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ message.statusCode, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ message.rseq, 0xc2b2ae35);
    const { view } = message;
    let p = message.toTagOffset | 0;
    const end = (p + message.toTagLength) | 0;
    while (p < end) {
      let word: number;
      if (p + 4 <= end) {
        word = view.getInt32(p, true);
        p += 4;
      } else {
        word = view.getUint8(p);
        p++;
      }
      mixed = Math.imul(mixed ^ (mixed >>> 15) ^ word, 0xcc9e2d51);
    }
  }
  mixed ^= mixed >>> 13;
  return mixed === 0 ? 1 : mixed;
}
