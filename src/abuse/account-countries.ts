// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';

/** Countries remembered of an account, and the two fields of each: its number, 0 for none, and the second it was seen last, modulo 2^32. */
const COUNTRIES = 4;
const COUNTRY_FIELDS = 2;

/**
 * In which countries accounts were lately. An account with a phone here and another there is in both: what counts is a
 * country where it was not, while it was in another.
 */
export class AccountCountries {
  readonly table: KeyedTable;
  /** Those that the account was in when `isChange` said so, first the latest; 0 stands for none. */
  readonly before: Int32Array = new Int32Array(COUNTRIES);

  readonly #clock: PacketClock;
  readonly #seconds: number;

  /** An account is known for `lifetimeMicros` after it was seen. */
  constructor(limit: number, lifetimeMicros: number, clock: PacketClock) {
    this.table = new KeyedTable(limit, COUNTRIES * COUNTRY_FIELDS, [lifetimeMicros], clock);
    this.#clock = clock;
    this.#seconds = Math.ceil(lifetimeMicros / 1e6);
  }

  /** An account, by its hash, is in a country now. Returns whether that is new of it. */
  isChange(low: number, high: number, country: number): boolean {
    const { table } = this;
    let slot = table.find(low, high);
    if (slot < 0) {
      this.expire();
      if (table.size === table.limit) table.evict(table.victim(), false);
      slot = table.insert(low, high, 0);
      table.clearFields(slot);
    } else table.move(slot, 0);
    const known = this.#forget(slot, country);
    const isChange = !known && table.field(slot, 0) !== 0;
    if (isChange) for (let i = 0; i < COUNTRIES; i++) this.before[i] = table.field(slot, i * COUNTRY_FIELDS);
    this.#putFirst(slot, country);
    return isChange;
  }

  /** Forgets some of what is over. Returns whether there may be more. */
  expire(): boolean {
    return this.table.removeDue(0) > 0;
  }

  /** Takes countries of long ago, and this one, off the account's list. Returns whether this one was on it. */
  #forget(slot: number, country: number): boolean {
    const { table } = this;
    const nowSeconds = this.#nowSeconds();
    let isKnown = false;
    let kept = 0;
    for (let i = 0; i < COUNTRIES; i++) {
      const other = table.field(slot, i * COUNTRY_FIELDS);
      const seconds = table.field(slot, i * COUNTRY_FIELDS + 1);
      if (other === 0) break;
      if (((nowSeconds - seconds) | 0) > this.#seconds) continue;
      if (other === country) isKnown = true;
      else this.#set(slot, kept++, other, seconds);
    }
    for (let i = kept; i < COUNTRIES; i++) this.#set(slot, i, 0, 0);
    return isKnown;
  }

  /** Puts the country at the front of the list; the one seen longest ago makes room. */
  #putFirst(slot: number, country: number): void {
    const { table } = this;
    for (let i = COUNTRIES - 1; i > 0; i--) {
      const from = (i - 1) * COUNTRY_FIELDS;
      this.#set(slot, i, table.field(slot, from), table.field(slot, from + 1));
    }
    this.#set(slot, 0, country, this.#nowSeconds());
  }

  #set(slot: number, index: number, country: number, seconds: number): void {
    this.table.setField(slot, index * COUNTRY_FIELDS, country);
    this.table.setField(slot, index * COUNTRY_FIELDS + 1, seconds);
  }

  /** Since the epoch, as an int32 that wraps in 2038. */
  #nowSeconds(): number {
    return (this.#clock.micros / 1e6) | 0;
  }
}
