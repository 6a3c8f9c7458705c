// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import { Attempts } from './attempts.ts';
import type { CallEvents } from './call-events.ts';
import { CallKey } from './call-key.ts';
import { Dialogs } from './dialogs.ts';
import { Invites } from './invites.ts';
import type { OriginEvents } from './origin.ts';
import { PeerChecks } from './peer-checks.ts';
import { Registrar } from './registrar.ts';
import type { PeerAddress, StateLimits } from './state-limits.ts';
import { Sighting, TransactionField, Transactions } from './transactions.ts';

/** Values of `#tableOf`. */
const ATTEMPTS = 1;
const DIALOGS = 2;

/**
 * All state of SIP, fed with every message in the order of capture: first `see`, which tells what the message is to
 * its transaction, then `message` unless it is a duplicate. Of a transaction's messages only those not seen before
 * go on to attempts, dialogs and registrations, and provisional responses, which keep them alive.
 */
export class Calls implements Expiring {
  readonly transactions: Transactions;
  readonly attempts: Attempts;
  readonly dialogs: Dialogs;
  readonly registrar: Registrar;
  /** In the order of `tableNames`. */
  readonly tables: readonly KeyedTable[];

  readonly #events: CallEvents;
  /** Those of the messages of a batch, and that of the message last given to `see`. */
  readonly #keys: readonly CallKey[];
  #key: CallKey;
  /** Of each message of a batch: in which table, besides the transactions, it will be looked for. */
  readonly #tableOf: Uint8Array;
  readonly #invites: Invites;
  readonly #peerChecks: PeerChecks;

  /** `origins` asks whose attempts are. */
  constructor(
    limits: StateLimits,
    peers: readonly PeerAddress[],
    hash: SeededHash,
    clock: PacketClock,
    events: CallEvents,
    batch = 1,
    origins?: OriginEvents,
  ) {
    this.#keys = Array.from({ length: batch }, () => new CallKey(hash));
    this.#key = this.#keys[0]!;
    this.#tableOf = new Uint8Array(batch);
    this.transactions = new Transactions(limits.maxTransactions, limits.duplicateMicros, clock);
    this.attempts = new Attempts(limits, clock, events, origins);
    this.dialogs = new Dialogs(limits, this.attempts, clock, events);
    this.registrar = new Registrar(limits, this.transactions, hash, clock, events, origins);
    const { attempts, registrations } = this.registrar;
    this.tables = [this.transactions, this.attempts, this.dialogs, attempts, registrations].map(
      ({ table }) => table,
    );
    this.#events = events;
    this.#invites = new Invites(this.transactions, this.attempts, this.dialogs, events);
    this.#peerChecks = new PeerChecks(peers, this.transactions, clock, events);
  }

  /** Other peers from now on. What is known of those that stay is kept. */
  replacePeers(peers: readonly PeerAddress[]): void {
    this.#peerChecks.replacePeers(peers);
  }

  /** When the first of all records is due. */
  noteDue(earliestMicros: Float64Array): void {
    for (let index = 0; index < this.tables.length; index++) this.tables[index]!.noteDue(earliestMicros);
  }

  /** One step of expiry. */
  expire(): boolean {
    const { transactions, attempts, dialogs, registrar } = this;
    const transaction = transactions.expire();
    if (transaction >= 0) this.#timeout(transaction);
    if (transaction !== -1) return true;
    const attempt = attempts.expire();
    if (attempt >= 0) dialogs.failAll(attempt);
    return attempt !== -1 || dialogs.expire() || registrar.expire();
  }

  /** At the end of a capture: what is known but waits for something better is told. What is open stays open. */
  finish(): void {
    while (this.expire());
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
        if (message.toTagLength !== 0 || this.#invites.isUntaggedReInvite(this.#key, message))
          this.#inDialog(message, context);
        else this.#invites.begin(this.#key, message, context);
        break;
      case Method.bye:
      case Method.update:
        this.#inDialog(message, context);
        break;
      case Method.ack:
        this.#invites.ack(this.#key, message);
        break;
      case Method.cancel:
        this.#invites.cancel(this.#key, message);
        break;
      case Method.register:
        this.registrar.request(this.#key, message, context);
        break;
      case Method.options:
        this.#peerChecks.request(datagram);
        break;
    }
  }

  #response(message: SipMessage): void {
    const { method, statusCode } = message;
    if (method === Method.invite) this.#invites.response(this.#key, message);
    else if (statusCode < 200) return;
    else if (method === Method.bye || method === Method.update) this.#dialogResponse(message);
    else if (method === Method.register) this.registrar.response(this.#key, message);
    else if (method === Method.options) this.#peerChecks.response(message);
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

  /** A final response to a BYE or UPDATE. */
  #dialogResponse(message: SipMessage): void {
    const { dialogs } = this;
    const slot = this.transactions.ownerIn(dialogs.table);
    if (slot < 0) return;
    if (message.method === Method.bye) dialogs.byeAnswered(slot, message.statusCode, message.viaCount);
    else dialogs.response(slot, message);
  }

  /** A transaction's time for a final response is over. */
  #timeout(transaction: number): void {
    const { table } = this.transactions;
    const method = table.field(transaction, TransactionField.method) as Method;
    this.#events.transactionTimeout(table.field(transaction, TransactionField.context), method);
    if (method === Method.options) this.#peerChecks.timeout(transaction);
    else if (method === Method.invite) this.#invites.timeout(transaction);
  }
}
