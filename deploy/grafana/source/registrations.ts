// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, bars, density, lines, number } from './panels.ts';
import { increase, quantile, rate, ratio, total, traffic } from './queries.ts';

const results = (matchers = ''): string => traffic('sip_registration_results_total', matchers);
const delay = traffic('sip_registration_request_delay_seconds_bucket');
const ineffective = results('result=~"rejected|server_error|global_error|timeout",code!="402"');

/** Who registers, and who cannot. */
export const registrations: NamedDashboard = makeDashboard({
  name: 'registrations',
  title: 'Registrations',
  about: 'Contacts, registration attempts and their results (RFC 6076 §4.1, §4.2).',
  rows: [
    {
      title: 'Now',
      panels: [
        number(
          {
            title: 'Registered',
            about: 'Contacts that a registrar confirmed and that did not expire.',
            unit: 'short',
            width: 6,
          },
          total(traffic('sip_registrations')),
        ),
        number(
          {
            title: 'Attempts',
            about: 'Registration attempts; a challenge and its answer are one.',
            unit: 'cps',
            width: 6,
          },
          rate(traffic('sip_registration_attempts_total')),
        ),
        number(
          {
            title: 'IRA',
            about:
              'Ineffective registration attempts: 4xx but 401, 402 and 407, 5xx, 6xx or silence, by attempt (RFC 6076 §4.2).',
            unit: 'percentunit',
            width: 6,
            limits: { warn: 0.02, bad: 0.05 },
          },
          ratio(ineffective, results()),
        ),
        number(
          {
            title: 'Registration request delay, 95 %',
            about: 'From the first REGISTER to the 2xx, challenge inside (RRD, RFC 6076 §4.1).',
            unit: 's',
            width: 6,
            limits: { warn: 1, bad: 3 },
          },
          quantile(0.95, delay),
        ),
      ],
    },
    {
      title: 'Over time',
      panels: [
        lines(
          {
            title: 'Registered contacts',
            about: 'A steep fall is an outage of clients or of the way to them.',
            unit: 'short',
            width: 12,
          },
          [total(traffic('sip_registrations'), ['interface', 'direction']), '{{interface}} {{direction}}'],
        ),
        areas(
          {
            title: 'Attempts that ended, by result',
            about: 'authentication_failed: challenged again after credentials were sent.',
            unit: 'cps',
            width: 12,
          },
          [rate(results(), ['result']), '{{result}}'],
        ),
        density(
          {
            title: 'Registration request delay',
            about: 'From the first REGISTER to the 2xx.',
            unit: 's',
            width: 12,
          },
          rate(delay, ['le']),
        ),
        bars(
          {
            title: 'Failures by code',
            about: 'Registration attempts that did not succeed, in the time shown.',
            unit: 'short',
            width: 12,
          },
          [
            `topk(10, ${increase(results('result!="succeeded"'), ['result', 'code'])} > 0)`,
            '{{code}} {{result}}',
          ],
        ),
      ],
    },
  ],
});
