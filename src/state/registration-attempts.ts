// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { type CallEvents, Delay, Outcome } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import { ORIGIN_FIELDS, Origin, type OriginEvents } from './origin.ts';
import { RegistrationResult, resultOfRegistration } from './registration-result.ts';
import type { StateLimits } from './state-limits.ts';
import { lingerMicros, timerFMicros } from './timers.ts';

/** Where a registration attempt stands; also its queue in the table, so the order is the order of eviction. */
const State = { ended: 0, retrying: 1, trying: 2 } as const;

/** Fields of a record. */
const Field = {
  context: 0,
  /** CSeq number of the present REGISTER. */
  cseqNumber: 1,
  /** Via values of the present REGISTER on its first hop. */
  viaCount: 2,
  /** When the first REGISTER came, `PacketClock.wrapped`. */
  began: 3,
  /** Challenges seen: `Challenge` bits. */
  challenges: 4,
  /** Status code that asked for another REGISTER, while `retrying`. */
  retryCode: 5,
  /** See `Origin`; there where somebody asks for it. */
  origin: 6,
} as const;
const FIELDS = Field.origin + ORIGIN_FIELDS;

/** A registrar and a proxy before it may challenge once each. */
const Challenge = { byServer: 1, byProxy: 2 } as const;

/**
 * Registration attempts: Call-ID and address-of-record, from the first REGISTER to one result, through the challenge
 * and 423 (RFC 3261 §10.2, §10.2.8). Results and delays are those of the first hop, as with session attempts.
 */
export class RegistrationAttempts {
  readonly table: KeyedTable;

  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  readonly #origins: OriginEvents | undefined;
  readonly #origin = new Origin();

  constructor(limits: StateLimits, clock: PacketClock, events: CallEvents, origins?: OriginEvents) {
    const lifetimesMicros = [lingerMicros, limits.retryMicros, timerFMicros];
    this.table = new KeyedTable(limits.maxRegistrationAttempts, FIELDS, lifetimesMicros, clock, State.trying);
    this.#clock = clock;
    this.#events = events;
    this.#origins = origins;
  }

  /** A REGISTER, not seen before. Returns the slot of its attempt. */
  register(key: CallKey, message: SipMessage, context: number): number {
    const { table } = this;
    const { cseqNumber, viaCount } = message;
    let slot = table.find(key.attemptLow, key.attemptHigh);
    if (slot < 0) {
      table.makeRoom();
      slot = table.insert(key.attemptLow, key.attemptHigh, State.trying);
      this.#begin(slot, message, context);
      return slot;
    }
    const present = table.field(slot, Field.cseqNumber);
    const isEnded = table.queueOf(slot) === State.ended;
    // With the same number it may be for the next server (RFC 3263 §4.3), with a lower one come from a restarted device.
    const isLaterHop = cseqNumber === present && viaCount > table.field(slot, Field.viaCount);
    if (isEnded && !isLaterHop) {
      table.move(slot, State.trying);
      this.#begin(slot, message, context);
    } else if (cseqNumber > present) {
      table.move(slot, State.trying);
      this.#setRegister(slot, message);
    } else if (cseqNumber === present && viaCount < table.field(slot, Field.viaCount)) {
      table.setField(slot, Field.viaCount, viaCount);
    }
    return slot;
  }

  /** A final response to a REGISTER that was not seen. Returns the slot of the attempt that waits for that one, or -1. */
  follow(key: CallKey, message: SipMessage): number {
    const { table } = this;
    const slot = table.find(key.attemptLow, key.attemptHigh);
    if (slot < 0 || table.queueOf(slot) !== State.retrying) return -1;
    if (message.cseqNumber <= table.field(slot, Field.cseqNumber)) return -1;
    table.move(slot, State.trying);
    this.#setRegister(slot, message);
    return slot;
  }

  /** A final response. */
  answered(slot: number, message: SipMessage): void {
    const { table } = this;
    const { statusCode } = message;
    if (table.queueOf(slot) !== State.trying || table.field(slot, Field.cseqNumber) !== message.cseqNumber)
      return;
    if (message.viaCount > table.field(slot, Field.viaCount)) return;
    if (statusCode === 401 || statusCode === 407) {
      const challenge = statusCode === 401 ? Challenge.byServer : Challenge.byProxy;
      const challenges = table.field(slot, Field.challenges);
      if ((challenges & challenge) !== 0 && !message.isStale) {
        this.#end(slot, RegistrationResult.authenticationFailed, statusCode);
      } else {
        table.setField(slot, Field.challenges, challenges | challenge);
        this.#retry(slot, statusCode);
      }
    } else if (statusCode === 423) {
      this.#retry(slot, statusCode);
    } else {
      if (statusCode < 300) {
        const delayMicros = this.#clock.microsSince(table.field(slot, Field.began));
        const context = table.field(slot, Field.context);
        this.#events.delay(Delay.registrationRequest, context, Outcome.success, delayMicros);
      }
      this.#end(slot, resultOfRegistration(statusCode), statusCode);
    }
  }

  /** One step of expiry: ends or forgets one attempt. Returns whether there was one. */
  expire(): boolean {
    const { table } = this;
    if (table.removeDue(State.ended) > 0) return true;
    let slot = table.due(State.retrying);
    if (slot >= 0) {
      const code = table.field(slot, Field.retryCode);
      this.#end(slot, resultOfRegistration(code), code);
      return true;
    }
    slot = table.due(State.trying);
    if (slot < 0) return false;
    this.#end(slot, RegistrationResult.timeout, 0);
    return true;
  }

  #begin(slot: number, message: SipMessage, context: number): void {
    const { table } = this;
    table.setField(slot, Field.context, context);
    table.setField(slot, Field.began, this.#clock.wrapped);
    table.setField(slot, Field.challenges, 0);
    this.#setRegister(slot, message);
    this.#events.registrationBegun(table.keyLow(slot), context);
    if (this.#origins === undefined) return;
    this.#origins.identify(message, this.#origin);
    this.#origin.save(table, slot, Field.origin);
  }

  #setRegister(slot: number, message: SipMessage): void {
    this.table.setField(slot, Field.cseqNumber, message.cseqNumber);
    this.table.setField(slot, Field.viaCount, message.viaCount);
  }

  #retry(slot: number, statusCode: number): void {
    this.table.setField(slot, Field.retryCode, statusCode);
    this.table.move(slot, State.retrying);
  }

  #end(slot: number, result: RegistrationResult, statusCode: number): void {
    const { table } = this;
    const context = table.field(slot, Field.context);
    this.#events.registrationEnded(table.keyLow(slot), context, result, statusCode);
    if (this.#origins !== undefined) {
      this.#origin.load(table, slot, Field.origin);
      this.#origins.registrationEnded(this.#origin, context, result, statusCode);
    }
    table.move(slot, State.ended);
  }
}
