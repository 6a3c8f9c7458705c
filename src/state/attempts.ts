// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { AttemptBranches } from './attempt-branches.ts';
import {
  ATTEMPT_FIELDS,
  AttemptField,
  AttemptFlag,
  AttemptState,
  hasFlag,
  setFlag,
} from './attempt-record.ts';
import { AttemptReport } from './attempt-report.ts';
import { asksForAnotherInvite, betterFailure } from './attempt-result.ts';
import type { CallEvents } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import { FORGOTTEN } from './expiry.ts';
import type { OriginEvents } from './origin.ts';
import type { StateLimits } from './state-limits.ts';
import { cancelMicros, lingerMicros, timerBMicros, timerCMicros } from './timers.ts';

/**
 * Session attempts: Call-ID and From tag, from the first INVITE to one result. An attempt lives across
 * authentication, redirection, 422 and forks. A proxy on this host shows one INVITE on several hops, each with one Via
 * more (RFC 3261 §16.6): failures and delays are the caller's only on the hop with the fewest Vias, while a 2xx on any
 * hop is an answer (§16.7). INVITEs with that number of Vias and another branch are a fork seen from below.
 */
export class Attempts {
  readonly table: KeyedTable;

  readonly #clock: PacketClock;
  readonly #branches: AttemptBranches;
  readonly #report: AttemptReport;
  readonly #forkMicros: number;

  constructor(limits: StateLimits, clock: PacketClock, events: CallEvents, origins?: OriginEvents) {
    const lifetimesMicros = [
      lingerMicros,
      limits.forkMicros,
      limits.retryMicros,
      timerBMicros,
      cancelMicros,
      timerCMicros,
    ];
    this.table = new KeyedTable(
      limits.maxAttempts,
      ATTEMPT_FIELDS,
      lifetimesMicros,
      clock,
      AttemptState.proceeding,
    );
    this.#clock = clock;
    this.#branches = new AttemptBranches(this.table);
    this.#report = new AttemptReport(this.table, clock, events, origins);
    this.#forkMicros = limits.forkMicros;
  }

  /** The slot of the attempt a message belongs to, or -1. */
  find(key: CallKey): number {
    return this.table.find(key.attemptLow, key.attemptHigh);
  }

  /** The context of an attempt's first INVITE. */
  contextOf(slot: number): number {
    return this.table.field(slot, AttemptField.context);
  }

  /** Whether a message with this CSeq number belongs to the attempt's present INVITE. */
  isPresent(slot: number, cseqNumber: number): boolean {
    return this.table.field(slot, AttemptField.cseqNumber) === cseqNumber;
  }

  /** Whether a message with so many Vias is on the first hop. */
  isFirstHop(slot: number, viaCount: number): boolean {
    return viaCount <= this.table.field(slot, AttemptField.viaCount);
  }

  /** The first of the attempt's early dialogs: slot + 1, 0 without any. */
  earlyDialogOf(slot: number): number {
    return this.table.field(slot, AttemptField.earlyDialog);
  }

  setEarlyDialog(slot: number, dialog: number): void {
    this.table.setField(slot, AttemptField.earlyDialog, dialog);
  }

  /** How many early dialogs the attempt has. */
  earlyCountOf(slot: number): number {
    return this.table.field(slot, AttemptField.earlyCount);
  }

  addEarlyCount(slot: number, change: number): void {
    this.table.setField(
      slot,
      AttemptField.earlyCount,
      this.table.field(slot, AttemptField.earlyCount) + change,
    );
  }

  /** Whether a 2xx to the present INVITE came before. */
  isAnswered(slot: number): boolean {
    return hasFlag(this.table, slot, AttemptFlag.answered);
  }

  /** Whether the attempt still waits for responses to its present INVITE. */
  isOpen(slot: number): boolean {
    return this.table.queueOf(slot) >= AttemptState.calling;
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
      slot = table.insert(key.attemptLow, key.attemptHigh, AttemptState.calling);
      if (slot >= 0) this.#begin(slot, message, context);
      return slot;
    }
    const present = table.field(slot, AttemptField.cseqNumber);
    if (table.queueOf(slot) === AttemptState.ended && !this.#isLate(slot, message)) {
      table.move(slot, AttemptState.calling);
      this.#begin(slot, message, context);
    } else if (cseqNumber > present) {
      table.move(slot, AttemptState.calling);
      this.#branches.begin(slot, message);
    } else if (cseqNumber === present) {
      this.#addBranch(slot, viaCount);
    }
    return slot;
  }

  /** A response to an INVITE that was not seen: with a higher CSeq number, it says that the caller has tried again. */
  follow(slot: number, message: SipMessage): void {
    const { table } = this;
    const isNext = message.cseqNumber > table.field(slot, AttemptField.cseqNumber);
    if (!isNext || table.queueOf(slot) === AttemptState.ended) return;
    table.move(slot, AttemptState.calling);
    this.#branches.begin(slot, message);
    table.setField(slot, AttemptField.openBranches, 0);
  }

  /** A 1xx of the present INVITE. */
  provisional(slot: number, statusCode: number, viaCount: number): void {
    const { table } = this;
    const state = table.queueOf(slot);
    if (state < AttemptState.calling) return;
    if (statusCode === 180 || statusCode === 183) setFlag(this.table, slot, AttemptFlag.rang);
    if (statusCode > 100 && this.isFirstHop(slot, viaCount)) {
      const isRinging = statusCode >= 180 && statusCode <= 183;
      this.#report.setSessionRequest(slot);
      if (isRinging || statusCode === 199) this.#report.tellPostDial(slot);
      if (isRinging && !hasFlag(this.table, slot, AttemptFlag.rangHere)) {
        setFlag(this.table, slot, AttemptFlag.rangHere);
        table.setField(slot, AttemptField.ringing, this.#report.microsSinceBegun(slot));
      }
    }
    if (state !== AttemptState.canceled) table.move(slot, AttemptState.proceeding);
  }

  /** A 2xx of the present INVITE, on any hop. */
  answered(slot: number, statusCode: number, viaCount: number): void {
    const { table } = this;
    setFlag(this.table, slot, AttemptFlag.answered);
    if (this.isFirstHop(slot, viaCount)) this.#report.answerDelays(slot);
    if (table.queueOf(slot) !== AttemptState.ended) this.#report.answered(slot, statusCode);
  }

  /**
   * A 3xx-6xx of the present INVITE on the first hop; `isKnown` says whether its branch was seen to begin,
   * `wasCanceled` whether it was cancelled. Returns whether no branch is left that could do better.
   */
  failed(slot: number, message: SipMessage, isKnown: boolean, wasCanceled: boolean): boolean {
    const { table } = this;
    const { statusCode } = message;
    const wasLast = isKnown
      ? this.#branches.close(slot, wasCanceled)
      : table.field(slot, AttemptField.openBranches) === 0;
    if (table.queueOf(slot) < AttemptState.calling) return wasLast;
    const known = table.field(slot, AttemptField.bestCode);
    // A caller who gave up hears of that, whatever a branch had answered before.
    const isCancelEnd = statusCode === 487 && table.queueOf(slot) === AttemptState.canceled;
    const best = isCancelEnd && known < 600 ? statusCode : betterFailure(known, statusCode);
    if (best !== known) {
      table.setField(slot, AttemptField.bestCode, best);
      table.setField(slot, AttemptField.reasonQ850, message.reasonQ850);
      table.setField(slot, AttemptField.reasonSip, message.reasonSip);
    }
    this.#setFailureTime(slot, statusCode);
    if (wasLast) table.move(slot, asksForAnotherInvite(best) ? AttemptState.retrying : AttemptState.failed);
    return wasLast;
  }

  /** A branch of the present INVITE on the first hop got no final response in its time. Returns as `failed` does. */
  timedOut(slot: number, wasCanceled: boolean): boolean {
    const { table } = this;
    if (table.queueOf(slot) < AttemptState.calling || !this.#branches.close(slot, wasCanceled)) return false;
    if (table.queueOf(slot) === AttemptState.canceled) this.#report.endOpen(slot);
    else table.move(slot, AttemptState.failed);
    return true;
  }

  /**
   * A CANCEL of a branch of the present INVITE on the first hop. Whether the caller gave up or a proxy tries another
   * target or has a 6xx of another branch shows only with the result.
   */
  canceled(slot: number, message: SipMessage): void {
    const { table } = this;
    if (table.queueOf(slot) < AttemptState.calling) return;
    if (!this.#branches.cancel(slot)) return;
    const rangHere = hasFlag(this.table, slot, AttemptFlag.rangHere);
    const ringMicros = rangHere
      ? this.#report.microsSinceBegun(slot) - table.field(slot, AttemptField.ringing)
      : -1;
    table.setField(slot, AttemptField.cancelRingMicros, ringMicros);
    table.setField(slot, AttemptField.cancelQ850, message.reasonQ850);
    table.setField(slot, AttemptField.cancelSip, message.reasonSip);
    table.move(slot, AttemptState.canceled);
  }

  /**
   * One step of expiry: forgets attempts that ended long ago (`FORGOTTEN`), or ends one and returns its slot; -1 when
   * nothing is due.
   */
  expire(): number {
    const { table } = this;
    if (table.removeDue(AttemptState.ended) > 0) return FORGOTTEN;
    for (let state: number = AttemptState.failed; state <= AttemptState.proceeding; state++) {
      const slot = table.due(state);
      if (slot < 0) continue;
      if (state === AttemptState.failed || state === AttemptState.retrying) this.#report.endFailed(slot);
      else this.#report.endOpen(slot);
      return slot;
    }
    return -1;
  }

  /** Gives attempts that failed on every branch their result without waiting for a better one. */
  finish(): void {
    const { table } = this;
    for (let slot = table.oldest(AttemptState.failed); slot >= 0; slot = table.oldest(AttemptState.failed)) {
      this.#report.endFailed(slot);
    }
  }

  /** Forgets an attempt because the table is full; one that has failed gets the result it has so far. */
  evict(slot: number): void {
    const { table } = this;
    if (table.queueOf(slot) === AttemptState.failed) this.#report.endFailed(slot);
    table.evict(slot, table.queueOf(slot) === AttemptState.ended);
  }

  /**
   * Whether an INVITE belongs to an attempt that has ended: a later hop, or a branch of a fork that another branch has
   * just answered. Else a peer that uses its Call-ID and tag again calls again, with whatever CSeq number.
   */
  #isLate(slot: number, { cseqNumber, viaCount }: SipMessage): boolean {
    const { table } = this;
    if (cseqNumber > table.field(slot, AttemptField.cseqNumber)) return false;
    if (!this.isFirstHop(slot, viaCount)) return true;
    const endedMicros = table.deadlineMicros(slot) - lingerMicros;
    return this.isAnswered(slot) && this.#clock.micros - endedMicros < this.#forkMicros;
  }

  #begin(slot: number, message: SipMessage, context: number): void {
    const { table } = this;
    table.clearFields(slot);
    table.setField(slot, AttemptField.context, context);
    table.setField(slot, AttemptField.sessionRequestMicros, -1);
    table.doubles[table.doubleAt(slot, AttemptField.begunMicros)] = this.#clock.micros;
    this.#branches.begin(slot, message);
    this.#report.begun(slot, message, context);
  }

  #addBranch(slot: number, viaCount: number): void {
    if (!this.#branches.add(slot, viaCount)) return;
    const state = this.table.queueOf(slot);
    if (state === AttemptState.ended || state === AttemptState.proceeding) return;
    this.table.move(slot, AttemptState.calling);
  }

  /** A challenge or redirection is no failure (RFC 6076 §4.3.2), a 422 only if no other INVITE follows it. */
  #setFailureTime(slot: number, statusCode: number): void {
    if (statusCode < 400 || statusCode === 401 || statusCode === 402 || statusCode === 407) return;
    if (this.table.field(slot, AttemptField.sessionRequestMicros) >= 0) return;
    this.#report.setSessionRequest(slot);
    if (statusCode === 422) setFlag(this.table, slot, AttemptFlag.after422);
  }
}
