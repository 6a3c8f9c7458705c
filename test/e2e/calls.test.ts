// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Real SIPp calls over veth against the real program; the counts are
// checked against the plan and, as a second opinion, against tshark.
import { describe, test } from 'node:test';
import { checkFlow, type Situation } from './check-flow.ts';
import type { FlowRun } from './expected-figures.ts';
import { flows } from './flows.ts';

const shortRetryTimeout = ['--sip.retry-timeout', '1s'];

type Case = FlowRun & Situation & { readonly name: string };

const cases: readonly Case[] = [
  { name: 'answered calls', flow: flows.answered, calls: 200 },
  { name: 'calls answered with 486', flow: flows.busy, calls: 100 },
  { name: 'calls answered with 500', flow: flows.serverError, calls: 100 },
  { name: 'calls answered with 302', flow: flows.redirected, calls: 100, args: shortRetryTimeout },
  { name: 'calls answered with 422', flow: flows.intervalTooSmall, calls: 100, args: shortRetryTimeout },
  { name: 'calls the caller cancels', flow: flows.canceled, calls: 100 },
  { name: 'calls the caller cancels too late are answered', flow: flows.canceledTooLate, calls: 100 },
  {
    name: 'calls that need a second INVITE after a 401 are one attempt each',
    flow: flows.challengedThenAnswered401,
    calls: 100,
  },
  {
    name: 'calls that need a second INVITE after a 407 are one attempt each',
    flow: flows.challengedThenAnswered407,
    calls: 100,
  },
  {
    name: 'calls given up after a 401',
    flow: flows.challenged401,
    calls: 100,
    args: shortRetryTimeout,
  },
  {
    name: 'calls given up after a 407',
    flow: flows.challenged407,
    calls: 100,
    args: shortRetryTimeout,
  },
  {
    name: 'reliable early media with PRACK and UPDATE, ended by the callee',
    flow: flows.earlyMedia,
    calls: 50,
  },
  { name: 're-INVITE, REFER and NOTIFY', flow: flows.transferred, calls: 50 },
  { name: 'calls that began before ringtap did', flow: flows.endedUnseen, calls: 100 },
  { name: 'OPTIONS', flow: flows.options, calls: 100 },
  {
    name: 'answered calls on a port nobody named, with --sip.detect',
    flow: flows.answered,
    calls: 100,
    args: ['--sip.detect'],
    plan: { port: 7060 },
  },
  {
    name: 'answered calls over IPv6',
    flow: flows.answered,
    calls: 100,
    plan: { ipv6: true },
    filter: 'ipv6',
  },
  {
    name: 'answered calls in VLAN-tagged frames',
    flow: flows.answered,
    calls: 100,
    vlanTags: 'customer',
    filter: 'vlan.id == 100',
  },
  {
    name: 'answered calls over IPv6 in VLAN-tagged frames',
    flow: flows.answered,
    calls: 100,
    plan: { ipv6: true },
    vlanTags: 'customer',
    filter: 'vlan.id == 100 && ipv6',
  },
  {
    name: 'answered calls in frames with two VLAN tags',
    flow: flows.answered,
    calls: 100,
    vlanTags: 'both',
    filter: 'ieee8021ad.id == 200 && vlan.id == 100',
  },
];

// Each has a network of its own, and most of its time is spent waiting.
describe('root: calls', { concurrency: 3 }, () => {
  for (const { name, flow, calls, ...situation } of cases) {
    test(name, () => checkFlow({ flow, calls }, situation));
  }
});
