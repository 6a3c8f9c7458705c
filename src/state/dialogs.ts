// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import { LifetimeLadder } from '../base/lifetime-ladder.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { tellReasons } from './attempt-report.ts';
import type { Attempts } from './attempts.ts';
import { type CallEvents, Delay, DialogState, Outcome, SessionEnd } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import type { StateLimits } from './state-limits.ts';
import {
  dialogLingerMicros,
  forkedMicros,
  sessionTimerGraceMicros,
  timerCMicros,
  timerFMicros,
} from './timers.ts';

/**
 * Where a dialog stands; also its queue in the table, so the order is the order of eviction. From `confirmed` on the
 * queues are a ladder of lifetimes.
 *
 *     1xx with To tag         2xx               BYE             its answer, or timer F          10 s
 *     -------> early --------------> confirmed ----> closing --------------------> terminated ------> gone
 *                | 2xx of another branch
 *                '-----> forked -- 32 s --> terminated
 */
const Queue = { terminated: 0, closing: 1, forked: 2, early: 3, confirmed: 4 } as const;

/** Fields of a record. */
const Field = {
  /** Context of the INVITE that made the dialog. */
  context: 0,
  flags: 1,
  /** When it was confirmed, a double. */
  confirmedMicros: 2,
  /** When it is over without a sign of life, a double. */
  deadlineMicros: 4,
  /** When the BYE came, `PacketClock.wrapped`, and the fewest Vias it was seen with. */
  byeCame: 6,
  byeViaCount: 7,
  /** While early: slot + 1 of the attempt, and of its dialogs before and behind this one; 0 stands for none. */
  attempt: 8,
  previous: 9,
  next: 10,
} as const;
const FIELDS = 12;

const Flag = {
  /** A Session-Expires was agreed (RFC 4028). */
  sessionTimer: 1,
  /** The peer gave no To tag (RFC 2543). */
  untagged: 2,
  /** The first of its attempt to be confirmed. */
  first: 4,
} as const;

/**
 * Dialogs that an INVITE made (RFC 3261 §12.1), a session each once confirmed: begun by a 2xx, ended by the first BYE
 * whatever its answer (§15). A dialog without BYE lives until the session timer that was agreed runs out without a
 * refresh, else for the session limit after its last re-INVITE or UPDATE; no end is invented earlier.
 */
export class Dialogs {
  readonly table: KeyedTable;
  /** Dialogs in the table whose peer gave no To tag. */
  untaggedCount = 0;

  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  readonly #attempts: Attempts;
  readonly #ladder = new LifetimeLadder(Queue.confirmed);
  readonly #sessionLimitMicros: number;
  readonly #maxEarlyDialogs: number;

  constructor(limits: StateLimits, attempts: Attempts, clock: PacketClock, events: CallEvents) {
    const lifetimesMicros = [
      dialogLingerMicros,
      timerFMicros,
      forkedMicros,
      timerCMicros,
      ...LifetimeLadder.lifetimesMicros,
    ];
    this.table = new KeyedTable(limits.maxDialogs, FIELDS, lifetimesMicros, clock, Queue.early);
    this.#clock = clock;
    this.#events = events;
    this.#attempts = attempts;
    this.#sessionLimitMicros = limits.sessionLimitMicros;
    this.#maxEarlyDialogs = limits.maxEarlyDialogs;
  }

  /** The slot of the dialog a message belongs to, or -1. */
  find(key: CallKey): number {
    return this.table.find(key.dialogLow, key.dialogHigh);
  }

  /** A 1xx above 100 with a To tag: the dialog is early; said again, it lives on. */
  ring(key: CallKey, attempt: number): void {
    const { table } = this;
    let slot = this.find(key);
    if (slot >= 0) {
      if (table.queueOf(slot) === Queue.early) table.move(slot, Queue.early);
      return;
    }
    if (this.#attempts.earlyCountOf(attempt) === this.#maxEarlyDialogs) {
      table.evictedOpen++;
      return;
    }
    slot = this.#insert(key, Queue.early, this.#attempts.contextOf(attempt));
    this.#linkTo(attempt, slot);
    this.#tell(slot, DialogState.none, DialogState.early);
  }

  /**
   * A 2xx to an INVITE confirms a dialog; one after the BYE changes nothing. `context` is that of the attempt, which
   * this dialog answers if it `isFirst`.
   */
  confirm(key: CallKey, message: SipMessage, context: number, isFirst: boolean): void {
    const { table } = this;
    let slot = this.find(key);
    let from: DialogState = DialogState.none;
    if (slot >= 0) {
      const queue = table.queueOf(slot);
      // A failed branch, or one that was given up, may answer after all; what had been confirmed is over.
      const wasConfirmed = table.doubles[table.doubleAt(slot, Field.confirmedMicros)]! !== 0;
      if (wasConfirmed) {
        this.#agree(slot, message.sessionExpiresSeconds);
        return;
      }
      this.#unlink(slot);
      if (queue !== Queue.terminated) from = DialogState.early;
    } else {
      slot = this.#insert(key, Queue.terminated, context);
      if (message.toTagLength === 0) {
        table.setField(slot, Field.flags, Flag.untagged);
        this.untaggedCount++;
      }
    }
    table.doubles[table.doubleAt(slot, Field.confirmedMicros)] = this.#clock.micros;
    if (isFirst) table.setField(slot, Field.flags, table.field(slot, Field.flags) | Flag.first);
    this.#setLifetime(slot, message.sessionExpiresSeconds);
    this.#tell(slot, from, DialogState.confirmed);
  }

  /** A re-INVITE or UPDATE: a sign of life, but no refresh of a session timer before it is accepted. */
  touch(slot: number): void {
    const { table } = this;
    if (!this.isConfirmed(slot)) return;
    if ((table.field(slot, Field.flags) & Flag.sessionTimer) === 0) this.#setLifetime(slot, -1);
  }

  /**
   * A response to a re-INVITE or UPDATE. After a 2xx the session timer begins anew, or is off (RFC 4028 §7.2). After a 481 (RFC 3261
   * §12.2.1.2) one end knows nothing of the dialog any more: without a BYE it ends soon, and not by its timer.
   */
  response(slot: number, { statusCode, sessionExpiresSeconds }: SipMessage): void {
    if (!this.isConfirmed(slot)) return;
    if (statusCode >= 200 && statusCode < 300) this.#setLifetime(slot, sessionExpiresSeconds);
    if (statusCode !== 481) return;
    const { table } = this;
    table.setField(slot, Field.flags, table.field(slot, Field.flags) & ~Flag.sessionTimer);
    this.#liveFor(slot, forkedMicros);
  }

  isConfirmed(slot: number): boolean {
    return this.table.queueOf(slot) >= Queue.confirmed;
  }

  /** A BYE, not seen before. */
  bye(slot: number, message: SipMessage): void {
    const { table } = this;
    const queue = table.queueOf(slot);
    if (queue === Queue.terminated) return;
    if (queue === Queue.closing) {
      if (message.viaCount < table.field(slot, Field.byeViaCount)) {
        table.setField(slot, Field.byeViaCount, message.viaCount);
      }
    } else if (queue < Queue.confirmed) {
      this.#endEarly(slot);
    } else {
      table.setField(slot, Field.byeCame, this.#clock.wrapped);
      table.setField(slot, Field.byeViaCount, message.viaCount);
      this.#endSession(slot, SessionEnd.bye);
      tellReasons(this.#events, table.field(slot, Field.context), message.reasonQ850, message.reasonSip);
      table.move(slot, Queue.closing);
    }
  }

  /** A final response to a BYE. The BYE is sent again after a challenge. */
  byeAnswered(slot: number, statusCode: number, viaCount: number): void {
    const { table } = this;
    if (table.queueOf(slot) !== Queue.closing || viaCount > table.field(slot, Field.byeViaCount)) return;
    if (statusCode === 401 || statusCode === 407) return;
    this.#close(slot, statusCode < 300 ? Outcome.success : Outcome.failure, 0);
  }

  /** A failure of the branch that made an early dialog; -1 for a branch that had made none. */
  fail(slot: number): void {
    if (slot < 0) return;
    const queue = this.table.queueOf(slot);
    if (queue === Queue.early || queue === Queue.forked) this.#endEarly(slot);
  }

  /** Ends all early dialogs of an attempt that has failed (RFC 3261 §12.3). */
  failAll(attempt: number): void {
    for (;;) {
      const slot = this.#attempts.earlyDialogOf(attempt) - 1;
      if (slot < 0) return;
      this.#endEarly(slot);
    }
  }

  /** Leaves the early dialogs of an attempt that was answered a while for an answer of their own (§13.2.2.4). */
  fork(attempt: number): void {
    for (;;) {
      const slot = this.#attempts.earlyDialogOf(attempt) - 1;
      if (slot < 0) return;
      this.#unlink(slot);
      this.table.move(slot, Queue.forked);
    }
  }

  /** One step of expiry: ends or forgets one dialog. Returns whether there was one. */
  expire(): boolean {
    const { table } = this;
    if (this.untaggedCount === 0 && table.removeDue(Queue.terminated) > 0) return true;
    for (let queue: number = Queue.terminated; queue <= this.#ladder.last; queue++) {
      const slot = table.due(queue);
      if (slot < 0) continue;
      if (queue === Queue.terminated) {
        this.#forgetUntagged(slot);
        table.remove(slot);
      } else if (queue === Queue.closing) this.#close(slot, Outcome.failure, timerFMicros);
      else if (queue < Queue.confirmed) this.#endEarly(slot);
      else this.#expireConfirmed(slot);
      return true;
    }
    return false;
  }

  #insert(key: CallKey, queue: number, context: number): number {
    const { table } = this;
    if (table.size === table.limit) this.#evict();
    const slot = table.insert(key.dialogLow, key.dialogHigh, queue);
    table.clearFields(slot);
    table.setField(slot, Field.context, context);
    return slot;
  }

  #evict(): void {
    const { table } = this;
    const slot = table.victim();
    const queue = table.queueOf(slot);
    if (queue >= Queue.confirmed) this.#endSession(slot, SessionEnd.evicted);
    else if (queue >= Queue.forked) this.#endEarly(slot);
    this.#forgetUntagged(slot);
    table.evict(slot, queue <= Queue.closing);
  }

  /** Before a dialog is removed. */
  #forgetUntagged(slot: number): void {
    if ((this.table.field(slot, Field.flags) & Flag.untagged) !== 0) this.untaggedCount--;
  }

  /** A proxy may bring in the session timer, on hops above it, that the callee does not know (RFC 4028 §8.2). */
  #agree(slot: number, sessionExpiresSeconds: number): void {
    const hasTimer = (this.table.field(slot, Field.flags) & Flag.sessionTimer) !== 0;
    if (sessionExpiresSeconds > 0 && !hasTimer && this.isConfirmed(slot)) {
      this.#setLifetime(slot, sessionExpiresSeconds);
    }
  }

  #setLifetime(slot: number, sessionExpiresSeconds: number): void {
    const { table } = this;
    const flags = table.field(slot, Field.flags) & ~Flag.sessionTimer;
    if (sessionExpiresSeconds > 0) {
      const agreedMicros = sessionExpiresSeconds * 1e6 + sessionTimerGraceMicros;
      table.setField(slot, Field.flags, flags | Flag.sessionTimer);
      this.#liveFor(slot, Math.min(this.#sessionLimitMicros, agreedMicros));
    } else {
      table.setField(slot, Field.flags, flags);
      this.#liveFor(slot, this.#sessionLimitMicros);
    }
  }

  /** Lets a confirmed dialog live so long from now. */
  #liveFor(slot: number, micros: number): void {
    this.table.doubles[this.table.doubleAt(slot, Field.deadlineMicros)] = this.#clock.micros + micros;
    this.table.move(slot, this.#ladder.queueFor(micros));
  }

  #expireConfirmed(slot: number): void {
    const { table } = this;
    const leftMicros = table.doubles[table.doubleAt(slot, Field.deadlineMicros)]! - this.#clock.micros;
    if (leftMicros > 0) {
      table.move(slot, this.#ladder.queueFor(leftMicros));
      return;
    }
    const isTimer = (table.field(slot, Field.flags) & Flag.sessionTimer) !== 0;
    this.#endSession(slot, isTimer ? SessionEnd.sessionTimer : SessionEnd.unknown);
    table.move(slot, Queue.terminated);
  }

  #endSession(slot: number, reason: SessionEnd): void {
    this.#tell(slot, DialogState.confirmed, DialogState.terminated);
    this.#events.sessionEnded(this.table.keyLow(slot), this.table.field(slot, Field.context), reason);
  }

  /** The answer to a BYE came, or did not come for `silenceMicros`. */
  #close(slot: number, outcome: Outcome, silenceMicros: number): void {
    const { table } = this;
    const context = table.field(slot, Field.context);
    const isSilence = silenceMicros !== 0;
    const sinceByeMicros = isSilence
      ? silenceMicros
      : this.#clock.microsSince(table.field(slot, Field.byeCame));
    // Timer F is over when it is over, not when the next packet lets ringtap see it.
    const endMicros = isSilence ? table.deadlineMicros(slot) : this.#clock.micros - sinceByeMicros;
    const durationMillis = (endMicros - table.doubles[table.doubleAt(slot, Field.confirmedMicros)]!) / 1000;
    this.#events.delay(Delay.sessionDisconnect, context, outcome, sinceByeMicros);
    // A session is complete with any answer to its BYE, and has failed without one (RFC 6076 §4.5).
    const completion = isSilence ? Outcome.failure : Outcome.success;
    const isFirst = (table.field(slot, Field.flags) & Flag.first) !== 0;
    const cappedMillis = Math.min(Math.max(0, durationMillis), 0x7fffffff) | 0;
    this.#events.sessionDuration(context, completion, cappedMillis, isFirst);
    table.move(slot, Queue.terminated);
  }

  #endEarly(slot: number): void {
    this.#unlink(slot);
    this.#tell(slot, DialogState.early, DialogState.terminated);
    this.table.move(slot, Queue.terminated);
  }

  #tell(slot: number, from: DialogState, to: DialogState): void {
    this.#events.dialogChanged(this.table.keyLow(slot), this.table.field(slot, Field.context), from, to);
  }

  #linkTo(attempt: number, slot: number): void {
    const { table } = this;
    const next = this.#attempts.earlyDialogOf(attempt);
    table.setField(slot, Field.attempt, attempt + 1);
    table.setField(slot, Field.next, next);
    if (next !== 0) table.setField(next - 1, Field.previous, slot + 1);
    this.#attempts.setEarlyDialog(attempt, slot + 1);
    this.#attempts.addEarlyCount(attempt, 1);
  }

  #unlink(slot: number): void {
    const { table } = this;
    const attempt = table.field(slot, Field.attempt);
    if (attempt === 0) return;
    const previous = table.field(slot, Field.previous);
    const next = table.field(slot, Field.next);
    if (previous !== 0) table.setField(previous - 1, Field.next, next);
    else this.#attempts.setEarlyDialog(attempt - 1, next);
    if (next !== 0) table.setField(next - 1, Field.previous, previous);
    this.#attempts.addEarlyCount(attempt - 1, -1);
    table.setField(slot, Field.attempt, 0);
    table.setField(slot, Field.previous, 0);
    table.setField(slot, Field.next, 0);
  }
}
