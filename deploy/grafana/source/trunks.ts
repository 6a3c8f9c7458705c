// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, bars, lines, number, upDown } from './panels.ts';
import { increase, quantile, rate, ratio, sensor, total, traffic } from './queries.ts';
import { ratios } from './ratios.ts';

/** `carrier` is there where it is configured (`--labels.carrier`), else it is empty. */
const by = ['carrier', 'interface', 'direction'] as const;
const legend = '{{carrier}} {{interface}} {{direction}}';

/** Carriers and peers side by side. */
export const trunks: NamedDashboard = makeDashboard({
  name: 'trunks',
  title: 'Trunks and peers',
  about:
    'Which way is bad? By carrier, where carriers are configured, interface and direction; and whether peers (--sip.peer) answer OPTIONS.',
  rows: [
    {
      title: 'Peers',
      panels: [
        upDown(
          { title: 'Peers', about: 'Whether a peer answers OPTIONS; nothing where nobody asked.', width: 12 },
          [sensor('sip_peer_up'), '{{peer}} {{instance}}'],
        ),
        lines(
          {
            title: 'Round trip of OPTIONS',
            about: 'The last OPTIONS request of a peer to its final response.',
            unit: 's',
            width: 8,
          },
          [sensor('sip_peer_round_trip_seconds'), '{{peer}} {{instance}}'],
        ),
        bars(
          {
            title: 'Flaps',
            about: 'Changes from up to down or back, in the time shown.',
            unit: 'short',
            width: 4,
          },
          [increase(sensor('sip_peer_flaps_total'), ['peer']), '{{peer}}'],
        ),
      ],
    },
    {
      title: 'Load',
      panels: [
        areas({ title: 'Attempts', about: 'New call attempts.', unit: 'cps', width: 12 }, [
          rate(traffic('sip_session_attempts_total'), by),
          legend,
        ]),
        areas(
          { title: 'Calls', about: 'Calls that were answered and are not over.', unit: 'short', width: 12 },
          [total(traffic('sip_dialogs', 'state="confirmed"'), by), legend],
        ),
      ],
    },
    {
      title: 'Success',
      panels: [
        ...[ratios.asr, ratios.ner, ratios.isa].map(({ title, about, limits, numerator, denominator }) =>
          lines({ title, about, unit: 'percentunit', width: 8, max: 1, limits }, [
            ratio(numerator, denominator, by),
            legend,
          ]),
        ),
        lines(
          {
            title: 'Post-dial delay, 95 %',
            about: 'From the INVITE to the first ringing or answer.',
            unit: 's',
            width: 8,
            limits: { warn: 5, bad: 8 },
          },
          [quantile(0.95, traffic('sip_post_dial_delay_seconds_bucket'), by), legend],
        ),
        bars(
          {
            title: 'Failures by code',
            about: 'Attempts that were not answered, in the time shown.',
            unit: 'short',
            width: 8,
          },
          [
            `topk(15, ${increase(traffic('sip_session_attempt_codes_total', 'code!~"2.."'), ['code', ...by])} > 0)`,
            `{{code}} ${legend}`,
          ],
        ),
        lines({ title: 'Messages by transport', about: 'What carries SIP.', unit: 'reqps', width: 8 }, [
          rate(traffic('sip_transport_messages_total'), ['transport']),
          '{{transport}}',
        ]),
      ],
    },
    {
      title: 'Other delays',
      panels: [
        lines(
          {
            title: 'Answer to OPTIONS, 95 %',
            about: 'All OPTIONS requests, of peers or not.',
            unit: 's',
            width: 12,
          },
          [
            quantile(0.95, traffic('sip_options_response_delay_seconds_bucket'), ['interface', 'direction']),
            '{{interface}} {{direction}}',
          ],
        ),
        number(
          {
            title: 'Retransmissions',
            about: 'Requests that were sent again, by all requests: loss, or a peer that is slow.',
            unit: 'percentunit',
            width: 6,
            limits: { warn: 0.01, bad: 0.05 },
          },
          ratio(traffic('sip_retransmissions_total', 'kind="request"'), traffic('sip_requests_total')),
        ),
        number(
          { title: 'Redirected, 95 %', about: 'From the INVITE to its 3xx.', unit: 's', width: 6 },
          quantile(0.95, traffic('sip_redirect_delay_seconds_bucket')),
        ),
      ],
    },
  ],
});
