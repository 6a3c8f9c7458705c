// SPDX-License-Identifier: Apache-2.0
import { voiceReportErrorNames } from '../../sip/voice-reports/parse-voice-quality-report.ts';
import { alertSeverityNames, reportKindNames } from '../../sip/voice-reports/voice-quality-report.ts';
import type { FamilyDefinition, LabelDefinition } from '../definition.ts';
import { counterFamily, jitterFamily, lossFamily, mosFamily, roundTripFamily } from './media-labels.ts';
import { mosKind } from './rtcp.ts';

/** Whose metrics: what the reporter heard, or what the other side told it. */
const side: LabelDefinition = { name: 'side', values: ['local', 'remote'] };

const told: readonly FamilyDefinition[] = [
  counterFamily(
    'sip_voice_quality_reports_total',
    'Voice quality reports (application/vq-rtcpxr) by kind and by the method that brought them.',
    'RFC 6035 §4.6',
    'sum by (kind) (rate(sip_voice_quality_reports_total[5m]))',
    [
      { name: 'kind', values: reportKindNames },
      { name: 'method', values: ['PUBLISH', 'NOTIFY'] },
    ],
  ),
  counterFamily(
    'sip_voice_quality_report_errors_total',
    'Bodies that are said to be such reports and are not: another first line, or no part with metrics.',
    'RFC 6035 §4.6',
    'sum by (reason) (increase(sip_voice_quality_report_errors_total[1h])) > 0',
    [{ name: 'reason', values: voiceReportErrorNames }],
  ),
  counterFamily(
    'sip_voice_quality_alerts_total',
    'Alerts among these by severity.',
    'RFC 6035 §4.6.2.3',
    'sum(increase(sip_voice_quality_alerts_total{severity="critical"}[15m])) > 0',
    [{ name: 'severity', values: alertSeverityNames }],
  ),
  mosFamily(
    'sip_voice_quality_mos',
    'MOS by session reports, of listening (lq) and of conversation (cq).',
    'RFC 6035 §4.6.2',
    [side, mosKind],
  ),
  lossFamily(
    'sip_voice_quality_loss_ratio',
    'Network packet loss (NLR) by session reports.',
    'RFC 6035 §4.6.2',
    [side],
  ),
  lossFamily(
    'sip_voice_quality_discard_ratio',
    'Packets discarded by the jitter buffer (JDR) by session reports.',
    'RFC 6035 §4.6.2',
    [side],
  ),
  jitterFamily(
    'sip_voice_quality_jitter_seconds',
    'Interarrival jitter (IAJ) by session reports.',
    'RFC 6035 §4.6.2',
    [side],
  ),
  roundTripFamily(
    'sip_voice_quality_round_trip_seconds',
    'Round trip delay (RTD) by session reports.',
    'RFC 6035 §4.6.2',
    [side],
  ),
  counterFamily(
    'sip_rtp_stat_headers_total',
    'BYE requests and responses to them with X-RTP-Stat or P-RTP-Stat that could be read.',
    '',
    'sum by (message) (rate(sip_rtp_stat_headers_total[5m]))',
    [{ name: 'message', values: ['request', 'response'] }],
  ),
  counterFamily(
    'sip_rtp_stat_errors_total',
    'The same without any field that is known.',
    '',
    'increase(sip_rtp_stat_errors_total[1h]) > 0',
  ),
  lossFamily(
    'sip_rtp_stat_loss_ratio',
    'Packets lost of those that were to be received in the call, by these header fields.',
    '',
  ),
  jitterFamily('sip_rtp_stat_jitter_seconds', 'Jitter by these header fields.', ''),
  roundTripFamily('sip_rtp_stat_latency_seconds', 'Latency by these header fields.', ''),
];

/** What devices say in SIP of the quality they had: few do. */
export const voiceReportFamilies: readonly FamilyDefinition[] = told.map((family) => ({
  ...family,
  isRare: true,
}));
