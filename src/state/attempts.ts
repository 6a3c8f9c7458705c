// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { AttemptResult, asksForAnotherInvite, betterFailure, resultOfStatusCode } from './attempt-result.ts';
import { type CallEvents, Delay, Outcome, ReasonProtocol } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import { FORGOTTEN } from './expiry.ts';
import type { StateLimits } from './state-limits.ts';
import { cancelMicros, lingerMicros, timerBMicros, timerCMicros } from './timers.ts';

/**
 * Where an attempt stands; also its queue in the table, so the order is the order of eviction.
 *
 *     INVITE           1xx                           2xx
 *     -----> calling -----> proceeding ------------------------------------> ended -- 32 s --> gone
 *              ^  |              | CANCEL                                      ^
 *              |  '--------------+--------> canceled -- no final in 32 s ----->|
 *              |  | the last branch failed     |                               |
 *              |  +------------> failed <------+ -- nothing better in 5 s ---->|
 *              |  '- 401 407 422 3xx -> retrying -- no INVITE in 32 s -------->'
 *              '--- another branch, or an INVITE with a higher CSeq, from any of these
 */
const State = { ended: 0, failed: 1, retrying: 2, calling: 3, canceled: 4, proceeding: 5 } as const;

/** Fields of a record. */
const Field = {
  /** Context of the first INVITE. */
  context: 0,
  /** CSeq number of the present INVITE. */
  cseqNumber: 1,
  /** Via values of the present INVITE where it has the fewest: its first hop. */
  viaCount: 2,
  flags: 3,
  /** INVITEs on the first hop without a final response, and how many of these were cancelled. */
  openBranches: 4,
  canceledBranches: 5,
  /** The best failure so far (RFC 3261 §16.7), 0 before there is one, and its causes. */
  bestCode: 6,
  reasonQ850: 7,
  reasonSip: 8,
  /** Microseconds from the first INVITE to the first response above 100, -1 before it. */
  sessionRequestMicros: 9,
  /** When the first INVITE came, a double. */
  begunMicros: 10,
  /** Microseconds from the first INVITE to when it began to ring on the first hop. */
  ringing: 12,
  /** Head of the list of early dialogs: slot + 1, 0 when empty; and how many they are. */
  earlyDialog: 13,
  earlyCount: 14,
  /** Of the CANCEL of the last branch: microseconds it rang on the first hop, -1 if it did not, and its causes. */
  cancelRingMicros: 15,
  cancelQ850: 16,
  cancelSip: 17,
} as const;
const FIELDS = 18;

const Flag = {
  /** The called party was ringing, on any hop. */
  rang: 1,
  /** `ringing` is set. */
  rangHere: 2,
  /** The delay to the first ringing or answer was told. */
  postDialTold: 4,
  /** The delays of an answer were told, or never will be: the attempt had another result before. */
  answerTold: 8,
  /** A 2xx came. */
  answered: 32,
  /** `sessionRequestMicros` is the time to a 422, which does not count if another INVITE follows it. */
  after422: 16,
} as const;

const MAX_INT32 = 0x7fffffff;

/**
 * Session attempts: Call-ID and From tag, from the first INVITE to one result. An attempt lives across
 * authentication, redirection, 422 and forks. A proxy on this host shows one INVITE on several hops, each with one Via
 * more (RFC 3261 §16.6): failures and delays are the caller's only on the hop with the fewest Vias, while a 2xx on any
 * hop is an answer (§16.7). INVITEs with that number of Vias and another branch are a fork seen from below.
 */
export class Attempts {
  readonly table: KeyedTable;

  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  readonly #forkMicros: number;

  constructor(limits: StateLimits, clock: PacketClock, events: CallEvents) {
    const lifetimesMicros = [
      lingerMicros,
      limits.forkMicros,
      limits.retryMicros,
      timerBMicros,
      cancelMicros,
      timerCMicros,
    ];
    this.table = new KeyedTable(limits.maxAttempts, FIELDS, lifetimesMicros, clock, State.proceeding);
    this.#clock = clock;
    this.#events = events;
    this.#forkMicros = limits.forkMicros;
  }

  /** The slot of the attempt a message belongs to, or -1. */
  find(key: CallKey): number {
    return this.table.find(key.attemptLow, key.attemptHigh);
  }

  /** The context of an attempt's first INVITE. */
  contextOf(slot: number): number {
    return this.table.field(slot, Field.context);
  }

  /** Whether a message with this CSeq number belongs to the attempt's present INVITE. */
  isPresent(slot: number, cseqNumber: number): boolean {
    return this.table.field(slot, Field.cseqNumber) === cseqNumber;
  }

  /** Whether a message with so many Vias is on the first hop. */
  isFirstHop(slot: number, viaCount: number): boolean {
    return viaCount <= this.table.field(slot, Field.viaCount);
  }

  /** The first of the attempt's early dialogs: slot + 1, 0 without any. */
  earlyDialogOf(slot: number): number {
    return this.table.field(slot, Field.earlyDialog);
  }

  setEarlyDialog(slot: number, dialog: number): void {
    this.table.setField(slot, Field.earlyDialog, dialog);
  }

  /** How many early dialogs the attempt has. */
  earlyCountOf(slot: number): number {
    return this.table.field(slot, Field.earlyCount);
  }

  addEarlyCount(slot: number, change: number): void {
    this.table.setField(slot, Field.earlyCount, this.table.field(slot, Field.earlyCount) + change);
  }

  /** Whether a 2xx to the present INVITE came before. */
  isAnswered(slot: number): boolean {
    return this.#hasFlag(slot, Flag.answered);
  }

  /** Whether the attempt still waits for responses to its present INVITE. */
  isOpen(slot: number): boolean {
    return this.table.queueOf(slot) >= State.calling;
  }

  /**
   * An INVITE without To tag, not seen before. Returns the slot of its attempt, or -1 when it needs a new one and the
   * table is full: `evict` first.
   */
  invite(key: CallKey, message: SipMessage, context: number): number {
    const { table } = this;
    const { cseqNumber, viaCount } = message;
    let slot = this.find(key);
    if (slot < 0) {
      slot = table.insert(key.attemptLow, key.attemptHigh, State.calling);
      if (slot >= 0) this.#begin(slot, message, context);
      return slot;
    }
    const present = table.field(slot, Field.cseqNumber);
    if (table.queueOf(slot) === State.ended && !this.#isLate(slot, message)) {
      table.move(slot, State.calling);
      this.#begin(slot, message, context);
    } else if (cseqNumber > present) {
      table.move(slot, State.calling);
      this.#setInvite(slot, message);
    } else if (cseqNumber === present) {
      this.#addBranch(slot, viaCount);
    }
    return slot;
  }

  /** A response to an INVITE that was not seen: with a higher CSeq number, it says that the caller has tried again. */
  follow(slot: number, message: SipMessage): void {
    const { table } = this;
    const isNext = message.cseqNumber > table.field(slot, Field.cseqNumber);
    if (!isNext || table.queueOf(slot) === State.ended) return;
    table.move(slot, State.calling);
    this.#setInvite(slot, message);
    table.setField(slot, Field.openBranches, 0);
  }

  /** A 1xx of the present INVITE. */
  provisional(slot: number, statusCode: number, viaCount: number): void {
    const { table } = this;
    const state = table.queueOf(slot);
    if (state < State.calling) return;
    if (statusCode === 180 || statusCode === 183) this.#setFlag(slot, Flag.rang);
    if (statusCode > 100 && this.isFirstHop(slot, viaCount)) {
      const isRinging = statusCode >= 180 && statusCode <= 183;
      this.#setSessionRequest(slot);
      if (isRinging || statusCode === 199) this.#tellPostDial(slot);
      if (isRinging && !this.#hasFlag(slot, Flag.rangHere)) {
        this.#setFlag(slot, Flag.rangHere);
        table.setField(slot, Field.ringing, this.#microsSinceBegun(slot));
      }
    }
    if (state !== State.canceled) table.move(slot, State.proceeding);
  }

  /** A 2xx of the present INVITE, on any hop. */
  answered(slot: number, statusCode: number, viaCount: number): void {
    const { table } = this;
    const context = this.contextOf(slot);
    this.#setFlag(slot, Flag.answered);
    if (this.isFirstHop(slot, viaCount) && !this.#hasFlag(slot, Flag.answerTold)) {
      this.#setFlag(slot, Flag.answerTold);
      this.#setSessionRequest(slot);
      this.#tellPostDial(slot);
      const requestMicros = table.field(slot, Field.sessionRequestMicros);
      this.#events.delay(Delay.sessionRequest, context, Outcome.success, requestMicros);
      this.#events.delay(Delay.answer, context, Outcome.success, this.#microsSinceBegun(slot));
    }
    if (table.queueOf(slot) === State.ended) return;
    this.#tellCancel(slot);
    table.move(slot, State.ended);
    this.#events.attemptEnded(table.keyLow(slot), context, AttemptResult.answered, statusCode);
  }

  /**
   * A 3xx-6xx of the present INVITE on the first hop; `isKnown` says whether its branch was seen to begin,
   * `wasCanceled` whether it was cancelled. Returns whether no branch is left that could do better.
   */
  failed(slot: number, message: SipMessage, isKnown: boolean, wasCanceled: boolean): boolean {
    const { table } = this;
    const { statusCode } = message;
    const wasLast = isKnown
      ? this.#closeBranch(slot, wasCanceled)
      : table.field(slot, Field.openBranches) === 0;
    if (table.queueOf(slot) < State.calling) return wasLast;
    const known = table.field(slot, Field.bestCode);
    // A caller who gave up hears of that, whatever a branch had answered before.
    const isCancelEnd = statusCode === 487 && table.queueOf(slot) === State.canceled;
    const best = isCancelEnd && known < 600 ? statusCode : betterFailure(known, statusCode);
    if (best !== known) {
      table.setField(slot, Field.bestCode, best);
      table.setField(slot, Field.reasonQ850, message.reasonQ850);
      table.setField(slot, Field.reasonSip, message.reasonSip);
    }
    this.#setFailureTime(slot, statusCode);
    if (wasLast) table.move(slot, asksForAnotherInvite(best) ? State.retrying : State.failed);
    return wasLast;
  }

  /** A branch of the present INVITE on the first hop got no final response in its time. Returns as `failed` does. */
  timedOut(slot: number, wasCanceled: boolean): boolean {
    const { table } = this;
    if (table.queueOf(slot) < State.calling || !this.#closeBranch(slot, wasCanceled)) return false;
    if (table.queueOf(slot) === State.canceled) this.#endOpen(slot);
    else table.move(slot, State.failed);
    return true;
  }

  /**
   * A CANCEL of a branch of the present INVITE on the first hop. Whether the caller gave up or a proxy tries another
   * target or has a 6xx of another branch shows only with the result.
   */
  canceled(slot: number, message: SipMessage): void {
    const { table } = this;
    if (table.queueOf(slot) < State.calling) return;
    const canceledBranches = table.field(slot, Field.canceledBranches) + 1;
    table.setField(slot, Field.canceledBranches, canceledBranches);
    if (canceledBranches < table.field(slot, Field.openBranches)) return;
    const rangHere = this.#hasFlag(slot, Flag.rangHere);
    const ringMicros = rangHere ? this.#microsSinceBegun(slot) - table.field(slot, Field.ringing) : -1;
    table.setField(slot, Field.cancelRingMicros, ringMicros);
    table.setField(slot, Field.cancelQ850, message.reasonQ850);
    table.setField(slot, Field.cancelSip, message.reasonSip);
    table.move(slot, State.canceled);
  }

  /**
   * One step of expiry: forgets attempts that ended long ago (`FORGOTTEN`), or ends one and returns its slot; -1 when
   * nothing is due.
   */
  expire(): number {
    const { table } = this;
    if (table.removeDue(State.ended) > 0) return FORGOTTEN;
    for (let state: number = State.failed; state <= State.proceeding; state++) {
      const slot = table.due(state);
      if (slot < 0) continue;
      if (state === State.failed || state === State.retrying) this.#endFailed(slot);
      else this.#endOpen(slot);
      return slot;
    }
    return -1;
  }

  /** Gives attempts that failed on every branch their result without waiting for a better one. */
  finish(): void {
    const { table } = this;
    for (let slot = table.oldest(State.failed); slot >= 0; slot = table.oldest(State.failed)) {
      this.#endFailed(slot);
    }
  }

  /** Forgets an attempt because the table is full; one that has failed gets the result it has so far. */
  evict(slot: number): void {
    const { table } = this;
    if (table.queueOf(slot) === State.failed) this.#endFailed(slot);
    table.evict(slot, table.queueOf(slot) === State.ended);
  }

  /**
   * Whether an INVITE belongs to an attempt that has ended: a later hop, or a branch of a fork that another branch has
   * just answered. Else a peer that uses its Call-ID and tag again calls again, with whatever CSeq number.
   */
  #isLate(slot: number, { cseqNumber, viaCount }: SipMessage): boolean {
    const { table } = this;
    if (cseqNumber > table.field(slot, Field.cseqNumber)) return false;
    if (!this.isFirstHop(slot, viaCount)) return true;
    const endedMicros = table.deadlineMicros(slot) - lingerMicros;
    return this.isAnswered(slot) && this.#clock.micros - endedMicros < this.#forkMicros;
  }

  #begin(slot: number, message: SipMessage, context: number): void {
    const { table } = this;
    table.clearFields(slot);
    table.setField(slot, Field.context, context);
    table.setField(slot, Field.sessionRequestMicros, -1);
    table.setDouble(slot, Field.begunMicros, this.#clock.micros);
    this.#setInvite(slot, message);
    this.#events.attemptBegun(table.keyLow(slot), context);
  }

  /** The first INVITE of an attempt or one that follows a challenge, redirection or other failure. */
  #setInvite(slot: number, message: SipMessage): void {
    const { table } = this;
    table.setField(slot, Field.cseqNumber, message.cseqNumber);
    table.setField(slot, Field.viaCount, message.viaCount);
    table.setField(slot, Field.openBranches, 1);
    table.setField(slot, Field.canceledBranches, 0);
    this.#forgetCancel(slot);
    table.setField(slot, Field.bestCode, 0);
    if (this.#hasFlag(slot, Flag.after422)) table.setField(slot, Field.sessionRequestMicros, -1);
    table.setField(slot, Field.flags, table.field(slot, Field.flags) & ~(Flag.rang | Flag.after422));
  }

  /** The present INVITE with another branch: a further hop, or a fork. */
  #addBranch(slot: number, viaCount: number): void {
    const { table } = this;
    const firstHop = table.field(slot, Field.viaCount);
    if (viaCount > firstHop) return;
    const state = table.queueOf(slot);
    if (viaCount < firstHop) {
      // Rings and mirrors may show a later hop earlier, and a fork below have paths of unlike lengths: what was said so
      // far is not for this hop.
      table.setField(slot, Field.viaCount, viaCount);
      table.setField(slot, Field.openBranches, 1);
      table.setField(slot, Field.canceledBranches, 0);
      table.setField(slot, Field.bestCode, 0);
      table.setField(slot, Field.sessionRequestMicros, -1);
    } else {
      table.setField(slot, Field.openBranches, table.field(slot, Field.openBranches) + 1);
    }
    this.#forgetCancel(slot);
    if (state !== State.ended && state !== State.proceeding) table.move(slot, State.calling);
  }

  #forgetCancel(slot: number): void {
    this.table.setField(slot, Field.cancelRingMicros, -1);
    this.table.setField(slot, Field.cancelQ850, -1);
    this.table.setField(slot, Field.cancelSip, -1);
  }

  #setSessionRequest(slot: number): void {
    if (this.table.field(slot, Field.sessionRequestMicros) >= 0) return;
    this.table.setField(slot, Field.sessionRequestMicros, this.#microsSinceBegun(slot));
  }

  /** A challenge or redirection is no failure (RFC 6076 §4.3.2), a 422 only if no other INVITE follows it. */
  #setFailureTime(slot: number, statusCode: number): void {
    if (statusCode < 400 || statusCode === 401 || statusCode === 402 || statusCode === 407) return;
    if (this.table.field(slot, Field.sessionRequestMicros) >= 0) return;
    this.#setSessionRequest(slot);
    if (statusCode === 422) this.#setFlag(slot, Flag.after422);
  }

  #tellPostDial(slot: number): void {
    if (this.#hasFlag(slot, Flag.postDialTold)) return;
    this.#setFlag(slot, Flag.postDialTold);
    this.#events.delay(Delay.postDial, this.contextOf(slot), Outcome.success, this.#microsSinceBegun(slot));
  }

  /** A branch of the first hop has its end. Returns whether it was the last. */
  #closeBranch(slot: number, wasCanceled: boolean): boolean {
    const { table } = this;
    const openBranches = Math.max(0, table.field(slot, Field.openBranches) - 1);
    table.setField(slot, Field.openBranches, openBranches);
    if (wasCanceled) {
      table.setField(slot, Field.canceledBranches, table.field(slot, Field.canceledBranches) - 1);
    }
    return openBranches === 0;
  }

  /** The time for a final response is over: what a branch said before counts, if one said anything. */
  #endOpen(slot: number): void {
    const isCanceled = this.table.queueOf(slot) === State.canceled;
    if (isCanceled && this.table.field(slot, Field.bestCode) < 600)
      this.#end(slot, AttemptResult.canceled, 0);
    else this.#endFailed(slot);
  }

  #endFailed(slot: number): void {
    const code = this.table.field(slot, Field.bestCode);
    if (code === 0) {
      this.#end(slot, AttemptResult.timeout, 0);
      return;
    }
    const context = this.contextOf(slot);
    tellReasons(
      this.#events,
      context,
      this.table.field(slot, Field.reasonQ850),
      this.table.field(slot, Field.reasonSip),
    );
    this.#end(slot, resultOfStatusCode(code, this.#hasFlag(slot, Flag.rang)), code);
  }

  /** What the caller's CANCEL said, whoever won the race; a 6xx makes a proxy send one of its own (§16.7 step 5). */
  #tellCancel(slot: number): void {
    const { table } = this;
    if (table.field(slot, Field.bestCode) >= 600) return;
    const context = this.contextOf(slot);
    const ringMicros = table.field(slot, Field.cancelRingMicros);
    if (ringMicros >= 0) this.#events.delay(Delay.cancelRing, context, Outcome.success, ringMicros);
    tellReasons(
      this.#events,
      context,
      table.field(slot, Field.cancelQ850),
      table.field(slot, Field.cancelSip),
    );
  }

  #end(slot: number, result: AttemptResult, statusCode: number): void {
    const { table } = this;
    const context = this.contextOf(slot);
    const requestMicros = table.field(slot, Field.sessionRequestMicros);
    this.#tellCancel(slot);
    if (requestMicros >= 0) this.#events.delay(Delay.sessionRequest, context, Outcome.failure, requestMicros);
    this.#events.attemptEnded(table.keyLow(slot), context, result, statusCode);
    this.#setFlag(slot, Flag.answerTold);
    table.move(slot, State.ended);
  }

  #microsSinceBegun(slot: number): number {
    const micros = this.#clock.micros - this.table.double(slot, Field.begunMicros);
    return micros < 0 ? 0 : micros < MAX_INT32 ? micros | 0 : MAX_INT32;
  }

  #hasFlag(slot: number, flag: number): boolean {
    return (this.table.field(slot, Field.flags) & flag) !== 0;
  }

  #setFlag(slot: number, flag: number): void {
    this.table.setField(slot, Field.flags, this.table.field(slot, Field.flags) | flag);
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
