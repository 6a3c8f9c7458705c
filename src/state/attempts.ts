// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { AttemptResult, resultOfStatusCode } from './attempt-result.ts';
import type { CallEvents } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import { lingerMicros, timerBMicros, timerCMicros } from './timers.ts';

/**
 * Where an attempt stands; also its queue in the table, so the order is the order of eviction.
 *
 *     INVITE           1xx                 2xx, 4xx-6xx               32 s
 *     -----> calling -----> proceeding ---------------------> ended -----> gone
 *              ^ |              |
 *              | |  401 407 422 3xx          no new INVITE in time
 *              | '--------------+-> retrying ---------------> ended
 *              '----------------------' INVITE with a higher CSeq
 */
const State = { ended: 0, retrying: 1, calling: 2, proceeding: 3 } as const;

/** Fields of a record. */
const Field = {
  /** Context of the first INVITE. */
  context: 0,
  /** CSeq number of the present INVITE. */
  cseqNumber: 1,
  /** Via values of the INVITE where it was seen first. */
  viaCount: 2,
  /** 1 once the called party was ringing. */
  rang: 3,
  /** Status code that asked for another INVITE, while `retrying`. */
  retryCode: 4,
} as const;

/**
 * Session attempts: Call-ID and From tag, from the first INVITE to one result. An attempt lives across
 * authentication, redirection and 422. A proxy on this host shows one INVITE on several hops, each with one Via more
 * (RFC 3261 §16.6): a failure is the caller's only where there are no more Vias than the first INVITE had, while a
 * 2xx on any hop is an answer (§16.7).
 */
export class Attempts {
  readonly table: KeyedTable;
  /** Attempts given up because the table was full: before and after they had their result. */
  evictedOpen = 0;
  evictedEnded = 0;

  readonly #events: CallEvents;

  constructor(limit: number, retryMicros: number, clock: PacketClock, events: CallEvents) {
    this.table = new KeyedTable(limit, [lingerMicros, retryMicros, timerBMicros, timerCMicros], clock);
    this.#events = events;
  }

  /** The slot of the attempt a message belongs to, or -1. */
  find(key: CallKey): number {
    return this.table.find(key.attemptLow, key.attemptHigh);
  }

  /** The context of an attempt's first INVITE. */
  contextOf(slot: number): number {
    return this.table.field(slot, Field.context);
  }

  /** Whether a response with this CSeq answers the attempt's present INVITE. */
  isAnsweredBy(slot: number, cseqNumber: number): boolean {
    return this.table.field(slot, Field.cseqNumber) === cseqNumber;
  }

  /** An INVITE without To tag. */
  invite(key: CallKey, message: SipMessage, context: number): void {
    const { cseqNumber, viaCount } = message;
    const slot = this.find(key);
    if (slot < 0) {
      this.#begin(this.#insert(key), cseqNumber, viaCount, context);
      return;
    }
    // The same number is a retransmission or a further hop; a lower one is late.
    if (cseqNumber <= this.table.field(slot, Field.cseqNumber)) return;
    const wasEnded = this.table.queueOf(slot) === State.ended;
    this.table.move(slot, State.calling);
    if (wasEnded) this.#begin(slot, cseqNumber, viaCount, context);
    else this.#setInvite(slot, cseqNumber, viaCount);
  }

  /** A 1xx of the present INVITE. */
  provisional(slot: number, statusCode: number): void {
    if (this.table.queueOf(slot) < State.calling) return;
    if (statusCode === 180 || statusCode === 183) this.table.setField(slot, Field.rang, 1);
    this.table.move(slot, State.proceeding);
  }

  /** A 2xx of the present INVITE, on any hop. */
  answered(slot: number, statusCode: number): void {
    if (this.table.queueOf(slot) === State.ended) return;
    this.#events.inviteEnded(this.contextOf(slot), statusCode);
    this.#end(slot, AttemptResult.answered);
  }

  /** A 3xx-6xx of the present INVITE; counts on the first hop only. */
  failed(slot: number, statusCode: number, viaCount: number): void {
    const { table } = this;
    if (table.queueOf(slot) < State.calling || viaCount > table.field(slot, Field.viaCount)) return;
    this.#events.inviteEnded(this.contextOf(slot), statusCode);
    if (asksForAnotherInvite(statusCode)) {
      table.setField(slot, Field.retryCode, statusCode);
      table.move(slot, State.retrying);
    } else {
      this.#end(slot, resultOfStatusCode(statusCode, table.field(slot, Field.rang) === 1));
    }
  }

  /** Ends and forgets what is due. */
  expire(): void {
    const table = this.table;
    for (let slot = table.due(State.ended); slot >= 0; slot = table.due(State.ended)) {
      table.remove(slot);
    }
    for (let slot = table.due(State.retrying); slot >= 0; slot = table.due(State.retrying)) {
      this.#end(slot, resultOfStatusCode(table.field(slot, Field.retryCode), false));
    }
    for (let state: number = State.calling; state <= State.proceeding; state++) {
      for (let slot = table.due(state); slot >= 0; slot = table.due(state)) {
        this.#events.inviteEnded(this.contextOf(slot), 0);
        this.#end(slot, AttemptResult.timeout);
      }
    }
  }

  #insert(key: CallKey): number {
    if (this.table.size === this.table.limit) this.#evict();
    return this.table.insert(key.attemptLow, key.attemptHigh, State.calling);
  }

  #evict(): void {
    const victim = this.table.victim();
    if (this.table.queueOf(victim) === State.ended) this.evictedEnded++;
    else this.evictedOpen++;
    this.table.remove(victim);
  }

  #begin(slot: number, cseqNumber: number, viaCount: number, context: number): void {
    this.table.setField(slot, Field.context, context);
    this.#setInvite(slot, cseqNumber, viaCount);
    this.#events.attemptBegun(context);
  }

  #setInvite(slot: number, cseqNumber: number, viaCount: number): void {
    const { table } = this;
    table.setField(slot, Field.cseqNumber, cseqNumber);
    table.setField(slot, Field.viaCount, viaCount);
    table.setField(slot, Field.rang, 0);
  }

  #end(slot: number, result: AttemptResult): void {
    this.#events.attemptEnded(this.contextOf(slot), result);
    this.table.move(slot, State.ended);
  }
}

/** Failures a caller answers with a new INVITE: RFC 3261 §22 and §8.1.3.4, RFC 4028 §6. */
function asksForAnotherInvite(statusCode: number): boolean {
  return statusCode < 400 || statusCode === 401 || statusCode === 407 || statusCode === 422;
}
