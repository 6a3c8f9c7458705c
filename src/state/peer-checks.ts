// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SipMessage } from '../sip/message.ts';
import { type CallEvents, Delay, Outcome } from './call-events.ts';
import { Peers } from './peers.ts';
import type { PeerAddress } from './state-limits.ts';
import { TransactionField, type Transactions } from './transactions.ts';

/** A peer that says so is there, but not of use (RFC 3261 §21.5.4). */
const SERVICE_UNAVAILABLE = 503;

/** OPTIONS, and what its responses say of the configured peers. */
export class PeerChecks {
  readonly #peers: Peers;
  readonly #transactions: Transactions;
  readonly #clock: PacketClock;
  readonly #events: CallEvents;

  constructor(
    peers: readonly PeerAddress[],
    transactions: Transactions,
    clock: PacketClock,
    events: CallEvents,
  ) {
    this.#peers = new Peers(peers);
    this.#transactions = transactions;
    this.#clock = clock;
    this.#events = events;
  }

  /** Other peers from now on. What is known of those that stay is kept. */
  replacePeers(peers: readonly PeerAddress[]): void {
    this.#peers.replace(peers);
  }

  /** Where NAT on this host shows the request with two destinations, the peer may be either. */
  request(datagram: Datagram): void {
    const peer = this.#peers.find(datagram);
    if (peer >= 0) this.#transactions.setOwner(peer, 0);
  }

  /** A final response to OPTIONS. */
  response(message: SipMessage): void {
    const transactions = this.#transactions;
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

  /** The time for a final response is over. */
  timeout(transaction: number): void {
    const transactions = this.#transactions;
    const peer = this.#peers.indexOf(transactions.table.field(transaction, TransactionField.owner) - 1);
    if (peer < 0) return;
    const sinceMicros = transactions.microsSinceBegun(transaction);
    // Who has answered a later request is there: one response was lost.
    const wasSilent = this.#peers.answeredMicros[peer]! <= this.#clock.micros - sinceMicros;
    if (wasSilent) this.#events.peerChecked(peer, false, -1);
  }
}
