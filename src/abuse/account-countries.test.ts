// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { PacketClock } from '../base/packet-clock.ts';
import { AccountCountries } from './account-countries.ts';

const HOUR_MICROS = 3600e6;
const START = 1_700_000_000e6;

function setUp(limit = 10): { accounts: AccountCountries; clock: PacketClock } {
  const clock = new PacketClock();
  clock.micros = START;
  return { accounts: new AccountCountries(limit, 2 * HOUR_MICROS, clock), clock };
}

test('the first country is none that is new, another one is, and both are known then', () => {
  const { accounts, clock } = setUp();
  assert.equal(accounts.isChange(1, 2, 49), false);
  assert.equal(accounts.isChange(1, 2, 49), false);
  assert.equal(accounts.isChange(1, 3, 44), false, 'of another account');
  assert.equal(accounts.isChange(1, 2, 33), true);
  assert.deepEqual([...accounts.before], [49, 0, 0, 0]);
  clock.micros += HOUR_MICROS;
  assert.equal(accounts.isChange(1, 2, 49), false);
  assert.equal(accounts.isChange(1, 2, 33), false);
});

test('a country is forgotten when the account was not there for long, an account when it was nowhere', () => {
  const { accounts, clock } = setUp();
  accounts.isChange(1, 2, 49);
  clock.micros += HOUR_MICROS;
  assert.equal(accounts.isChange(1, 2, 33), true);
  clock.micros += 1.5 * HOUR_MICROS;
  assert.equal(accounts.isChange(1, 2, 49), true, 'seen there 2.5 hours ago, and in 33 since then');
  clock.micros += 2 * HOUR_MICROS + 1e6;
  assert.equal(accounts.isChange(1, 2, 44), false, 'nothing is known any more');
});

test('countries are remembered beyond 2038, where seconds have more than 31 bits', () => {
  const { accounts, clock } = setUp();
  clock.micros = 2 ** 31 * 1e6 - HOUR_MICROS / 2;
  accounts.isChange(1, 2, 49);
  clock.micros += HOUR_MICROS;
  assert.equal(accounts.isChange(1, 2, 33), true);
  assert.deepEqual([...accounts.before], [49, 0, 0, 0]);
  clock.micros += 1.5 * HOUR_MICROS;
  assert.equal(accounts.isChange(1, 2, 49), true, 'forgotten there 2.5 hours later');
});

test('of more countries than there is room for the one seen longest ago goes', () => {
  const { accounts } = setUp();
  for (const country of [1, 2, 3, 4, 5]) accounts.isChange(1, 2, country);
  assert.equal(accounts.isChange(1, 2, 2), false);
  assert.equal(accounts.isChange(1, 2, 1), true);
  assert.deepEqual([...accounts.before], [2, 5, 4, 3]);
});

test('accounts stay within the limit', () => {
  const { accounts, clock } = setUp(100);
  for (let i = 0; i < 100_000; i++) {
    accounts.isChange(i, i, 49);
    assert.ok(accounts.table.size <= 100);
  }
  assert.equal(accounts.table.evictedOpen, 99_900);
  clock.micros += 3 * HOUR_MICROS;
  while (accounts.expire());
  assert.equal(accounts.table.size, 0);
});
