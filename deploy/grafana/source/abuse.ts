// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, bars, lines, number } from './panels.ts';
import { increase, rate, ratio, sensor, traffic } from './queries.ts';

const registrationResults = (matchers: string): string => traffic('sip_registration_results_total', matchers);
const attempts = traffic('sip_session_attempts_total');
const codes = (matchers: string): string => traffic('sip_session_attempt_codes_total', matchers);

/** Scans, guesses and bursts, as far as they show in counters. */
export const abuse: NamedDashboard = makeDashboard({
  name: 'abuse',
  title: 'Abuse',
  about:
    'Scans, guessed passwords, bursts and short calls. No identities: read those in a capture (docs/runbooks.md).',
  rows: [
    {
      title: 'Found',
      panels: [
        bars(
          {
            title: 'Scans',
            about: 'Sources that tried addresses, numbers, servers or passwords, in the time shown.',
            unit: 'short',
            width: 6,
          },
          [increase(traffic('sip_scans_total'), ['kind']), '{{kind}}'],
        ),
        areas(
          {
            title: 'Refused to scanning sources',
            about: 'Attempts that are no customers: what to take from the failures.',
            unit: 'cps',
            width: 6,
          },
          [rate(traffic('sip_scan_failures_total'), ['kind']), '{{kind}}'],
        ),
        bars(
          {
            title: 'Bursts, accounts that moved',
            about: 'Sources with very many calls at once; accounts that register from another country.',
            unit: 'short',
            width: 6,
          },
          [
            `label_replace(${increase(traffic('sip_session_attempt_bursts_total'))}, "what", "bursts", "", "") or label_replace(${increase(traffic('sip_account_country_changes_total'))}, "what", "accounts that moved", "", "")`,
            '{{what}}',
          ],
        ),
        lines(
          {
            title: 'Scanners that say who they are',
            about: 'Requests by --abuse.scanner-agents.',
            unit: 'reqps',
            width: 6,
          },
          [rate(traffic('sip_scanner_requests_total'), ['method']), '{{method}}'],
        ),
        lines(
          {
            title: 'Attempts in bursts',
            about: 'Of all session attempts.',
            unit: 'percentunit',
            width: 8,
            limits: { warn: 0.1, bad: 0.5 },
          },
          [ratio(traffic('sip_session_attempts_in_bursts_total'), attempts), 'of all attempts'],
        ),
        lines(
          {
            title: 'Sessions of their limit',
            about: 'By carrier with a limit (--abuse.session-limit).',
            unit: 'percentunit',
            width: 8,
            limits: { warn: 0.9, bad: 1 },
          },
          [sensor('sip_session_limit_ratio'), '{{carrier}} {{instance}}'],
        ),
        bars(
          {
            title: 'Attempts beyond the limit',
            about: 'Calls that began while their carrier had all its sessions, in the time shown.',
            unit: 'short',
            width: 8,
          },
          [increase(sensor('sip_session_attempts_over_limit_total'), ['carrier']), '{{carrier}}'],
        ),
      ],
    },
    {
      title: 'Now',
      panels: [
        number(
          {
            title: 'Wrong passwords',
            about: 'Registrations challenged again after credentials were sent.',
            unit: 'cps',
            width: 6,
            limits: { warn: 0.2, bad: 1 },
          },
          rate(registrationResults('result="authentication_failed"')),
        ),
        number(
          {
            title: 'Challenges nobody answers',
            about: 'Calls given up after a 401 or 407: who has no password tries for free calls.',
            unit: 'cps',
            width: 6,
            limits: { warn: 0.2, bad: 1 },
          },
          rate(traffic('sip_session_attempt_results_total', 'result="challenged"')),
        ),
        number(
          {
            title: 'Short calls',
            about:
              'Share of sessions that ended within --abuse.short-session (10 s): wangiri, robocalls, false answers.',
            unit: 'percentunit',
            width: 6,
            limits: { warn: 0.2, bad: 0.4 },
          },
          ratio(
            traffic('sip_short_sessions_total'),
            traffic('sip_session_duration_seconds_count', 'outcome="success"'),
          ),
        ),
        number(
          {
            title: 'Attempts by those of the last day',
            about: 'Attempts of the last minutes by the mean of a day: a burst is many times 1.',
            unit: 'none',
            width: 6,
            limits: { warn: 3, bad: 10 },
          },
          `sum(rate(${attempts}[5m])) / sum(rate(${attempts}[1d]))`,
        ),
      ],
    },
    {
      title: 'Guessing',
      panels: [
        areas(
          {
            title: 'Registrations that fail',
            about: 'rejected with 403 or 404: addresses that do not exist are tried.',
            unit: 'cps',
            width: 12,
          },
          [
            rate(registrationResults('result=~"authentication_failed|challenged|rejected"'), ['result']),
            '{{result}}',
          ],
        ),
        areas(
          {
            title: 'Calls to nowhere',
            about: 'Numbers that do not exist or may not be called, and challenges nobody answers.',
            unit: 'cps',
            width: 12,
          },
          [rate(codes('code=~"401|403|404|407|484|604"'), ['code']), '{{code}}'],
        ),
        lines(
          {
            title: 'OPTIONS and unknown methods',
            about: 'Scanners ask with OPTIONS; unknown methods are of nobody.',
            unit: 'reqps',
            width: 12,
          },
          [rate(traffic('sip_requests_total', 'method=~"OPTIONS|other"'), ['method']), '{{method}}'],
        ),
        bars(
          {
            title: 'Not SIP',
            about: 'What came to SIP ports and is no usable SIP message, in the time shown.',
            unit: 'short',
            width: 12,
          },
          [`${increase(traffic('sip_parse_errors_total'), ['reason'])} > 0`, '{{reason}}'],
        ),
      ],
    },
    {
      title: 'Bursts and false answers',
      panels: [
        lines(
          {
            title: 'Attempts, and the same a day before',
            about: 'Calls that come at an hour when there are none.',
            unit: 'cps',
            width: 12,
          },
          [rate(attempts), 'now'],
          [`sum(rate(${attempts}[$__rate_interval] offset 1d))`, 'a day before'],
        ),
        lines(
          {
            title: 'False answers suspected',
            about: 'Calls whose called side was silent for 3 s behind its answer while the caller spoke.',
            unit: 'percentunit',
            width: 12,
            limits: { warn: 0.02, bad: 0.05 },
          },
          [
            ratio(
              traffic('rtp_call_findings_total', 'finding="false_answer_suspected"'),
              traffic('rtp_call_results_total', 'result=~"both_ways|caller_only"'),
            ),
            'of calls with media of the caller',
          ],
        ),
      ],
    },
  ],
});
