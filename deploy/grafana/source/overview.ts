// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, lines, listing, number } from './panels.ts';
import { quantile, rate, ratio, sensor, total, traffic } from './queries.ts';
import { ratioNumber, ratios } from './ratios.ts';

const oneWay = traffic('rtp_call_results_total', 'result=~"caller_only|callee_only|missing"');
const judged = traffic('rtp_call_results_total', 'result=~"both_ways|caller_only|callee_only|missing"');

/** Is all well? One screen, and the way to the others. */
export const overview: NamedDashboard = makeDashboard({
  name: 'overview',
  title: 'Overview',
  about: 'Is all well? Calls, answers, registrations, voice, and whether the sensor sees everything.',
  rows: [
    {
      title: 'Now',
      panels: [
        number(
          { title: 'Calls', about: 'Calls that were answered and are not over.', unit: 'short', width: 3 },
          total(traffic('sip_dialogs', 'state="confirmed"')),
        ),
        number(
          { title: 'Attempts', about: 'New call attempts.', unit: 'cps', width: 3 },
          rate(traffic('sip_session_attempts_total')),
        ),
        ratioNumber(ratios.asr, 3),
        ratioNumber(ratios.ner, 3),
        number(
          {
            title: 'Post-dial delay, 95 %',
            about: 'From the INVITE to the first ringing or answer.',
            unit: 's',
            width: 3,
            limits: { warn: 5, bad: 8 },
          },
          quantile(0.95, traffic('sip_post_dial_delay_seconds_bucket')),
        ),
        number(
          { title: 'Registered', about: 'Contacts that are registered.', unit: 'short', width: 3 },
          total(traffic('sip_registrations')),
        ),
        number(
          {
            title: 'No or one-way media',
            about:
              'Answered calls that lacked the media of one side or of both, of those that could be judged.',
            unit: 'percentunit',
            width: 3,
            limits: { warn: 0.01, bad: 0.03 },
          },
          ratio(oneWay, judged),
        ),
        number(
          {
            title: 'Lost by the sensor',
            about: 'Packets the kernel dropped because the ring was full: what ringtap did not see.',
            unit: 'percentunit',
            width: 3,
            limits: { warn: 0.0001, bad: 0.01 },
          },
          `${rate(sensor('ringtap_capture_drops_total'))} / (${rate(sensor('ringtap_capture_packets_total'))} + ${rate(sensor('ringtap_capture_drops_total'))})`,
        ),
      ],
    },
    {
      title: 'Calls and messages',
      panels: [
        areas(
          {
            title: 'Attempts that ended, by result',
            about: 'One result for each attempt. Failures come 5 s late, silence 32 s.',
            unit: 'cps',
            width: 12,
          },
          [rate(traffic('sip_session_attempt_results_total'), ['result']), '{{result}}'],
        ),
        areas(
          {
            title: 'Calls by state',
            about: 'Early: ringing. Confirmed: answered.',
            unit: 'short',
            width: 12,
          },
          [total(traffic('sip_dialogs'), ['state']), '{{state}}'],
        ),
        lines(
          {
            title: 'Requests by method',
            about: 'On the wire: every hop, retransmissions too.',
            unit: 'reqps',
            width: 12,
          },
          [rate(traffic('sip_requests_total'), ['method']), '{{method}}'],
        ),
        lines(
          {
            title: 'Responses by class',
            about: 'On the wire: every hop, retransmissions too.',
            unit: 'reqps',
            width: 12,
          },
          [
            `sum by (class) (label_replace(${rate(traffic('sip_responses_total'), ['code'])}, "class", "$` +
              `{1}xx", "code", "([1-6]).."))`,
            '{{class}}',
          ],
        ),
      ],
    },
    {
      title: 'Trouble',
      panels: [
        listing(
          {
            title: 'Alerts that fire',
            about: 'Of deploy/prometheus/rules; see docs/runbooks.md.',
            width: 12,
          },
          'ALERTS{alertstate="firing",job=~"$job",instance=~"$instance"}',
        ),
        lines(
          {
            title: 'Sent again, not answered, not understood',
            about: 'Retransmissions, transactions without a final response, and what is no SIP.',
            unit: 'reqps',
            width: 12,
          },
          [rate(traffic('sip_retransmissions_total')), 'retransmissions'],
          [rate(traffic('sip_transaction_timeouts_total')), 'timeouts'],
          [rate(traffic('sip_parse_errors_total')), 'parse errors'],
        ),
      ],
    },
  ],
});
