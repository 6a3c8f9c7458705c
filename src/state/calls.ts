// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import { Attempts } from './attempts.ts';
import { type CallEvents, Delay, Outcome } from './call-events.ts';
import { CallKey } from './call-key.ts';
import { Dialogs } from './dialogs.ts';
import { Peers } from './peers.ts';
import { Registrar } from './registrar.ts';
import type { PeerAddress, StateLimits } from './state-limits.ts';
import { Sighting, TransactionField, Transactions } from './transactions.ts';

/**
 * What is due ends at the next multiple of this in packet time, whatever else there is to see: another worker, which sees
 * other messages, or a capture that has more in it must not decide otherwise.
 */
const TICK_MICROS = 100_000;

/** Ticks made up for after a silence; of a longer one the last. */
const MAX_TICKS = 10;

/** Records expired at once: what a million dialogs that end together would take is spread over many packets. */
const MAX_STEPS = 256;

/** Values of `#tableOf`. */
const ATTEMPTS = 1;
const DIALOGS = 2;

/** What the transaction of an INVITE without To tag remembers in its flags. */
const InviteFlag = { initial: 1, canceled: 2 } as const;

/** A peer that says so is there, but not of use (RFC 3261 §21.5.4). */
const SERVICE_UNAVAILABLE = 503;

/**
 * All state of SIP, fed with every message in the order of capture: first `see`, which tells what the message is to
 * its transaction, then `message` unless it is a duplicate. Of a transaction's messages only those not seen before
 * go on to attempts, dialogs and registrations, and provisional responses, which keep them alive.
 */
export class Calls {
  readonly transactions: Transactions;
  readonly attempts: Attempts;
  readonly dialogs: Dialogs;
  readonly registrar: Registrar;
  /** In the order of `tableNames`. */
  readonly tables: readonly KeyedTable[];

  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  /** Those of the messages of a batch, and that of the message last given to `see`. */
  readonly #keys: readonly CallKey[];
  #key: CallKey;
  /** Of each message of a batch: in which table, besides the transactions, it will be looked for. */
  readonly #tableOf: Uint8Array;
  readonly #peers: Peers;
  #nextTickMicros = 0;
  #isBehind = false;

  constructor(
    limits: StateLimits,
    peers: readonly PeerAddress[],
    hash: SeededHash,
    clock: PacketClock,
    events: CallEvents,
    batch = 1,
  ) {
    this.#keys = Array.from({ length: batch }, () => new CallKey(hash));
    this.#key = this.#keys[0]!;
    this.#tableOf = new Uint8Array(batch);
    this.transactions = new Transactions(limits.maxTransactions, limits.duplicateMicros, clock);
    this.attempts = new Attempts(limits, clock, events);
    this.dialogs = new Dialogs(limits, this.attempts, clock, events);
    this.registrar = new Registrar(limits, this.transactions, hash, clock, events);
    const { attempts, registrations } = this.registrar;
    this.tables = [this.transactions, this.attempts, this.dialogs, attempts, registrations].map(
      ({ table }) => table,
    );
    this.#clock = clock;
    this.#events = events;
    this.#peers = new Peers(peers);
  }

  /** Other peers from now on. What is known of those that stay is kept. */
  replacePeers(peers: readonly PeerAddress[]): void {
    this.#peers.replace(peers);
  }

  /**
   * Expires what was due at the last tick; to be called whenever the clock was set. Does so much at a time: returns whether
   * there is more to do, which the next call goes on with.
   */
  advance(): boolean {
    const nowMicros = this.#clock.micros;
    if (nowMicros < this.#nextTickMicros && !this.#isBehind) return false;
    if (this.#isBehind) this.#isBehind = this.#expire();
    if (!this.#isBehind) this.#tick(nowMicros);
    return this.#isBehind;
  }

  /** At the end of a capture: what is known but waits for something better is told. What is open stays open. */
  finish(): void {
    while (this.#expire());
    this.attempts.finish();
  }

  /** Computes the keys of message `index` of a batch, 0..batch-1, before `readAhead`. */
  prepare(index: number, message: SipMessage): void {
    this.#keys[index]!.read(message);
    const isDialogs = message.toTagLength !== 0 && message.method !== Method.ack;
    this.#tableOf[index] = isDialogs ? DIALOGS : message.isRequest ? ATTEMPTS : 0;
  }

  /**
   * Reads ahead where the first `count` messages' keys stand in the indexes of the tables, before any of them is given to
   * `see`. In a loop of its own, that the processor runs through many at once and waits for them together (50 ns a message,
   * bench pipeline/full-calls).
   */
  readAhead(count: number): void {
    const { table: transactions } = this.transactions;
    const { table: attempts } = this.attempts;
    const { table: dialogs } = this.dialogs;
    for (let index = 0; index < count; index++) {
      const key = this.#keys[index]!;
      transactions.touch(key.transactionLow);
      const table = this.#tableOf[index]!;
      if (table === DIALOGS) dialogs.touch(key.dialogLow);
      else if (table === ATTEMPTS) attempts.touch(key.attemptLow);
    }
  }

  /** The keys of message `index` of the batch. */
  keyOf(index: number): CallKey {
    return this.#keys[index]!;
  }

  /** What message `index` of the batch is to its transaction; `context` is where it was seen. */
  see(index: number, message: SipMessage, datagram: Datagram, context: number): Sighting {
    this.#key = this.#keys[index]!;
    return this.transactions.see(this.#key, message, datagram, context);
  }

  /** Takes the message that was given to `see`, unless it is a duplicate. */
  message(message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void {
    if (sighting !== Sighting.first) {
      if (!message.isRequest && message.statusCode < 200) this.#response(message);
    } else if (message.isRequest) this.#request(message, datagram, context);
    else this.#response(message);
  }

  #request(message: SipMessage, datagram: Datagram, context: number): void {
    switch (message.method) {
      case Method.invite:
        if (message.toTagLength !== 0 || this.#isUntaggedReInvite(message)) this.#inDialog(message, context);
        else this.#invite(message, context);
        break;
      case Method.bye:
      case Method.update:
        this.#inDialog(message, context);
        break;
      case Method.ack:
        this.#ack(message);
        break;
      case Method.cancel:
        this.#cancel(message);
        break;
      case Method.register:
        this.registrar.request(this.#key, message, context);
        break;
      case Method.options:
        this.#options(datagram);
        break;
    }
  }

  #response(message: SipMessage): void {
    const { method, statusCode } = message;
    if (method === Method.invite) this.#inviteResponse(message);
    else if (statusCode < 200) return;
    else if (method === Method.bye || method === Method.update) this.#dialogResponse(message);
    else if (method === Method.register) this.registrar.response(this.#key, message);
    else if (method === Method.options) this.#optionsResponse(message);
  }

  #invite(message: SipMessage, context: number): void {
    const { attempts, transactions } = this;
    // A NAT or a balancer without a Via of its own shows one branch on several pairs of addresses.
    if (transactions.table.field(transactions.slot, TransactionField.flags) !== 0) return;
    let slot = attempts.invite(this.#key, message, context);
    if (slot < 0) {
      const victim = attempts.table.victim();
      this.dialogs.failAll(victim);
      attempts.evict(victim);
      slot = attempts.invite(this.#key, message, context);
    }
    transactions.setOwner(slot, attempts.table.keyLow(slot));
    transactions.setFlags(InviteFlag.initial);
  }

  /**
   * A peer of RFC 2543 gives no To tag, so that its re-INVITE looks like a first INVITE. Only while there are such
   * dialogs is it worth a look.
   */
  #isUntaggedReInvite(message: SipMessage): boolean {
    if (this.dialogs.untaggedCount === 0) return false;
    const slot = this.dialogs.find(this.#key);
    if (slot < 0 || !this.dialogs.isConfirmed(slot)) return false;
    const attempt = this.attempts.find(this.#key);
    return attempt < 0 || !this.attempts.isPresent(attempt, message.cseqNumber);
  }

  /** A re-INVITE, UPDATE or BYE. An UPDATE may come before any 1xx was seen: not knowing its dialog says nothing. */
  #inDialog(message: SipMessage, context: number): void {
    const key = this.#key;
    const slot = this.dialogs.find(key);
    if (slot < 0) {
      if (message.method !== Method.update) this.#events.unknownDialogMessage(context);
      return;
    }
    this.transactions.setOwner(slot, this.dialogs.table.keyLow(slot));
    if (message.method === Method.bye) this.dialogs.bye(slot, message);
    else this.dialogs.touch(slot);
  }

  #inviteResponse(message: SipMessage): void {
    const { transactions, attempts } = this;
    const flags = transactions.table.field(transactions.slot, TransactionField.flags);
    if ((flags & InviteFlag.initial) === 0) {
      this.#strayInviteResponse(message);
      return;
    }
    const slot = transactions.ownerIn(attempts.table);
    if (slot < 0) return;
    this.#attemptResponse(message, slot, flags);
  }

  /** A response to a re-INVITE, or one whose INVITE was not seen in this transaction. */
  #strayInviteResponse(message: SipMessage): void {
    const dialog = this.transactions.ownerIn(this.dialogs.table);
    if (dialog >= 0) {
      this.#inDialogResponse(message, dialog);
      return;
    }
    const slot = this.attempts.find(this.#key);
    // Without its INVITE a response says nothing for sure: unless its attempt is open, it may belong to a re-INVITE.
    if (slot < 0) return;
    this.attempts.follow(slot, message);
    this.#attemptResponse(message, slot, 0);
  }

  /** `flags` are those of the INVITE's transaction, 0 for a response that was seen without it. */
  #attemptResponse(message: SipMessage, slot: number, flags: number): void {
    const { attempts, transactions } = this;
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
    if (statusCode < 200) this.#provisional(message, slot);
    else if (isAccepted) this.#answer(message, slot);
    else this.#failure(message, slot, isFirstHop, (flags & InviteFlag.canceled) !== 0);
  }

  #provisional(message: SipMessage, slot: number): void {
    const { attempts } = this;
    if (!attempts.isOpen(slot)) return;
    attempts.provisional(slot, message.statusCode, message.viaCount);
    if (message.statusCode === 100 || message.toTagLength === 0) return;
    // 199 says that a branch of a fork is over (RFC 6228 §4).
    if (message.statusCode !== 199) this.dialogs.ring(this.#key, slot);
    else this.dialogs.fail(this.dialogs.find(this.#key));
  }

  #answer(message: SipMessage, slot: number): void {
    const { attempts, dialogs } = this;
    const isFirst = !attempts.isAnswered(slot);
    dialogs.confirm(this.#key, message, attempts.contextOf(slot), isFirst);
    dialogs.fork(slot);
    attempts.answered(slot, message.statusCode, message.viaCount);
  }

  #failure(message: SipMessage, slot: number, isFirstHop: boolean, wasCanceled: boolean): void {
    const { transactions, attempts, dialogs } = this;
    if (isFirstHop && transactions.isFirstFinal) {
      if (message.statusCode < 400 && transactions.hasRequest) {
        const redirectMicros = transactions.microsSinceBegun(transactions.slot);
        this.#events.delay(Delay.redirect, attempts.contextOf(slot), Outcome.success, redirectMicros);
      }
      if (attempts.failed(slot, message, transactions.hasRequest, wasCanceled)) dialogs.failAll(slot);
    }
    // Of a fork, one branch is over and others may still ring.
    if (attempts.earlyDialogOf(slot) === 0 || message.toTagLength === 0) return;
    dialogs.fail(dialogs.find(this.#key));
  }

  /**
   * The ACK of a failure has the branch of its INVITE (RFC 3261 §17.1.1.3), that of a 2xx one of its own (§13.2.2.4): where
   * the sensor missed the 2xx, it says that there was one. Nothing tells when it came.
   */
  #ack(message: SipMessage): void {
    const { attempts, dialogs } = this;
    const key = this.#key;
    if (message.toTagLength === 0) return;
    const slot = attempts.find(key);
    if (slot < 0 || !attempts.isOpen(slot) || !attempts.isPresent(slot, message.cseqNumber)) return;
    key.readTransaction(message, Method.invite);
    if (this.transactions.find(key) >= 0) return;
    dialogs.confirm(key, message, attempts.contextOf(slot), true);
    dialogs.fork(slot);
    attempts.answered(slot, 200, Number.MAX_SAFE_INTEGER);
  }

  /** A CANCEL has the branch of its INVITE (RFC 3261 §9.1) but one Via only: the INVITE tells whose hop it is. */
  #cancel(message: SipMessage): void {
    const { transactions, attempts } = this;
    this.#key.readTransaction(message, Method.invite);
    const invite = transactions.find(this.#key);
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

  /** A final response to a BYE or UPDATE. */
  #dialogResponse(message: SipMessage): void {
    const { dialogs } = this;
    const slot = this.transactions.ownerIn(dialogs.table);
    if (slot < 0) return;
    if (message.method === Method.bye) dialogs.byeAnswered(slot, message.statusCode, message.viaCount);
    else this.#inDialogResponse(message, slot);
  }

  /** A response to a re-INVITE or UPDATE. After a 481 the dialog is no more (RFC 3261 §12.2.1.2). */
  #inDialogResponse({ statusCode, sessionExpiresSeconds }: SipMessage, dialog: number): void {
    if (statusCode >= 200 && statusCode < 300) this.dialogs.refresh(dialog, sessionExpiresSeconds);
    else if (statusCode === 481) this.dialogs.lose(dialog);
  }

  /** Where NAT on this host shows the request with two destinations, the peer may be either. */
  #options(datagram: Datagram): void {
    const peer = this.#peers.find(datagram);
    if (peer >= 0) this.transactions.setOwner(peer, 0);
  }

  #optionsResponse(message: SipMessage): void {
    const { transactions } = this;
    // Without its request the response is the first of its transaction and has no delay.
    if (!transactions.hasRequest || !transactions.isFirstFinal) return;
    const { table, slot } = transactions;
    const delayMicros = transactions.microsSinceBegun(slot);
    const context = table.field(slot, TransactionField.context);
    this.#events.delay(Delay.optionsResponse, context, Outcome.success, delayMicros);
    const peer = this.#peers.indexOf(table.field(slot, TransactionField.owner) - 1);
    if (peer < 0) return;
    this.#peers.answeredMicros[peer] = this.#clock.micros;
    const isUp = message.statusCode !== SERVICE_UNAVAILABLE;
    this.#events.peerChecked(peer, isUp, isUp ? delayMicros : -1);
  }

  /** Each tick has its own time: what ends at one begins another lifetime there. */
  #tick(nowMicros: number): void {
    const clock = this.#clock;
    const lastMicros = Math.floor(nowMicros / TICK_MICROS) * TICK_MICROS;
    let tickMicros = Math.max(this.#nextTickMicros, lastMicros - (MAX_TICKS - 1) * TICK_MICROS);
    for (; tickMicros <= lastMicros && !this.#isBehind; tickMicros += TICK_MICROS) {
      clock.setBack(tickMicros);
      this.#isBehind = this.#expire();
    }
    clock.setBack(nowMicros);
    this.#nextTickMicros = tickMicros;
  }

  /** Returns whether it stopped before everything was done. */
  #expire(): boolean {
    const { transactions, attempts, dialogs, registrar } = this;
    for (let step = 0; step < MAX_STEPS; step++) {
      const transaction = transactions.expire();
      if (transaction >= 0) this.#timeout(transaction);
      if (transaction !== -1) continue;
      const attempt = attempts.expire();
      if (attempt >= 0) dialogs.failAll(attempt);
      if (attempt === -1 && !dialogs.expire() && !registrar.expire()) return false;
    }
    return true;
  }

  /** A transaction's time for a final response is over. */
  #timeout(transaction: number): void {
    const { transactions, attempts } = this;
    const { table } = transactions;
    const method = table.field(transaction, TransactionField.method) as Method;
    this.#events.transactionTimeout(table.field(transaction, TransactionField.context), method);
    const peer =
      method === Method.options
        ? this.#peers.indexOf(table.field(transaction, TransactionField.owner) - 1)
        : -1;
    if (peer >= 0) {
      const sinceMicros = transactions.microsSinceBegun(transaction);
      // Who has answered a later request is there: one response was lost.
      const wasSilent = this.#peers.answeredMicros[peer]! <= this.#clock.micros - sinceMicros;
      if (wasSilent) this.#events.peerChecked(peer, false, -1);
    }
    const flags = table.field(transaction, TransactionField.flags);
    if (method !== Method.invite || (flags & InviteFlag.initial) === 0) return;
    const slot = transactions.ownerOf(transaction, attempts.table);
    if (slot < 0 || !attempts.isFirstHop(slot, table.field(transaction, TransactionField.viaCount))) return;
    this.#events.inviteEnded(attempts.contextOf(slot), 0);
    if (!attempts.isPresent(slot, table.field(transaction, TransactionField.cseqNumber))) return;
    if (attempts.timedOut(slot, (flags & InviteFlag.canceled) !== 0)) this.dialogs.failAll(slot);
  }
}
