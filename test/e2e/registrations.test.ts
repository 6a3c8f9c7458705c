// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Real SIPp registrations over veth against the real program.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { checkFlow } from './check-flow.ts';
import { planOf } from './expected-figures.ts';
import { type Flow, registrationFlows } from './flows.ts';

const shortRetryTimeout = { args: ['--sip.retry-timeout', '1s'] };

describe('root: registrations', { concurrency: 3 }, () => {
  test('accepted', () => checkFlow({ flow: registrationFlows.registered, calls: 100 }));
  test('accepted with digest: one attempt each', () =>
    checkFlow({ flow: registrationFlows.registeredWithDigest, calls: 100 }));
  test('challenged again after a wrong password', () =>
    checkFlow({ flow: registrationFlows.registeredWithWrongPassword, calls: 100 }));
  test('given up after a 401', () =>
    checkFlow({ flow: registrationFlows.challenged, calls: 100 }, shortRetryTimeout));
  test('given up after a 423', () =>
    checkFlow({ flow: registrationFlows.intervalTooBrief, calls: 100 }, shortRetryTimeout));
  test('refused with 403', () => checkFlow({ flow: registrationFlows.forbidden, calls: 100 }));
  test('refused with 503', () => checkFlow({ flow: registrationFlows.unavailable, calls: 100 }));
  test('bindings come, stay when refreshed, and go', checkBindings);
  test('bindings go when they expire', checkExpiry);
});

async function checkBindings(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  const { registered, unregistered, unregisteredAll } = registrationFlows;
  // Calls count from 1 in each run, so that each run begins with the same addresses-of-record.
  const steps: readonly (readonly [Flow, calls: number, bindings: number])[] = [
    [registered, 20, 20],
    [registered, 20, 20],
    [unregistered, 8, 12],
    [registered, 5, 17],
    [unregisteredAll, 10, 10],
    [unregisteredAll, 20, 0],
  ];
  for (const [flow, calls, bindings] of steps) {
    await runCalls(network, planOf({ flow, calls }));
    assert.equal(figuresOf(await settle(network, ringtap)).bindings, bindings);
  }
}

async function checkExpiry(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  const { registered } = registrationFlows;
  await runCalls(network, planOf({ flow: registered, calls: 20 }));
  const brief = { port: 5060, keys: { ...registered.keys, expires: '8' } };
  // Other addresses-of-record: their host part is the IPv6 address.
  await runCalls(network, planOf({ flow: registered, calls: 10 }, { ...brief, ipv6: true }));
  assert.equal(figuresOf(await settle(network, ringtap)).bindings, 30);
  await ringtap.scrapeUntil('the brief ones are gone', (scrape) => scrape.sum('sip_registrations') <= 20);
  assert.equal(figuresOf(await settle(network, ringtap)).bindings, 20);
}
