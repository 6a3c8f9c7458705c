// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { MAX_ADDRESS_OF_RECORD_BYTES, readAddressOfRecord } from '../sip/address-of-record.ts';
import { ContactList } from '../sip/contact-list.ts';
import type { SipMessage } from '../sip/message.ts';
import type { CallEvents } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import type { OriginEvents } from './origin.ts';
import { RegistrationAttempts } from './registration-attempts.ts';
import { Registrations } from './registrations.ts';
import type { StateLimits } from './state-limits.ts';
import { TransactionField, type Transactions } from './transactions.ts';

/** What a REGISTER asked for, in its transaction's flags. */
const Asked = { contact: 1, star: 2 } as const;

/** Expiry where neither side says one (RFC 3261 §10.2.1.1). */
const DEFAULT_EXPIRES_SECONDS = 3600;

/** What REGISTER transactions say: attempts and bindings, as a registrar would keep them. */
export class Registrar {
  readonly attempts: RegistrationAttempts;
  readonly registrations: Registrations;

  readonly #transactions: Transactions;
  readonly #hash: SeededHash;
  readonly #address = new Uint8Array(MAX_ADDRESS_OF_RECORD_BYTES);
  readonly #addressView = new DataView(this.#address.buffer);
  readonly #contacts = new ContactList();

  constructor(
    limits: StateLimits,
    transactions: Transactions,
    hash: SeededHash,
    clock: PacketClock,
    events: CallEvents,
    origins?: OriginEvents,
  ) {
    this.attempts = new RegistrationAttempts(limits, clock, events, origins);
    this.registrations = new Registrations(limits, clock, events);
    this.#transactions = transactions;
    this.#hash = hash;
  }

  /** One step of expiry. Returns whether there was something to do. */
  expire(): boolean {
    return this.attempts.expire() || this.registrations.expire();
  }

  /** A REGISTER, not seen before. */
  request(key: CallKey, message: SipMessage, context: number): void {
    const { table, slot } = this.#transactions;
    // The same REGISTER on other addresses, behind NAT on this host.
    if (table.field(slot, TransactionField.owner) !== 0) return;
    key.readRegistration(message, this.#addressView, this.#readAddress(message));
    const attempt = this.attempts.register(key, message, context);
    this.#transactions.setOwner(attempt, this.attempts.table.keyLow(attempt));
    this.#noteContact(message);
  }

  /** A final response to a REGISTER, not seen before. */
  response(key: CallKey, message: SipMessage): void {
    let attempt = this.#transactions.ownerIn(this.attempts.table);
    if (!this.#transactions.hasRequest) {
      key.readRegistration(message, this.#addressView, this.#readAddress(message));
      attempt = this.attempts.follow(key, message);
    }
    if (attempt >= 0) this.attempts.answered(attempt, message);
    if (message.statusCode < 300) this.#setBindings(message);
  }

  /** Remembers what the response may leave out: the first contact, and the expiry. */
  #noteContact(message: SipMessage): void {
    const { table, slot } = this.#transactions;
    const contacts = this.#contacts;
    contacts.read(message);
    let asked = 0;
    let expiresSeconds = message.expiresSeconds;
    if (contacts.next()) {
      asked = contacts.isStar ? Asked.contact | Asked.star : Asked.contact;
      if (contacts.expiresSeconds >= 0) expiresSeconds = contacts.expiresSeconds;
      table.setField(slot, TransactionField.contact, this.#contactHash(message));
    }
    table.setField(slot, TransactionField.flags, asked);
    table.setField(
      slot,
      TransactionField.expiresSeconds,
      expiresSeconds >= 0 ? expiresSeconds : DEFAULT_EXPIRES_SECONDS,
    );
  }

  /**
   * The Contacts of a 2xx are all bindings there are (§10.3 step 8). A registrar that lists none is believed when
   * nothing was asked for; else what was asked for is taken as done.
   */
  #setBindings(message: SipMessage): void {
    const { table, slot } = this.#transactions;
    const { registrations } = this;
    const contacts = this.#contacts;
    const isRequestKnown = table.field(slot, TransactionField.owner) !== 0;
    const asked = table.field(slot, TransactionField.flags);
    const askedSeconds = isRequestKnown
      ? table.field(slot, TransactionField.expiresSeconds)
      : DEFAULT_EXPIRES_SECONDS;
    const length = this.#readAddress(message);
    this.#hash.hash(this.#addressView, 0, length);
    const { low, high } = this.#hash;
    contacts.read(message);
    const isListed = contacts.next();
    if (!isListed && !isRequestKnown) return;
    const context = table.field(slot, TransactionField.context);
    registrations.begin(low, high, !isListed && asked === Asked.contact, context);
    if (isListed) {
      const defaultSeconds = message.expiresSeconds >= 0 ? message.expiresSeconds : askedSeconds;
      do {
        if (contacts.isStar) continue;
        const seconds = contacts.expiresSeconds >= 0 ? contacts.expiresSeconds : defaultSeconds;
        registrations.list(this.#contactHash(message), seconds);
      } while (contacts.next());
    } else if (asked === Asked.contact) {
      const seconds = message.expiresSeconds >= 0 ? message.expiresSeconds : askedSeconds;
      registrations.list(table.field(slot, TransactionField.contact), seconds);
    }
    registrations.end();
  }

  #readAddress(message: SipMessage): number {
    return readAddressOfRecord(message.bytes, message.toOffset, message.toLength, this.#address);
  }

  #contactHash(message: SipMessage): number {
    this.#hash.hash(message.view, this.#contacts.uriOffset, this.#contacts.uriLength);
    return this.#hash.low;
  }
}
