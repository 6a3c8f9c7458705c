// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { areas, bars, density, lines, number } from './panels.ts';
import { increase, quantile, rate, ratio, sensor, total, traffic } from './queries.ts';

/** A quantile of MOS, which is no less than 1: of the first bucket, that of 1, Prometheus draws it from 0 on. */
const mosQuantile = (q: number, matchers = '', by: readonly string[] = []): string =>
  `clamp_min(${quantile(q, traffic('rtp_interval_mos_bucket', matchers), by)}, 1)`;
const callResults = (matchers = ''): string => traffic('rtp_call_results_total', matchers);
const judged = callResults('result=~"both_ways|caller_only|callee_only|missing"');
const lost = traffic('rtp_packets_lost_total');
const received = traffic('rtp_packets_total');

/** What the calls sound like. */
export const mediaQuality: NamedDashboard = makeDashboard({
  name: 'media-quality',
  title: 'Media quality',
  about:
    'What the calls sound like: MOS and R by the E-model (ITU-T G.107) in intervals of 10 s, loss, jitter, RTCP.',
  rows: [
    {
      title: 'Now',
      panels: [
        number(
          {
            title: 'MOS, worst 5 %',
            about: 'Narrow band: 95 % of the intervals are better than this.',
            unit: 'none',
            width: 4,
            limits: { warn: 3.6, bad: 3.1 },
          },
          mosQuantile(0.05, 'band="narrow"'),
        ),
        number(
          {
            title: 'Many users dissatisfied',
            about: 'Share of the intervals with a MOS up to 3.6 (R up to 70).',
            unit: 'percentunit',
            width: 4,
            limits: { warn: 0.02, bad: 0.05 },
          },
          ratio(traffic('rtp_interval_mos_bucket', 'le="3.6"'), traffic('rtp_interval_mos_count')),
        ),
        number(
          {
            title: 'Lost',
            about: 'RTP packets that never came, of those sent.',
            unit: 'percentunit',
            width: 4,
            limits: { warn: 0.005, bad: 0.01 },
          },
          `${rate(lost, [], '$window')} / (${rate(lost, [], '$window')} + ${rate(received, [], '$window')})`,
        ),
        number(
          {
            title: 'Jitter, 95 %',
            about: 'Interarrival jitter at the end of each interval (RFC 3550).',
            unit: 's',
            width: 4,
            limits: { warn: 0.02, bad: 0.05 },
          },
          quantile(0.95, traffic('rtp_interval_jitter_seconds_bucket')),
        ),
        number(
          {
            title: 'No or one-way media',
            about:
              'Answered calls that lacked the media of one side or of both, of those that could be judged.',
            unit: 'percentunit',
            width: 4,
            limits: { warn: 0.01, bad: 0.03 },
          },
          ratio(callResults('result=~"caller_only|callee_only|missing"'), judged),
        ),
        number(
          { title: 'Streams', about: 'RTP streams now; one for each direction.', unit: 'short', width: 4 },
          total(sensor('rtp_streams')),
        ),
      ],
    },
    {
      title: 'Quality',
      panels: [
        lines(
          {
            title: 'MOS',
            about: 'Median, and what 5 % of the intervals are worse than; each band has its own scale.',
            unit: 'none',
            width: 12,
            max: 5,
            limits: { warn: 3.6, bad: 3.1 },
          },
          [mosQuantile(0.5, '', ['band']), 'median {{band}}'],
          [mosQuantile(0.05, '', ['band']), 'worst 5 % {{band}}'],
        ),
        density(
          {
            title: 'R factor',
            about: '80 and more: satisfied. Below 70: many dissatisfied.',
            unit: 'none',
            width: 12,
          },
          rate(traffic('rtp_interval_r_factor_bucket'), ['le']),
        ),
        lines(
          {
            title: 'Loss and discards',
            about: 'Lost in the network, and discarded because a receiver would have got them too late.',
            unit: 'percentunit',
            width: 8,
          },
          [ratio(lost, received), 'lost'],
          [
            ratio(traffic('rtp_packets_discarded_total', 'buffer="fixed"'), received),
            'late for a buffer of 60 ms',
          ],
          [
            ratio(traffic('rtp_packets_discarded_total', 'buffer="adaptive"'), received),
            'late for an adaptive buffer',
          ],
        ),
        lines(
          {
            title: 'Jitter, bursts',
            about: 'Interarrival jitter, and the length of bursts of loss (RFC 3611).',
            unit: 's',
            width: 8,
          },
          [quantile(0.5, traffic('rtp_interval_jitter_seconds_bucket')), 'jitter, median'],
          [quantile(0.95, traffic('rtp_interval_jitter_seconds_bucket')), 'jitter, 95 %'],
          [quantile(0.95, traffic('rtp_interval_burst_seconds_bucket')), 'burst, 95 %'],
        ),
        areas(
          {
            title: 'Intervals without quality',
            about: 'And why: sensor_loss means that ringtap itself lost packets.',
            unit: 'short',
            width: 8,
          },
          [rate(traffic('rtp_intervals_without_quality_total'), ['reason']), '{{reason}}'],
        ),
      ],
    },
    {
      title: 'Calls',
      panels: [
        areas(
          {
            title: 'Calls by their media',
            about: 'Told some seconds behind the BYE. caller_only and callee_only are one-way.',
            unit: 'cps',
            width: 8,
          },
          [rate(callResults(), ['result']), '{{result}}'],
        ),
        bars(
          {
            title: 'Remarkable',
            about: 'What was remarkable of the media of answered calls, in the time shown.',
            unit: 'short',
            width: 8,
          },
          [
            `${increase(traffic('rtp_call_findings_total'), ['finding', 'from'])} > 0`,
            '{{finding}} {{from}}',
          ],
        ),
        lines(
          {
            title: 'Answer to first media, 95 %',
            about: 'From the 2xx to the first packet of a side: clipped greetings.',
            unit: 's',
            width: 8,
            limits: { warn: 0.5, bad: 2 },
          },
          [quantile(0.95, traffic('rtp_answer_to_media_delay_seconds_bucket'), ['from']), '{{from}}'],
        ),
        areas({ title: 'Packets by codec', about: 'RTP packets received.', unit: 'pps', width: 12 }, [
          `${rate(received, ['codec'])} > 0`,
          '{{codec}}',
        ]),
        lines(
          {
            title: 'Streams by signalling',
            about: 'none: no session description announced them.',
            unit: 'short',
            width: 12,
          },
          [total(sensor('rtp_streams'), ['signalling']), '{{signalling}}'],
        ),
      ],
    },
    {
      title: 'What the far ends say (RTCP)',
      panels: [
        lines(
          {
            title: 'Round trip, 95 %',
            about: 'segment: from ringtap to one end and back. full: from end to end.',
            unit: 's',
            width: 8,
            limits: { warn: 0.2, bad: 0.4 },
          },
          [quantile(0.95, traffic('rtcp_round_trip_seconds_bucket'), ['path']), '{{path}}'],
        ),
        lines(
          {
            title: 'Far-end loss, 95 %',
            about: 'Packets that receivers miss, by their reports.',
            unit: 'percentunit',
            width: 8,
          },
          [quantile(0.95, traffic('rtcp_far_end_loss_ratio_bucket')), 'loss'],
        ),
        lines(
          {
            title: 'Far-end jitter, 95 %',
            about: 'Interarrival jitter that receivers tell.',
            unit: 's',
            width: 8,
          },
          [quantile(0.95, traffic('rtcp_far_end_jitter_seconds_bucket')), 'jitter'],
        ),
      ],
    },
  ],
});
