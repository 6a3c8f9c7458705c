// SPDX-License-Identifier: Apache-2.0
import { roundTripResultNames } from '../../rtp/rtcp/rtcp-events.ts';
import { rtcpDatagramNames, rtcpErrorNames } from '../../rtp/rtcp/rtcp-result.ts';
import { feedbackKindNames, rtcpTypeNames, xrBlockNames } from '../../rtp/rtcp/rtcp-type.ts';
import type { FamilyDefinition, LabelDefinition } from '../definition.ts';
import {
  counterFamily,
  jitterFamily,
  lossFamily,
  mosFamily,
  rFactorFamily,
  roundTripFamily,
} from './media-labels.ts';

/** How much of the way a round trip is, by `RoundTripPath`. */
export const roundTripPathNames: readonly string[] = ['segment', 'full'];
/** Which MOS, by `MosKind`: of listening or of conversation. */
export const mosKindNames: readonly string[] = ['lq', 'cq'];

/** `mos` of families with both. */
export const mosKind: LabelDefinition = { name: 'mos', values: mosKindNames };

/** What few devices send. */
const rare = (family: FamilyDefinition): FamilyDefinition => ({ ...family, isRare: true });

/** What RTCP on the wire says. */
export const rtcpFamilies: readonly FamilyDefinition[] = [
  counterFamily(
    'rtcp_packets_total',
    'RTCP packets by type: each one within a compound datagram counts, so that an SR with SDES is two. For datagrams see rtcp_datagrams_total.',
    'RFC 3550 §6.1, RFC 4585, RFC 3611',
    'sum by (type) (rate(rtcp_packets_total[5m]))',
    [{ name: 'type', values: rtcpTypeNames }],
  ),
  counterFamily(
    'rtcp_datagrams_total',
    'UDP datagrams where RTCP was to be, each once: read, whatever the number of packets in it; encrypted (SRTCP of sessions known as encrypted, which cannot be read); malformed, which rtcp_parse_errors_total has by reason.',
    'RFC 3550 §6.1, RFC 3711 §3.4',
    'sum by (result) (rate(rtcp_datagrams_total[5m]))',
    [{ name: 'result', values: rtcpDatagramNames }],
  ),
  counterFamily(
    'rtcp_parse_errors_total',
    'Datagrams where RTCP was to be that are not, by the first reason found; nothing is taken from them.',
    'RFC 3550 A.2',
    'sum by (reason) (increase(rtcp_parse_errors_total[1h])) > 0',
    [{ name: 'reason', values: rtcpErrorNames }],
  ),
  counterFamily(
    'rtcp_report_blocks_total',
    'Report blocks by what they gave for the round trip: measured; no sender report reached the receiver; the one it names was not seen here; implausible (negative or above 60 s); a copy of one seen before; no room in the table of --rtcp.max-sources.',
    'RFC 3550 §6.4.1',
    'sum by (round_trip) (rate(rtcp_report_blocks_total[5m]))',
    [{ name: 'round_trip', values: roundTripResultNames }],
  ),
  roundTripFamily(
    'rtcp_round_trip_seconds',
    'Round trips by sender and receiver reports, seen from ringtap: "segment" is from here to one end and back, "full" from end to end where the reports of both are seen.',
    'RFC 3550 §6.4.1',
    [{ name: 'path', values: roundTripPathNames }],
  ),
  lossFamily(
    'rtcp_far_end_loss_ratio',
    'Packets that receivers miss, of those sent since their last report; of the first report seen, the fraction it tells.',
    'RFC 3550 §6.4.1, A.3',
  ),
  jitterFamily(
    'rtcp_far_end_jitter_seconds',
    'Interarrival jitter that receivers tell, in the clock of the stream where it is known, else of 8 kHz.',
    'RFC 3550 §6.4.1',
  ),
  ...[
    counterFamily(
      'rtcp_feedback_total',
      'Feedback messages by kind.',
      'RFC 4585 §6, RFC 5104 §4',
      'sum by (kind) (rate(rtcp_feedback_total{kind=~"nack|pli|fir"}[5m]))',
      [{ name: 'kind', values: feedbackKindNames }],
    ),
    counterFamily(
      'rtcp_xr_blocks_total',
      'Blocks of extended reports by type.',
      'RFC 3611 §4',
      'sum by (block) (rate(rtcp_xr_blocks_total[5m]))',
      [{ name: 'block', values: xrBlockNames }],
    ),
    lossFamily(
      'rtcp_xr_loss_ratio',
      'Packets lost since the call began, by VoIP metrics blocks.',
      'RFC 3611 §4.7.1',
    ),
    lossFamily(
      'rtcp_xr_discard_ratio',
      'Packets discarded by the jitter buffer since the call began, by VoIP metrics blocks.',
      'RFC 3611 §4.7.1',
    ),
    roundTripFamily(
      'rtcp_xr_round_trip_seconds',
      'Round trip by VoIP metrics blocks that know it.',
      'RFC 3611 §4.7.3',
    ),
    roundTripFamily(
      'rtcp_xr_end_system_delay_seconds',
      'Delay within the device by VoIP metrics blocks that know it: jitter buffer, decoder and encoder.',
      'RFC 3611 §4.7.3',
    ),
    rFactorFamily('rtcp_xr_r_factor', 'R factor by VoIP metrics blocks that know it.', 'RFC 3611 §4.7.5'),
    mosFamily(
      'rtcp_xr_mos',
      'MOS by VoIP metrics blocks that know it, of listening (lq) and of conversation (cq).',
      'RFC 3611 §4.7.5',
      [mosKind],
    ),
  ].map(rare),
];
