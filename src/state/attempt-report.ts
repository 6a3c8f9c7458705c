// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { AttemptField, AttemptFlag, AttemptState, hasFlag, setFlag } from './attempt-record.ts';
import { AttemptResult, resultOfStatusCode } from './attempt-result.ts';
import { type CallEvents, Delay, Outcome, ReasonProtocol } from './call-events.ts';
import { Origin, type OriginEvents } from './origin.ts';

const MAX_INT32 = 0x7fffffff;

/** Tells what became of session attempts: delays, causes and the one result of each. */
export class AttemptReport {
  readonly #table: KeyedTable;
  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  readonly #origins: OriginEvents | undefined;
  readonly #origin = new Origin();

  constructor(table: KeyedTable, clock: PacketClock, events: CallEvents, origins: OriginEvents | undefined) {
    this.#table = table;
    this.#clock = clock;
    this.#events = events;
    this.#origins = origins;
  }

  /** The first INVITE came. */
  begun(slot: number, message: SipMessage, context: number): void {
    this.#events.attemptBegun(this.#table.keyLow(slot), context);
    if (this.#origins === undefined) return;
    this.#origins.identify(message, this.#origin);
    this.#origin.save(this.#table, slot, AttemptField.origin);
    this.#origins.attemptBegun(this.#origin, context);
  }

  /** A 2xx came on the first hop: its delays, once. */
  answerDelays(slot: number): void {
    if (hasFlag(this.#table, slot, AttemptFlag.answerTold)) return;
    const context = this.#contextOf(slot);
    setFlag(this.#table, slot, AttemptFlag.answerTold);
    this.setSessionRequest(slot);
    this.tellPostDial(slot);
    const requestMicros = this.#table.field(slot, AttemptField.sessionRequestMicros);
    this.#events.delay(Delay.sessionRequest, context, Outcome.success, requestMicros);
    this.#events.delay(Delay.answer, context, Outcome.success, this.microsSinceBegun(slot));
  }

  /** A 2xx is the result. */
  answered(slot: number, statusCode: number): void {
    this.#tellCancel(slot);
    this.#table.move(slot, AttemptState.ended);
    const keyLow = this.#table.keyLow(slot);
    this.#events.attemptEnded(keyLow, this.#contextOf(slot), AttemptResult.answered, statusCode);
  }

  /** Notes how long the first response above 100 took, once. */
  setSessionRequest(slot: number): void {
    if (this.#table.field(slot, AttemptField.sessionRequestMicros) >= 0) return;
    this.#table.setField(slot, AttemptField.sessionRequestMicros, this.microsSinceBegun(slot));
  }

  /** Tells how long the first ringing or answer took, once. */
  tellPostDial(slot: number): void {
    if (hasFlag(this.#table, slot, AttemptFlag.postDialTold)) return;
    setFlag(this.#table, slot, AttemptFlag.postDialTold);
    this.#events.delay(Delay.postDial, this.#contextOf(slot), Outcome.success, this.microsSinceBegun(slot));
  }

  /** The time for a final response is over: what a branch said before counts, if one said anything. */
  endOpen(slot: number): void {
    const isCanceled = this.#table.queueOf(slot) === AttemptState.canceled;
    if (isCanceled && this.#table.field(slot, AttemptField.bestCode) < 600)
      this.#end(slot, AttemptResult.canceled, 0);
    else this.endFailed(slot);
  }

  /** The best failure is the result. */
  endFailed(slot: number): void {
    const code = this.#table.field(slot, AttemptField.bestCode);
    if (code === 0) {
      this.#end(slot, AttemptResult.timeout, 0);
      return;
    }
    const context = this.#contextOf(slot);
    tellReasons(
      this.#events,
      context,
      this.#table.field(slot, AttemptField.reasonQ850),
      this.#table.field(slot, AttemptField.reasonSip),
    );
    this.#end(slot, resultOfStatusCode(code, hasFlag(this.#table, slot, AttemptFlag.rang)), code);
  }

  /** What the caller's CANCEL said, whoever won the race; a 6xx makes a proxy send one of its own (§16.7 step 5). */
  #tellCancel(slot: number): void {
    const table = this.#table;
    if (table.field(slot, AttemptField.bestCode) >= 600) return;
    const context = this.#contextOf(slot);
    const ringMicros = table.field(slot, AttemptField.cancelRingMicros);
    if (ringMicros >= 0) this.#events.delay(Delay.cancelRing, context, Outcome.success, ringMicros);
    tellReasons(
      this.#events,
      context,
      table.field(slot, AttemptField.cancelQ850),
      table.field(slot, AttemptField.cancelSip),
    );
  }

  #end(slot: number, result: AttemptResult, statusCode: number): void {
    const table = this.#table;
    const context = this.#contextOf(slot);
    const requestMicros = table.field(slot, AttemptField.sessionRequestMicros);
    this.#tellCancel(slot);
    if (requestMicros >= 0) this.#events.delay(Delay.sessionRequest, context, Outcome.failure, requestMicros);
    this.#events.attemptEnded(table.keyLow(slot), context, result, statusCode);
    if (this.#origins !== undefined) {
      this.#origin.load(table, slot, AttemptField.origin);
      this.#origins.attemptFailed(this.#origin, context, statusCode);
    }
    setFlag(this.#table, slot, AttemptFlag.answerTold);
    table.move(slot, AttemptState.ended);
  }

  /** Microseconds since the first INVITE. */
  microsSinceBegun(slot: number): number {
    const micros =
      this.#clock.micros - this.#table.doubles[this.#table.doubleAt(slot, AttemptField.begunMicros)]!;
    return micros < 0 ? 0 : micros < MAX_INT32 ? micros | 0 : MAX_INT32;
  }

  #contextOf(slot: number): number {
    return this.#table.field(slot, AttemptField.context);
  }
}

/** Tells the causes of a Reason header, where there are any. */
export function tellReasons(
  events: CallEvents,
  context: number,
  reasonQ850: number,
  reasonSip: number,
): void {
  if (reasonQ850 >= 0) events.reason(context, ReasonProtocol.q850, reasonQ850);
  if (reasonSip >= 0) events.reason(context, ReasonProtocol.sip, reasonSip);
}
