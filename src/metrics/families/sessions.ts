// SPDX-License-Identifier: Apache-2.0
import { attemptResultNames } from '../../state/attempt-result.ts';
import { sessionEndNames } from '../../state/call-events.ts';
import {
  type FamilyDefinition,
  type HistogramDefinition,
  type LabelDefinition,
  Space,
} from '../definition.ts';
import { reasonTuples } from '../reason-causes.ts';
import { delayBuckets, durationBuckets, finalCode, outcome } from './labels.ts';

/** A histogram of delays; the example is its 95th percentile. */
export function delayFamily(
  name: string,
  labels: readonly LabelDefinition[],
  source: string,
  help: string,
): HistogramDefinition {
  return {
    name,
    type: 'histogram',
    help,
    space: Space.traffic,
    labels,
    buckets: delayBuckets,
    unitsPerBase: 1e6,
    source,
    example: `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket${labels.length > 0 ? '{outcome="success"}' : ''}[5m])))`,
  };
}

/** Attempts, dialogs, sessions, and how long things take. */
export const sessionFamilies: readonly FamilyDefinition[] = [
  {
    name: 'sip_session_attempts_total',
    type: 'counter',
    help: 'Session attempts begun: the first INVITE without To tag of a Call-ID and From tag.',
    space: Space.traffic,
    isMain: true,
    labels: [],
    source: 'RFC 3261 §13',
    example: 'sum(rate(sip_session_attempts_total[5m]))',
  },
  {
    name: 'sip_session_attempt_results_total',
    type: 'counter',
    help: 'Session attempts ended, exactly one result each: the best final response of all branches; authentication rounds and redirections that are followed are folded.',
    space: Space.traffic,
    isMain: true,
    labels: [{ name: 'result', values: attemptResultNames }],
    source: 'RFC 3261 §16.7, RFC 6076 §4.6',
    example:
      'sum(rate(sip_session_attempt_results_total{result="answered"}[5m])) / ' +
      'sum(rate(sip_session_attempt_results_total{result!="redirected"}[5m]))',
  },
  {
    name: 'sip_session_attempt_codes_total',
    type: 'counter',
    help: 'Session attempts ended, by the status code that made the result; timeout where no final response came.',
    space: Space.traffic,
    isMain: true,
    labels: [finalCode],
    source: 'RFC 3261 §21',
    example: 'topk(5, sum by (code) (increase(sip_session_attempt_codes_total{code!~"2.."}[1h])))',
  },
  {
    name: 'sip_invite_requests_by_final_code_total',
    type: 'counter',
    help: 'INVITE requests without To tag by their final status code on the first hop seen; timeout where none came.',
    space: Space.traffic,
    labels: [finalCode],
    source: 'RFC 6076 §4.6',
    example:
      'sum(increase(sip_invite_requests_by_final_code_total{code=~"2.."}[1h])) / ' +
      'sum(increase(sip_invite_requests_by_final_code_total{code!~"3.."}[1h]))',
  },
  {
    name: 'sip_dialogs',
    type: 'gauge',
    help: 'Dialogs made by an INVITE that are alive now, by state.',
    space: Space.traffic,
    labels: [{ name: 'state', values: ['early', 'confirmed'] }],
    source: 'RFC 3261 §12',
    example: 'sum(sip_dialogs{state="confirmed"})',
  },
  {
    name: 'sip_sessions_ended_total',
    type: 'counter',
    help: 'Sessions ended: by the first BYE, by a session timer that nobody refreshed, by eviction from a full table, or unknown (no sign of life for the session limit).',
    space: Space.traffic,
    isMain: true,
    labels: [{ name: 'reason', values: sessionEndNames }],
    source: 'RFC 3261 §15, RFC 4028 §10',
    example: 'sum by (reason) (rate(sip_sessions_ended_total[5m]))',
  },
  {
    name: 'sip_unknown_dialog_messages_total',
    type: 'counter',
    help: 'BYE and re-INVITE requests of a dialog that is not known, as after a start in mid-call.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 3261 §12.2',
    example: 'sum(rate(sip_unknown_dialog_messages_total[5m]))',
  },
  {
    name: 'sip_reason_total',
    type: 'counter',
    help: 'Causes in Reason header fields of what ended a call: its BYE, its CANCEL, or the final response that made it fail.',
    space: Space.traffic,
    labels: [
      { name: 'protocol', values: ['Q.850', 'SIP'] },
      { name: 'cause', values: [...new Set(reasonTuples.map(([, cause]) => cause))] },
    ],
    tuples: reasonTuples,
    source: 'RFC 3326 §2, ITU-T Q.850',
    example: 'topk(5, sum by (cause) (increase(sip_reason_total{protocol="Q.850"}[1h])))',
  },
  delayFamily(
    'sip_session_request_delay_seconds',
    [outcome],
    'RFC 6076 §4.3',
    'First INVITE of an attempt to its first response above 100, challenges and redirections inside; failure for every attempt that is not answered, but for challenges and redirections that nobody follows.',
  ),
  delayFamily(
    'sip_post_dial_delay_seconds',
    [],
    'ITU-T E.721 (post-selection delay)',
    'First INVITE of an attempt to the first 180, 181, 182, 183, 199 or 2xx.',
  ),
  delayFamily(
    'sip_answer_delay_seconds',
    [],
    'RFC 3261 §13.2.2.4',
    'First INVITE of an attempt to its 2xx: set-up and ringing.',
  ),
  delayFamily('sip_redirect_delay_seconds', [], 'RFC 3261 §21.3', 'INVITE to its 3xx.'),
  delayFamily(
    'sip_cancel_ring_seconds',
    [],
    'RFC 3261 §9',
    'How long a call that was canceled had been ringing: first 18x to the CANCEL.',
  ),
  delayFamily(
    'sip_session_disconnect_delay_seconds',
    [outcome],
    'RFC 6076 §4.4',
    'First BYE of a session to its 2xx; failure: to another final response, or until timer F.',
  ),
  {
    name: 'sip_session_duration_seconds',
    type: 'histogram',
    help: '2xx of the INVITE to the first BYE, told when the BYE is answered, whatever the answer; failure where it got none, then until timer F.',
    space: Space.traffic,
    labels: [outcome],
    buckets: durationBuckets,
    unitsPerBase: 1e3,
    source: 'RFC 6076 §4.5',
    example:
      'sum(rate(sip_session_duration_seconds_sum[1h])) / sum(rate(sip_session_duration_seconds_count[1h]))',
  },
];
