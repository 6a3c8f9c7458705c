// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, bars, density, lines, number } from './panels.ts';
import { increase, mean, quantile, rate, ratio, total, traffic } from './queries.ts';
import { ratioNumber, ratios } from './ratios.ts';

const invites = (matchers: string): string => traffic('sip_invite_requests_by_final_code_total', matchers);
const requestDelay = (outcome: string): string =>
  traffic('sip_session_request_delay_seconds_bucket', `outcome="${outcome}"`);
const durations = (name: string, more = ''): string => traffic(`sip_session_duration_seconds_${name}`, more);

/** Calls as RFC 6076 and ITU-T E.411 and E.425 see them. */
export const calls: NamedDashboard = makeDashboard({
  name: 'calls',
  title: 'Calls and RFC 6076',
  about: 'Ratios, results, delays and durations of calls; docs/metrics.md has each definition.',
  rows: [
    {
      title: 'Ratios by attempt, over the time chosen above',
      panels: [
        ratioNumber(ratios.asr, 4),
        ratioNumber(ratios.ner, 4),
        ratioNumber(ratios.ser, 4),
        ratioNumber(ratios.seer, 4),
        ratioNumber(ratios.isa, 4),
        ratioNumber(ratios.scr, 4),
        lines(
          {
            title: 'Ratios by attempt',
            about: 'Challenges, forks and retries are one attempt.',
            unit: 'percentunit',
            width: 12,
            max: 1,
          },
          ...[ratios.asr, ratios.ner, ratios.seer, ratios.isa].map(
            ({ title, numerator, denominator }) => [ratio(numerator, denominator), title] as const,
          ),
        ),
        lines(
          {
            title: 'Ratios by INVITE request',
            about:
              'The form of RFC 6076: each INVITE with its own final code; a challenged call is two, one of them without success.',
            unit: 'percentunit',
            width: 12,
            max: 1,
          },
          [ratio(invites('code=~"2.."'), invites('code!~"3.."')), 'SER'],
          [ratio(invites('code=~"2..|480|486|600|603"'), invites('code!~"3.."')), 'SEER'],
          [ratio(invites('code=~"408|500|503|504|timeout"'), invites('')), 'ISA'],
        ),
      ],
    },
    {
      title: 'Results',
      panels: [
        areas(
          {
            title: 'Attempts that ended, by result',
            about: 'One result for each attempt.',
            unit: 'cps',
            width: 12,
          },
          [rate(traffic('sip_session_attempt_results_total'), ['result']), '{{result}}'],
        ),
        bars(
          {
            title: 'Failures by final code',
            about: 'Attempts that were not answered, in the time shown; timeout: no final response.',
            unit: 'short',
            width: 6,
          },
          [
            `topk(10, ${increase(traffic('sip_session_attempt_codes_total', 'code!~"2.."'), ['code'])} > 0)`,
            '{{code}}',
          ],
        ),
        bars(
          {
            title: 'Reasons',
            about: 'Causes in Reason header fields of what ended calls (RFC 3326).',
            unit: 'short',
            width: 6,
          },
          [
            `topk(10, ${increase(traffic('sip_reason_total'), ['protocol', 'cause'])} > 0)`,
            '{{protocol}} {{cause}}',
          ],
        ),
      ],
    },
    {
      title: 'Delays',
      panels: [
        density(
          {
            title: 'Post-dial delay',
            about: 'From the first INVITE to the first ringing or answer.',
            unit: 's',
            width: 12,
          },
          rate(traffic('sip_post_dial_delay_seconds_bucket'), ['le']),
        ),
        lines(
          {
            title: 'Session request delay (SRD), 95 %',
            about:
              'From the first INVITE to the first response that tells the user something (RFC 6076 §4.3). Success and failure are never mixed.',
            unit: 's',
            width: 12,
          },
          [quantile(0.95, requestDelay('success')), 'success'],
          [quantile(0.95, requestDelay('failure')), 'failure'],
        ),
        lines(
          {
            title: 'Set-up and ringing, 95 %',
            about: 'From the INVITE to the answer, and how long canceled calls had rung.',
            unit: 's',
            width: 12,
          },
          [quantile(0.5, traffic('sip_answer_delay_seconds_bucket')), 'answer, median'],
          [quantile(0.95, traffic('sip_answer_delay_seconds_bucket')), 'answer'],
          [quantile(0.95, traffic('sip_cancel_ring_seconds_bucket')), 'ringing of canceled calls'],
        ),
        lines(
          {
            title: 'Session disconnect delay (SDD), 95 %',
            about: 'From the BYE to its 2xx (RFC 6076 §4.4).',
            unit: 's',
            width: 12,
          },
          [
            quantile(0.95, traffic('sip_session_disconnect_delay_seconds_bucket', 'outcome="success"')),
            'success',
          ],
        ),
      ],
    },
    {
      title: 'Sessions',
      panels: [
        number(
          {
            title: 'Mean duration',
            about: 'Session duration time, the average call hold time (RFC 6076 §4.5).',
            unit: 's',
            width: 4,
          },
          mean(durations('sum', 'outcome="success"'), durations('count', 'outcome="success"')),
        ),
        number(
          {
            title: 'Shorter than 5 s',
            about: 'Share of sessions that ended within 5 s.',
            unit: 'percentunit',
            width: 4,
            limits: { warn: 0.2, bad: 0.4 },
          },
          ratio(durations('bucket', 'le="5.0"'), durations('count')),
        ),
        number(
          {
            title: 'Silence',
            about: 'Attempts that got no final response.',
            unit: 'percentunit',
            width: 4,
            limits: { warn: 0.02, bad: 0.05 },
          },
          ratio(
            traffic('sip_session_attempt_results_total', 'result="timeout"'),
            traffic('sip_session_attempt_results_total'),
          ),
        ),
        number(
          {
            title: 'Ended without BYE',
            about: 'Sessions that ended by a session timer, by eviction, or of which nothing more was heard.',
            unit: 'percentunit',
            width: 4,
            limits: { warn: 0.02, bad: 0.1 },
          },
          ratio(traffic('sip_sessions_ended_total', 'reason!="bye"'), traffic('sip_sessions_ended_total')),
        ),
        number(
          { title: 'Calls', about: 'Calls that were answered and are not over.', unit: 'short', width: 4 },
          total(traffic('sip_dialogs', 'state="confirmed"')),
        ),
        number(
          {
            title: 'Of unknown dialogs',
            about:
              'BYE and re-INVITE of calls that began before ringtap did, or whose INVITE came another way.',
            unit: 'reqps',
            width: 4,
          },
          rate(traffic('sip_unknown_dialog_messages_total')),
        ),
        areas(
          {
            title: 'Sessions that ended, by reason',
            about: 'bye is as it should be.',
            unit: 'cps',
            width: 12,
          },
          [rate(traffic('sip_sessions_ended_total'), ['reason']), '{{reason}}'],
        ),
        lines(
          {
            title: 'Retransmissions and timeouts by method',
            about: 'Retransmissions of requests by all requests, and transactions without a final response.',
            unit: 'reqps',
            width: 12,
          },
          [rate(traffic('sip_retransmissions_total'), ['method', 'kind']), '{{method}} {{kind}} again'],
          [rate(traffic('sip_transaction_timeouts_total'), ['method']), '{{method}} without answer'],
        ),
      ],
    },
  ],
});
