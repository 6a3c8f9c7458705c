// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import type { Attempts } from './attempts.ts';
import { type CallEvents, Delay, Outcome } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import type { Dialogs } from './dialogs.ts';
import { TransactionField, type Transactions } from './transactions.ts';

/** What the transaction of an INVITE without To tag remembers in its flags. */
const InviteFlag = { initial: 1, canceled: 2 } as const;

/**
 * INVITE with its responses, ACK and CANCEL: what the messages of a transaction that were not seen before mean for its attempt
 * and the dialogs of that. `key` is the message's, whose transaction is the one `Transactions.see` found last.
 */
export class Invites {
  readonly #transactions: Transactions;
  readonly #attempts: Attempts;
  readonly #dialogs: Dialogs;
  readonly #events: CallEvents;

  constructor(transactions: Transactions, attempts: Attempts, dialogs: Dialogs, events: CallEvents) {
    this.#transactions = transactions;
    this.#attempts = attempts;
    this.#dialogs = dialogs;
    this.#events = events;
  }

  /** A first INVITE. */
  begin(key: CallKey, message: SipMessage, context: number): void {
    const attempts = this.#attempts;
    const transactions = this.#transactions;
    // A NAT or a balancer without a Via of its own shows one branch on several pairs of addresses.
    if (transactions.table.field(transactions.slot, TransactionField.flags) !== 0) return;
    let slot = attempts.invite(key, message, context);
    if (slot < 0) {
      const victim = attempts.table.victim();
      this.#dialogs.failAll(victim);
      attempts.evict(victim);
      slot = attempts.invite(key, message, context);
    }
    transactions.setOwner(slot, attempts.table.keyLow(slot));
    transactions.setFlags(InviteFlag.initial);
  }

  /**
   * A peer of RFC 2543 gives no To tag, so that its re-INVITE looks like a first INVITE. Only while there are such
   * dialogs is it worth a look.
   */
  isUntaggedReInvite(key: CallKey, message: SipMessage): boolean {
    if (this.#dialogs.untaggedCount === 0) return false;
    const slot = this.#dialogs.find(key);
    if (slot < 0 || !this.#dialogs.isConfirmed(slot)) return false;
    const attempt = this.#attempts.find(key);
    return attempt < 0 || !this.#attempts.isPresent(attempt, message.cseqNumber);
  }

  /** A response to any INVITE. */
  response(key: CallKey, message: SipMessage): void {
    const transactions = this.#transactions;
    const attempts = this.#attempts;
    const flags = transactions.table.field(transactions.slot, TransactionField.flags);
    if ((flags & InviteFlag.initial) === 0) {
      this.#strayResponse(key, message);
      return;
    }
    const slot = transactions.ownerIn(attempts.table);
    if (slot < 0) return;
    this.#attemptResponse(key, message, slot, flags);
  }

  /**
   * The ACK of a failure has the branch of its INVITE (RFC 3261 §17.1.1.3), that of a 2xx one of its own (§13.2.2.4): where
   * the sensor missed the 2xx, it says that there was one. Nothing tells when it came.
   */
  ack(key: CallKey, message: SipMessage): void {
    const attempts = this.#attempts;
    const dialogs = this.#dialogs;
    if (message.toTagLength === 0) return;
    const slot = attempts.find(key);
    if (slot < 0 || !attempts.isOpen(slot) || !attempts.isPresent(slot, message.cseqNumber)) return;
    key.readTransaction(message, Method.invite);
    if (this.#transactions.find(key) >= 0) return;
    dialogs.confirm(key, message, attempts.contextOf(slot), true);
    dialogs.fork(slot);
    attempts.answered(slot, 200, Number.MAX_SAFE_INTEGER);
  }

  /** A CANCEL has the branch of its INVITE (RFC 3261 §9.1) but one Via only: the INVITE tells whose hop it is. */
  cancel(key: CallKey, message: SipMessage): void {
    const transactions = this.#transactions;
    const attempts = this.#attempts;
    key.readTransaction(message, Method.invite);
    const invite = transactions.find(key);
    if (invite < 0) return;
    const { table } = transactions;
    const flags = table.field(invite, TransactionField.flags);
    const slot = transactions.ownerOf(invite, attempts.table);
    if (slot < 0 || (flags & InviteFlag.initial) === 0 || (flags & InviteFlag.canceled) !== 0) return;
    if (table.field(invite, TransactionField.finalCode) !== 0) return;
    if (!attempts.isPresent(slot, message.cseqNumber)) return;
    if (!attempts.isFirstHop(slot, table.field(invite, TransactionField.viaCount))) return;
    table.setField(invite, TransactionField.flags, flags | InviteFlag.canceled);
    transactions.cancel(invite);
    attempts.canceled(slot, message);
  }

  /** The time for a final response to an INVITE is over. */
  timeout(transaction: number): void {
    const transactions = this.#transactions;
    const attempts = this.#attempts;
    const { table } = transactions;
    const flags = table.field(transaction, TransactionField.flags);
    if ((flags & InviteFlag.initial) === 0) return;
    const slot = transactions.ownerOf(transaction, attempts.table);
    if (slot < 0 || !attempts.isFirstHop(slot, table.field(transaction, TransactionField.viaCount))) return;
    this.#events.inviteEnded(attempts.contextOf(slot), 0);
    if (!attempts.isPresent(slot, table.field(transaction, TransactionField.cseqNumber))) return;
    if (attempts.timedOut(slot, (flags & InviteFlag.canceled) !== 0)) this.#dialogs.failAll(slot);
  }

  /** A response to a re-INVITE, or one whose INVITE was not seen in this transaction. */
  #strayResponse(key: CallKey, message: SipMessage): void {
    const dialog = this.#transactions.ownerIn(this.#dialogs.table);
    if (dialog >= 0) {
      this.#dialogs.response(dialog, message);
      return;
    }
    const slot = this.#attempts.find(key);
    // Without its INVITE a response says nothing for sure: unless its attempt is open, it may belong to a re-INVITE.
    if (slot < 0) return;
    this.#attempts.follow(slot, message);
    this.#attemptResponse(key, message, slot, 0);
  }

  /** `flags` are those of the INVITE's transaction, 0 for a response that was seen without it. */
  #attemptResponse(key: CallKey, message: SipMessage, slot: number, flags: number): void {
    const attempts = this.#attempts;
    const transactions = this.#transactions;
    const { statusCode, viaCount } = message;
    const isPresent = attempts.isPresent(slot, message.cseqNumber);
    const isFirstHop = attempts.isFirstHop(slot, viaCount);
    const isAnswerToKnown = flags !== 0 || (isPresent && !transactions.hasRequest && attempts.isOpen(slot));
    if (isFirstHop && isAnswerToKnown && transactions.isFirstFinal) {
      this.#events.inviteEnded(attempts.contextOf(slot), statusCode);
    }
    // Digits may be dialled with one INVITE each, and any of them be answered (RFC 3578): what is answered is answered.
    const isAccepted = statusCode >= 200 && statusCode < 300;
    if (!isPresent && !(isAccepted && flags !== 0)) return;
    if (statusCode < 200) this.#provisional(key, message, slot);
    else if (isAccepted) this.#answer(key, message, slot);
    else this.#failure(key, message, slot, isFirstHop, (flags & InviteFlag.canceled) !== 0);
  }

  #provisional(key: CallKey, message: SipMessage, slot: number): void {
    const attempts = this.#attempts;
    if (!attempts.isOpen(slot)) return;
    attempts.provisional(slot, message.statusCode, message.viaCount);
    if (message.statusCode === 100 || message.toTagLength === 0) return;
    // 199 says that a branch of a fork is over (RFC 6228 §4).
    if (message.statusCode !== 199) this.#dialogs.ring(key, slot);
    else this.#dialogs.fail(this.#dialogs.find(key));
  }

  #answer(key: CallKey, message: SipMessage, slot: number): void {
    const attempts = this.#attempts;
    const dialogs = this.#dialogs;
    const isFirst = !attempts.isAnswered(slot);
    dialogs.confirm(key, message, attempts.contextOf(slot), isFirst);
    dialogs.fork(slot);
    attempts.answered(slot, message.statusCode, message.viaCount);
  }

  #failure(key: CallKey, message: SipMessage, slot: number, isFirstHop: boolean, wasCanceled: boolean): void {
    const transactions = this.#transactions;
    const attempts = this.#attempts;
    const dialogs = this.#dialogs;
    if (isFirstHop && transactions.isFirstFinal) {
      if (message.statusCode < 400 && transactions.hasRequest) {
        const redirectMicros = transactions.microsSinceBegun(transactions.slot);
        this.#events.delay(Delay.redirect, attempts.contextOf(slot), Outcome.success, redirectMicros);
      }
      if (attempts.failed(slot, message, transactions.hasRequest, wasCanceled)) dialogs.failAll(slot);
    }
    // Of a fork, one branch is over and others may still ring.
    if (attempts.earlyDialogOf(slot) === 0 || message.toTagLength === 0) return;
    dialogs.fail(dialogs.find(key));
  }
}
