// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** What is taken for fraud and abuse. */
export const abuseOptions: readonly OptionDefinition[] = [
  {
    name: 'abuse.registration-scan',
    value: 'N',
    default: '10',
    help: 'A source scans when registrations of so many addresses-of-record were refused to it (401, 403, 404, 407) within --abuse.scan-window, 0 to 256 (0: off).',
  },
  {
    name: 'abuse.invite-scan',
    value: 'N',
    default: '50',
    help: 'The same of calls to so many request URIs (401, 403, 404, 407, 484, 604).',
  },
  {
    name: 'abuse.options-scan',
    value: 'N',
    default: '20',
    help: 'The same of OPTIONS requests to so many addresses or servers.',
  },
  {
    name: 'abuse.password-failures',
    value: 'N',
    default: '30',
    help: 'A source guesses passwords when so many of its registrations failed with credentials within --abuse.scan-window (0: off).',
  },
  {
    name: 'abuse.scan-window',
    value: 'DURATION',
    default: '1m',
    help: 'The time in which a source is looked at for scans, 1s to 1h.',
  },
  {
    name: 'abuse.burst-attempts',
    value: 'N',
    default: '100',
    help: 'So many session attempts of a source within --abuse.burst-window are a burst (0: off).',
  },
  {
    name: 'abuse.burst-window',
    value: 'DURATION',
    default: '10s',
    help: 'The time in which a source is looked at for bursts, 1s to 1h.',
  },
  {
    name: 'abuse.country-window',
    value: 'DURATION',
    default: '24h',
    help: 'How long it is remembered in which countries an account registered; needs --labels.country-database (0s: off).',
  },
  {
    name: 'abuse.short-session',
    value: 'DURATION',
    default: '10s',
    help: 'A session that a BYE ends sooner is short (0s: off).',
  },
  {
    name: 'abuse.session-limit',
    value: 'NAME=SESSIONS',
    repeatable: true,
    help: 'How many sessions the carrier NAME, of --labels.carrier, --labels.carrier-header or --labels.carrier-uri, may have at a time.',
  },
  {
    name: 'abuse.scanner-agents',
    value: 'LIST',
    default: 'known',
    live: true,
    help: 'Patterns of User-Agent by which scanners are known, such as known,mytool*; * stands for any text, ? for a character, letters for both cases. known stands for those in docs/abuse.md, none: off.',
  },
  {
    name: 'abuse.trusted-networks',
    value: 'LIST',
    repeatable: true,
    live: true,
    help: 'Sources that are not looked at, such as 10.0.0.0/8: proxies, session border controllers and trunks, behind which many are. @FILE reads them from a file, one a line.',
  },
  {
    name: 'abuse.ipv6-prefix',
    value: 'N',
    default: '64',
    help: 'How many bits of an IPv6 address are a source, 32 to 64: behind /64 a host chooses its address itself.',
  },
  {
    name: 'abuse.max-sources',
    value: 'N',
    default: '32768',
    help: 'Sources kept of the window, for scans and as many for bursts.',
  },
  {
    name: 'abuse.max-accounts',
    value: 'N',
    default: '131072',
    help: 'Accounts kept with their countries.',
  },
  {
    name: 'abuse.log',
    help: 'Write a log line with its source for what is found, at most 5 a second of each kind and worker.',
  },
];
