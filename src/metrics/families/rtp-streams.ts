// SPDX-License-Identifier: Apache-2.0
import { codecNames } from '../../rtp/codec.ts';
import { JoinedBy, joinedByNames } from '../../rtp/media-directory.ts';
import { refusalNames } from '../../rtp/refusal.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';

const codec: LabelDefinition = { name: 'codec', values: codecNames };

/** `signalling` label values of streams: whether a description announced them. */
export const signallingNames: readonly string[] = ['none', 'announced'];

/** `state` label values of intervals. */
export const intervalStateNames: readonly string[] = ['complete', 'silent', 'sensor_lossy'];

const signalling: LabelDefinition = { name: 'signalling', values: signallingNames };

/** Bounds of jitter, in seconds: 1 to 200 ms; a buffer of 60 ms holds about four times 15 ms. */
const jitterBuckets: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2];

/** Bounds of loss: none, for an interval is no 10,000 packets, and 0.1 % to half; G.711 without concealment suffers from 1 % on (ITU-T G.113). */
const lossBuckets: readonly number[] = [0.0001, 0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];

/** Bounds of bursts and gaps, in seconds: from two packets to an interval. */
const burstBuckets: readonly number[] = [0.04, 0.1, 0.2, 0.5, 1, 2, 5];
const gapBuckets: readonly number[] = [0.5, 1, 2, 3, 5, 7.5];

/** What is told of the streams of RTP. */
export const rtpStreamFamilies: readonly FamilyDefinition[] = [
  {
    name: 'rtp_packets_total',
    type: 'counter',
    help: 'RTP packets received, by the codec of their stream; without duplicates, DTMF and comfort noise included.',
    space: Space.traffic,
    labels: [codec],
    source: 'RFC 3550 §5.1',
    example: 'sum by (codec) (rate(rtp_packets_total[5m]))',
  },
  {
    name: 'rtp_bytes_total',
    type: 'counter',
    help: 'Bytes of RTP payload, headers left out, by codec.',
    space: Space.traffic,
    labels: [codec],
    source: 'RFC 3550 §6.4.1',
    example: 'sum by (codec) (rate(rtp_bytes_total[5m])) * 8',
  },
  {
    name: 'rtp_packets_lost_total',
    type: 'counter',
    help: 'RTP packets that did not come, by their sequence numbers, told at the end of each interval. What comes late is not lost.',
    space: Space.traffic,
    labels: [codec],
    source: 'RFC 3550 A.3',
    example:
      'sum(rate(rtp_packets_lost_total[5m])) / (sum(rate(rtp_packets_lost_total[5m])) + sum(rate(rtp_packets_total[5m])))',
  },
  {
    name: 'rtp_packets_unknown_total',
    type: 'counter',
    help: 'RTP packets missing in intervals in which ringtap itself lost packets: nobody knows whether the network lost them.',
    space: Space.traffic,
    labels: [],
    source: '',
    example: 'rate(rtp_packets_unknown_total[5m]) > 0',
  },
  {
    name: 'rtp_packets_duplicate_total',
    type: 'counter',
    help: 'RTP packets that came again.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 3550 A.1',
    example: 'rate(rtp_packets_duplicate_total[5m])',
  },
  {
    name: 'rtp_capture_duplicates_total',
    type: 'counter',
    help: 'RTP packets that were captured twice, as from a mirror port, within --capture.duplicate-window.',
    space: Space.traffic,
    labels: [],
    source: '',
    example: 'rate(rtp_capture_duplicates_total[5m]) > 0',
  },
  {
    name: 'rtp_packets_out_of_order_total',
    type: 'counter',
    help: 'RTP packets that came behind one that was sent later.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 4737 §3.3',
    example: 'rate(rtp_packets_out_of_order_total[5m])',
  },
  {
    name: 'rtp_packets_discarded_total',
    type: 'counter',
    help: 'RTP packets that came too late for a receiver with a jitter buffer: a fixed one of 60 ms, or an adaptive one of up to 200 ms.',
    space: Space.traffic,
    labels: [{ name: 'buffer', values: ['fixed', 'adaptive'] }],
    source: 'RFC 3611 §4.7.1',
    example: 'sum by (buffer) (rate(rtp_packets_discarded_total[5m]))',
  },
  {
    name: 'rtp_streams_begun_total',
    type: 'counter',
    help: 'RTP streams that began, by whether a session description had announced them by then.',
    space: Space.traffic,
    labels: [signalling],
    source: 'RFC 3550 A.1',
    example: 'sum by (signalling) (rate(rtp_streams_begun_total[5m]))',
  },
  {
    name: 'rtp_streams_joined_total',
    type: 'counter',
    help: 'RTP streams that were joined to a call, by what first told whose they are: the announced address and port they go to, or come from (symmetric RTP), or, behind NAT, the port alone, at an address that nobody announced but the description came from.',
    space: Space.traffic,
    labels: [{ name: 'by', values: joinedByNames.slice(JoinedBy.destination) }],
    source: 'RFC 3264 §5.1, RFC 4961',
    example: 'sum(rate(rtp_streams_joined_total{by="port"}[5m])) / sum(rate(rtp_streams_joined_total[5m]))',
  },
  {
    name: 'rtp_stream_restarts_total',
    type: 'counter',
    help: 'Times that the sequence numbers of a stream went on at another place: no loss.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 3550 A.1',
    example: 'rate(rtp_stream_restarts_total[5m])',
  },
  {
    name: 'rtp_ssrc_changes_total',
    type: 'counter',
    help: 'Streams that began where another SSRC of their kind (voice, video or retransmissions) had fallen silent on the same addresses and ports, before its call was over.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 3550 §8',
    example: 'rate(rtp_ssrc_changes_total[5m])',
  },
  {
    name: 'rtp_codec_changes_total',
    type: 'counter',
    help: 'Times that a stream went on with another codec.',
    space: Space.traffic,
    labels: [],
    source: '',
    example: 'rate(rtp_codec_changes_total[5m])',
  },
  {
    name: 'rtp_intervals_total',
    type: 'counter',
    help: 'Intervals of streams: with voice or video; with DTMF, comfort noise or retransmissions only; or in which ringtap itself lost packets, which are in no histogram.',
    space: Space.traffic,
    labels: [{ name: 'state', values: intervalStateNames }],
    source: '',
    example: 'sum by (state) (rate(rtp_intervals_total[5m]))',
  },
  {
    name: 'rtp_interval_jitter_seconds',
    type: 'histogram',
    help: 'Interarrival jitter at the end of each interval; DTMF, comfort noise and retransmissions left out.',
    space: Space.traffic,
    labels: [],
    buckets: jitterBuckets,
    unitsPerBase: 1e6,
    source: 'RFC 3550 §6.4.1',
    example: 'histogram_quantile(0.95, sum by (le) (rate(rtp_interval_jitter_seconds_bucket[5m])))',
  },
  {
    name: 'rtp_interval_loss_ratio',
    type: 'histogram',
    help: 'Share of the packets of each interval that were lost.',
    space: Space.traffic,
    labels: [],
    buckets: lossBuckets,
    unitsPerBase: 1e6,
    source: 'RFC 3550 A.3',
    example: 'histogram_quantile(0.95, sum by (le) (rate(rtp_interval_loss_ratio_bucket[5m])))',
  },
  {
    name: 'rtp_interval_burst_seconds',
    type: 'histogram',
    help: 'Mean length of the bursts of loss and discard of each interval that has any (Gmin 16).',
    space: Space.traffic,
    labels: [],
    buckets: burstBuckets,
    unitsPerBase: 1e6,
    source: 'RFC 3611 §4.7.2',
    example: 'histogram_quantile(0.95, sum by (le) (rate(rtp_interval_burst_seconds_bucket[5m])))',
  },
  {
    name: 'rtp_interval_gap_seconds',
    type: 'histogram',
    help: 'Mean length of what is between the bursts of each interval that has any.',
    space: Space.traffic,
    labels: [],
    buckets: gapBuckets,
    unitsPerBase: 1e6,
    source: 'RFC 3611 §4.7.2',
    example: 'histogram_quantile(0.05, sum by (le) (rate(rtp_interval_gap_seconds_bucket[5m])))',
  },
  {
    name: 'rtp_streams',
    type: 'gauge',
    help: 'RTP streams now, by whether a session description announced them.',
    space: Space.global,
    labels: [signalling],
    source: '',
    example: 'sum(rtp_streams)',
  },
  {
    name: 'ringtap_rtp_streams_probation',
    type: 'gauge',
    help: 'Senders of what looks like RTP that have not sent enough consecutive packets yet.',
    space: Space.global,
    labels: [],
    source: 'RFC 3550 A.1',
    example: 'ringtap_rtp_streams_probation / ringtap_rtp_streams_limit',
  },
  {
    name: 'ringtap_rtp_streams_limit',
    type: 'gauge',
    help: 'Streams that are kept at most, those in probation too (--rtp.max-streams).',
    space: Space.global,
    labels: [],
    source: '',
    example: 'sum(rtp_streams) / sum(ringtap_rtp_streams_limit)',
  },
  {
    name: 'ringtap_rtp_streams_evicted_total',
    type: 'counter',
    help: 'Streams given up because the table was full; those that were announced never are.',
    space: Space.global,
    labels: [{ name: 'phase', values: ['ended', 'probation', 'expected', 'unsignalled'] }],
    source: '',
    example: 'rate(ringtap_rtp_streams_evicted_total[5m]) > 0',
  },
  {
    name: 'ringtap_rtp_packets_refused_total',
    type: 'counter',
    help: 'Packets that look like RTP and are in no stream, by reason.',
    space: Space.global,
    labels: [{ name: 'reason', values: refusalNames }],
    source: '',
    example: 'sum by (reason) (rate(ringtap_rtp_packets_refused_total[5m]))',
  },
];
