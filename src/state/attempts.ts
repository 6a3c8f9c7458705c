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

const MAX_VIA_COUNT = 255;

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
  readonly #context: Int32Array;
  readonly #cseqNumber: Int32Array;
  /** Via values of the INVITE where it was seen first, 255 for more. */
  readonly #viaCount: Uint8Array;
  readonly #rang: Uint8Array;
  /** Status code that asked for another INVITE, while `retrying`. */
  readonly #retryCode: Uint16Array;

  constructor(limit: number, retryMicros: number, clock: PacketClock, events: CallEvents) {
    this.table = new KeyedTable(limit, [lingerMicros, retryMicros, timerBMicros, timerCMicros], clock);
    this.#events = events;
    this.#context = new Int32Array(limit);
    this.#cseqNumber = new Int32Array(limit);
    this.#viaCount = new Uint8Array(limit);
    this.#rang = new Uint8Array(limit);
    this.#retryCode = new Uint16Array(limit);
  }

  /** The slot of the attempt a message belongs to, or -1. */
  find(key: CallKey): number {
    return this.table.find(key.attemptLow, key.attemptHigh);
  }

  /** The context of an attempt's first INVITE. */
  contextOf(slot: number): number {
    return this.#context[slot]!;
  }

  /** Whether a response with this CSeq answers the attempt's present INVITE. */
  isAnsweredBy(slot: number, cseqNumber: number): boolean {
    return this.#cseqNumber[slot] === cseqNumber;
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
    if (cseqNumber <= this.#cseqNumber[slot]!) return;
    const wasEnded = this.table.queueOf(slot) === State.ended;
    this.table.move(slot, State.calling);
    if (wasEnded) this.#begin(slot, cseqNumber, viaCount, context);
    else this.#setInvite(slot, cseqNumber, viaCount);
  }

  /** A 1xx of the present INVITE. */
  provisional(slot: number, statusCode: number): void {
    if (this.table.queueOf(slot) < State.calling) return;
    if (statusCode === 180 || statusCode === 183) this.#rang[slot] = 1;
    this.table.move(slot, State.proceeding);
  }

  /** A 2xx of the present INVITE, on any hop. */
  answered(slot: number, statusCode: number): void {
    if (this.table.queueOf(slot) === State.ended) return;
    this.#events.inviteEnded(this.#context[slot]!, statusCode);
    this.#end(slot, AttemptResult.answered);
  }

  /** A 3xx-6xx of the present INVITE; counts on the first hop only. */
  failed(slot: number, statusCode: number, viaCount: number): void {
    if (this.table.queueOf(slot) < State.calling || Math.min(viaCount, MAX_VIA_COUNT) > this.#viaCount[slot]!)
      return;
    this.#events.inviteEnded(this.#context[slot]!, statusCode);
    if (asksForAnotherInvite(statusCode)) {
      this.#retryCode[slot] = statusCode;
      this.table.move(slot, State.retrying);
    } else {
      this.#end(slot, resultOfStatusCode(statusCode, this.#rang[slot] === 1));
    }
  }

  /** Ends and forgets what is due. */
  expire(): void {
    const table = this.table;
    for (let slot = table.due(State.ended); slot >= 0; slot = table.due(State.ended)) {
      table.remove(slot);
    }
    for (let slot = table.due(State.retrying); slot >= 0; slot = table.due(State.retrying)) {
      this.#end(slot, resultOfStatusCode(this.#retryCode[slot]!, false));
    }
    for (let state: number = State.calling; state <= State.proceeding; state++) {
      for (let slot = table.due(state); slot >= 0; slot = table.due(state)) {
        this.#events.inviteEnded(this.#context[slot]!, 0);
        this.#end(slot, AttemptResult.timeout);
      }
    }
  }

  #insert(key: CallKey): number {
    const slot = this.table.insert(key.attemptLow, key.attemptHigh, State.calling);
    if (slot >= 0) return slot;
    const victim = this.table.victim();
    if (this.table.queueOf(victim) === State.ended) this.evictedEnded++;
    else this.evictedOpen++;
    this.table.remove(victim);
    return this.table.insert(key.attemptLow, key.attemptHigh, State.calling);
  }

  #begin(slot: number, cseqNumber: number, viaCount: number, context: number): void {
    this.#context[slot] = context;
    this.#setInvite(slot, cseqNumber, viaCount);
    this.#events.attemptBegun(context);
  }

  #setInvite(slot: number, cseqNumber: number, viaCount: number): void {
    this.#cseqNumber[slot] = cseqNumber;
    this.#viaCount[slot] = Math.min(viaCount, MAX_VIA_COUNT);
    this.#rang[slot] = 0;
  }

  #end(slot: number, result: AttemptResult): void {
    this.#events.attemptEnded(this.#context[slot]!, result);
    this.table.move(slot, State.ended);
  }
}

/** Failures a caller answers with a new INVITE: RFC 3261 §22 and §8.1.3.4, RFC 4028 §6. */
function asksForAnotherInvite(statusCode: number): boolean {
  return statusCode < 400 || statusCode === 401 || statusCode === 407 || statusCode === 422;
}
