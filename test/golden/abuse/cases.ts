// SPDX-License-Identifier: Apache-2.0
import type { Traffic } from './traffic.ts';

/** What a capture leaves behind in the families of abuse; what is not given is 0. */
export type AbuseFigures = Readonly<Record<string, number>>;

/** One capture, what is looked for in it, and what is found. */
export interface AbuseCase {
  readonly name: string;
  readonly meaning: string;
  /** Options of the command line; `COUNTRIES` stands for the path of a country database. */
  readonly options?: readonly string[];
  readonly play: (traffic: Traffic) => void;
  readonly expected: AbuseFigures;
  /** Lines for the log. */
  readonly findings: readonly string[];
}

const scanner = '192.0.2.66';
const customer = '192.0.2.10';

const times = (count: number, step: (i: number) => void): void => {
  for (let i = 0; i < count; i++) step(i);
};

/** In the order of docs/abuse.md. */
export const abuseCases: readonly AbuseCase[] = [
  {
    name: 'registration-scan',
    meaning:
      'Twelve addresses are refused to a source: with the tenth it scans, and all twelve count. A customer who fails twelve times with one address does not.',
    play: (traffic) => {
      times(12, (i) => traffic.register(i, { source: scanner, user: `${100 + i}` }, i % 2 ? 403 : 404));
      times(12, (i) => traffic.registerWithCredentials(i, { source: customer, user: 'alice' }, 403));
    },
    expected: { 'sip_scans_total registration': 1, 'sip_scan_failures_total registration': 12 },
    findings: ['registration scan from 192.0.2.66'],
  },
  {
    name: 'challenges-without-credentials',
    meaning: 'Whoever only collects challenges is refused when the time for credentials is over, after 32 s.',
    play: (traffic) => {
      times(10, (i) => traffic.register(i, { source: scanner, user: `${100 + i}` }, 401));
      // With credentials, they are customers.
      times(20, (i) => traffic.registerWithCredentials(i, { source: customer, user: `${200 + i}` }, 200));
      traffic.tick(60);
    },
    expected: { 'sip_scans_total registration': 1, 'sip_scan_failures_total registration': 10 },
    findings: ['registration scan from 192.0.2.66'],
  },
  {
    name: 'registration-scan-windows',
    meaning:
      'Windows follow each other: nine in each of two are none, ten in each are a scan each. Server errors are no refusals.',
    play: (traffic) => {
      times(18, (i) => traffic.register(51 + i, { source: scanner, user: `${100 + i}` }, 404));
      times(20, (i) => traffic.register(170 + i, { source: scanner, user: `${100 + i}` }, 404));
      times(20, (i) => traffic.register(i, { source: '192.0.2.67', user: `${100 + i}` }, 500));
    },
    expected: { 'sip_scans_total registration': 2, 'sip_scan_failures_total registration': 20 },
    findings: ['registration scan from 192.0.2.66', 'registration scan from 192.0.2.66'],
  },
  {
    name: 'registration-scan-ipv6',
    meaning: 'All addresses behind a /64 are one source, those of different /64 are not.',
    play: (traffic) => {
      times(10, (i) => traffic.register(i, { source: `2001:db8:0:1::${i + 1}`, user: `${100 + i}` }, 404));
      times(10, (i) => traffic.register(i, { source: `2001:db8:1:${i + 1}::1`, user: `${200 + i}` }, 404));
    },
    expected: { 'sip_scans_total registration': 1, 'sip_scan_failures_total registration': 10 },
    findings: ['registration scan from 2001:db8:0:1::/64'],
  },
  {
    name: 'registration-scan-proxy',
    meaning: 'Of an attempt that is seen on two hops, the source is that of the first.',
    options: ['--abuse.registration-scan', '3'],
    play: (traffic) => {
      times(4, (i) =>
        traffic.registerThroughProxy(i, { source: scanner, user: `${100 + i}` }, '198.51.100.2', 403),
      );
      times(2, (i) =>
        traffic.registerThroughProxy(i, { source: customer, user: `${200 + i}` }, '198.51.100.2', 403),
      );
    },
    expected: { 'sip_scans_total registration': 1, 'sip_scan_failures_total registration': 4 },
    findings: ['registration scan from 192.0.2.66'],
  },
  {
    name: 'trusted-networks',
    meaning: 'Trusted sources are not looked at, whatever they do.',
    options: ['--abuse.trusted-networks', '192.0.2.64/28, 2001:db8::/48'],
    play: (traffic) => {
      times(12, (i) => {
        traffic.register(i, { source: scanner, user: `${100 + i}`, agent: 'sipcli/v1.8' }, 404);
        traffic.register(i, { source: '2001:db8:0:1::1', user: `${100 + i}` }, 404);
        traffic.options(i, { source: scanner, user: '100', server: `198.51.100.${i}` }, 404);
        traffic.register(i, { source: customer, user: `${100 + i}` }, 404);
      });
    },
    expected: { 'sip_scans_total registration': 1, 'sip_scan_failures_total registration': 12 },
    findings: ['registration scan from 192.0.2.10'],
  },
  {
    name: 'password-guessing',
    meaning: 'Thirty passwords for one account; whoever was not asked for one did not guess.',
    play: (traffic) => {
      times(31, (i) => traffic.registerWithCredentials(i, { source: scanner, user: 'alice' }, 401));
      times(40, (i) => traffic.register(i, { source: customer, user: 'bob' }, 404));
    },
    expected: { 'sip_scans_total password': 1, 'sip_scan_failures_total password': 31 },
    findings: ['password guessing from 192.0.2.66'],
  },
  {
    name: 'invite-scan',
    meaning: 'Fifty numbers are refused to a caller; results come 5 s late. Who is busy did not refuse.',
    play: (traffic) => {
      times(50, (i) => traffic.refused(i * 0.5, { source: scanner, user: `00${i}` }, i % 2 ? 403 : 484));
      times(50, (i) => traffic.refused(i * 0.5, { source: customer, user: `00${i}` }, 486));
      traffic.tick(40);
    },
    expected: { 'sip_scans_total invite': 1, 'sip_scan_failures_total invite': 50 },
    findings: ['INVITE scan from 192.0.2.66'],
  },
  {
    name: 'options-scan',
    meaning: 'One address is asked for on twenty servers; who asks a server again and again looks after it.',
    play: (traffic) => {
      times(21, (i) =>
        traffic.options(i, { source: scanner, user: '100', server: `198.51.100.${i + 1}` }, 404),
      );
      times(30, (i) => traffic.options(i, { source: customer, user: 'ping' }, 404));
      times(30, (i) =>
        traffic.options(i, { source: '192.0.2.11', user: 'ping', server: `198.51.100.${i + 1}` }, 200),
      );
    },
    expected: { 'sip_scans_total options': 1, 'sip_scan_failures_total options': 21 },
    findings: ['OPTIONS scan from 192.0.2.66'],
  },
  {
    name: 'scanner-agents',
    meaning:
      'Scanners that say who they are; what is inside of a dialog does not count, nor what others are called.',
    play: (traffic) => {
      traffic.options(0, { source: scanner, user: '100', agent: 'friendly-scanner' }, 200);
      traffic.register(1, { source: scanner, user: '100', agent: 'VaxSIPUserAgent/3.5' }, 403);
      traffic.answered(2, { source: scanner, user: '100', agent: 'SIPCLI/v1.8' }, 20);
      traffic.options(3, { source: customer, user: '100', agent: 'A friendly-scanner' }, 200);
    },
    expected: {
      'sip_scanner_requests_total OPTIONS': 1,
      'sip_scanner_requests_total REGISTER': 1,
      'sip_scanner_requests_total INVITE': 1,
    },
    findings: [],
  },
  {
    name: 'bursts',
    meaning:
      'A hundred calls within a window of 10 s are a burst, and so is each window that has as many; 99 are none.',
    play: (traffic) => {
      times(110, (i) => traffic.refused(i * 0.05, { source: scanner, user: 'bob' }, 486));
      times(100, (i) => traffic.refused(10 + i * 0.05, { source: scanner, user: 'bob' }, 486));
      times(99, (i) => traffic.refused(i * 0.1, { source: customer, user: 'bob' }, 486));
    },
    expected: { sip_session_attempt_bursts_total: 2, sip_session_attempts_in_bursts_total: 210 },
    findings: ['burst of session attempts from 192.0.2.66', 'burst of session attempts from 192.0.2.66'],
  },
  {
    name: 'account-countries',
    meaning:
      'Alice is in Germany, then in the United States: a change. Then in both, which is none; and a day later in France, when nothing is known any more.',
    options: ['--labels.country-database', 'COUNTRIES', '--abuse.country-window', '2h'],
    play: (traffic) => {
      const at = (seconds: number, source: string, user: string, code = 200): void =>
        traffic.registerWithCredentials(seconds, { source, user }, code);
      at(0, '5.0.0.1', 'alice');
      at(10, '5.0.0.9', 'alice');
      at(20, '8.0.0.1', 'mallory');
      // Not she, as far as the registrar knows.
      at(30, '2.0.0.1', 'alice', 403);
      at(600, '8.0.0.1', 'alice');
      at(3000, '5.0.0.1', 'alice');
      at(5000, '8.0.0.1', 'alice');
      // Of no country that the database knows.
      at(5100, '10.0.0.1', 'alice');
      at(90_000, '2.0.0.1', 'alice');
    },
    expected: { sip_account_country_changes_total: 1 },
    findings: ['account in another country from 8.0.0.1: US, before DE'],
  },
  {
    name: 'short-sessions',
    meaning: 'Sessions of less than 10 s are short.',
    play: (traffic) => {
      for (const [i, seconds] of [0.5, 9.9, 10, 60].entries()) {
        traffic.answered(i, { source: customer, user: 'bob' }, seconds);
      }
      traffic.refused(5, { source: customer, user: 'bob' }, 486);
    },
    expected: { sip_short_sessions_total: 2 },
    findings: [],
  },
  {
    name: 'session-limit',
    meaning:
      'A carrier with two sessions of two: a third one and a fourth begin over the limit, and the third is answered; another carrier has no limit.',
    options: [
      ...['--labels.carrier', 'telco=192.0.2.0/26', '--labels.carrier', 'second=192.0.2.64/26'],
      ...['--abuse.session-limit', 'telco=2', '--abuse.short-session', '0s'],
    ],
    play: (traffic) => {
      traffic.answered(0, { source: customer, user: 'bob' }, 30);
      traffic.answered(1, { source: customer, user: 'bob' }, 60);
      traffic.answered(2, { source: customer, user: 'bob' }, 0);
      traffic.refused(3, { source: customer, user: 'bob' }, 503);
      times(5, (i) => traffic.answered(4 + i, { source: scanner, user: 'bob' }, 0));
      traffic.answered(70, { source: customer, user: 'bob' }, 0);
      traffic.tick(80);
    },
    expected: {
      'sip_session_limit telco': 2,
      'sip_session_limit_ratio telco': 1,
      'sip_session_attempts_over_limit_total telco': 2,
    },
    findings: [],
  },
];
