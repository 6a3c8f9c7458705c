// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, bars, lines, number } from './panels.ts';
import { increase, rate, ratio, traffic } from './queries.ts';

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
            title: 'Shorter than 5 s',
            about: 'Share of sessions that ended within 5 s: wangiri, robocalls, false answers.',
            unit: 'percentunit',
            width: 6,
            limits: { warn: 0.2, bad: 0.4 },
          },
          ratio(
            traffic('sip_session_duration_seconds_bucket', 'le="5.0"'),
            traffic('sip_session_duration_seconds_count'),
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
