// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import { LifetimeLadder } from '../base/lifetime-ladder.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { CallEvents } from './call-events.ts';
import type { StateLimits } from './state-limits.ts';

/** Fields of a record: context, number of bindings, then two for each binding. */
const CONTEXT = 0;
const COUNT = 1;
const FIRST_BINDING = 2;
/** A binding: hash of the contact's URI, and the second since the epoch at which it is over. */
const BINDING_FIELDS = 2;

/**
 * Contact bindings by address-of-record (RFC 3261 §10.3), a record for each address with all its bindings. A 2xx to
 * REGISTER lists every binding the registrar has: `begin`, `list` for each, `end` replace what was known, so that
 * it does not matter how often and on how many hops it is seen. Time is kept in whole seconds, as on the wire.
 */
export class Registrations {
  readonly table: KeyedTable;

  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  readonly #ladder = new LifetimeLadder(0);
  readonly #maxBindings: number;
  readonly #limitSeconds: number;
  #slot = -1;
  #countBefore = 0;

  constructor(limits: StateLimits, clock: PacketClock, events: CallEvents) {
    const fields = FIRST_BINDING + BINDING_FIELDS * limits.maxBindings;
    this.table = new KeyedTable(limits.maxRegistrations, fields, LifetimeLadder.lifetimesMicros, clock);
    this.#clock = clock;
    this.#events = events;
    this.#maxBindings = limits.maxBindings;
    this.#limitSeconds = Math.ceil(limits.registrationLimitMicros / 1e6);
  }

  /** Begins a change of an address's bindings, `keepsOthers` when those that are not listed stay. */
  begin(low: number, high: number, keepsOthers: boolean, context: number): void {
    const { table } = this;
    let slot = table.find(low, high);
    if (slot < 0) {
      if (table.size === table.limit) this.#evict();
      slot = table.insert(low, high, this.#ladder.first);
      table.setField(slot, CONTEXT, context);
      table.setField(slot, COUNT, 0);
    }
    this.#slot = slot;
    this.#countBefore = table.field(slot, COUNT);
    if (!keepsOthers) table.setField(slot, COUNT, 0);
  }

  /** A binding and how long it is to live, 0 to remove it; clamped to the limit. */
  list(contact: number, expiresSeconds: number): void {
    const { table } = this;
    const slot = this.#slot;
    const index = this.#indexOf(contact);
    if (expiresSeconds <= 0) {
      if (index >= 0) this.#removeBinding(slot, index);
      return;
    }
    const deadline = this.#nowSeconds() + Math.min(expiresSeconds, this.#limitSeconds);
    if (index >= 0) {
      table.setField(slot, FIRST_BINDING + index * BINDING_FIELDS + 1, deadline);
      return;
    }
    const count = table.field(slot, COUNT);
    if (count === this.#maxBindings) {
      table.evictedOpen++;
      return;
    }
    table.setField(slot, FIRST_BINDING + count * BINDING_FIELDS, contact);
    table.setField(slot, FIRST_BINDING + count * BINDING_FIELDS + 1, deadline);
    table.setField(slot, COUNT, count + 1);
  }

  /** Ends a change. */
  end(): void {
    this.#settle(this.#slot, this.#countBefore);
  }

  /** One step of expiry: forgets the bindings of one address whose time is over. Returns whether there was one. */
  expire(): boolean {
    const { table } = this;
    for (let queue = this.#ladder.first; queue <= this.#ladder.last; queue++) {
      const slot = table.due(queue);
      if (slot < 0) continue;
      const countBefore = table.field(slot, COUNT);
      const nowSeconds = this.#nowSeconds();
      for (let index = countBefore - 1; index >= 0; index--) {
        if (this.#deadlineOf(slot, index) <= nowSeconds) this.#removeBinding(slot, index);
      }
      this.#settle(slot, countBefore);
      return true;
    }
    return false;
  }

  /** Tells the change, and lets the record wait for the first of its bindings to end. */
  #settle(slot: number, countBefore: number): void {
    const { table } = this;
    const count = table.field(slot, COUNT);
    if (count !== countBefore) this.#events.bindingsChanged(table.field(slot, CONTEXT), count - countBefore);
    if (count === 0) {
      table.remove(slot);
      return;
    }
    let first = this.#deadlineOf(slot, 0);
    for (let index = 1; index < count; index++) first = Math.min(first, this.#deadlineOf(slot, index));
    table.move(slot, this.#ladder.queueFor(first * 1e6 - this.#clock.micros));
  }

  #evict(): void {
    const { table } = this;
    const victim = table.victim();
    const count = table.field(victim, COUNT);
    // Bindings are what is counted, of an address as of one that has too many.
    table.evictedOpen += count;
    this.#events.bindingsChanged(table.field(victim, CONTEXT), -count);
    table.remove(victim);
  }

  #indexOf(contact: number): number {
    const { table } = this;
    const count = table.field(this.#slot, COUNT);
    for (let index = 0; index < count; index++) {
      if (table.field(this.#slot, FIRST_BINDING + index * BINDING_FIELDS) === contact) return index;
    }
    return -1;
  }

  #deadlineOf(slot: number, index: number): number {
    return this.table.field(slot, FIRST_BINDING + index * BINDING_FIELDS + 1) >>> 0;
  }

  #removeBinding(slot: number, index: number): void {
    const { table } = this;
    const last = table.field(slot, COUNT) - 1;
    const from = FIRST_BINDING + last * BINDING_FIELDS;
    const to = FIRST_BINDING + index * BINDING_FIELDS;
    table.setField(slot, to, table.field(slot, from));
    table.setField(slot, to + 1, table.field(slot, from + 1));
    table.setField(slot, COUNT, last);
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.micros / 1e6);
  }
}
