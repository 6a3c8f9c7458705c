// SPDX-License-Identifier: Apache-2.0
import { DecodeResult, decodeReasonNames } from '../decode/decode-result.ts';
import { methodNames } from '../sip/method.ts';
import { keepAliveNames, parseErrorNames } from '../sip/parse-result.ts';
import { statusCodeNames } from '../sip/status-code.ts';
import { attemptResultNames } from '../state/attempt-result.ts';
import { sessionEndNames } from '../state/call-events.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from './definition.ts';

const method: LabelDefinition = { name: 'method', values: methodNames };
const code: LabelDefinition = { name: 'code', values: statusCodeNames };
const finalCode: LabelDefinition = {
  name: 'code',
  values: [...statusCodeNames.filter((name) => !name.startsWith('1')), 'timeout'],
};
const table: LabelDefinition = { name: 'table', values: ['attempts', 'dialogs'] };

const sip: readonly FamilyDefinition[] = [
  {
    name: 'sip_requests_total',
    type: 'counter',
    help: 'SIP requests on the wire, by method: every hop, retransmissions too.',
    space: Space.traffic,
    labels: [method],
    source: 'RFC 3261 §7.1',
    example: 'sum by (method) (rate(sip_requests_total[5m]))',
  },
  {
    name: 'sip_responses_total',
    type: 'counter',
    help: 'SIP responses on the wire, by the method in CSeq and the status code.',
    space: Space.traffic,
    labels: [method, code],
    source: 'RFC 3261 §7.2',
    example: 'sum by (code) (rate(sip_responses_total{method="INVITE",code=~"5.."}[5m]))',
  },
  {
    name: 'sip_session_attempts_total',
    type: 'counter',
    help: 'Session attempts begun: the first INVITE without To tag of a Call-ID and From tag.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 3261 §13',
    example: 'sum(rate(sip_session_attempts_total[5m]))',
  },
  {
    name: 'sip_session_attempt_results_total',
    type: 'counter',
    help: 'Session attempts ended, exactly one result each; authentication rounds and redirections are folded.',
    space: Space.traffic,
    labels: [{ name: 'result', values: attemptResultNames }],
    source: 'RFC 6076 §4.6',
    example:
      'sum(rate(sip_session_attempt_results_total{result="answered"}[5m])) / ' +
      'sum(rate(sip_session_attempt_results_total{result!="redirected"}[5m]))',
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
    name: 'sip_session_establishment_ratio',
    type: 'ratio',
    help: 'Session establishment ratio over the window, 0 to 1: answered attempts by ended attempts that were not redirected.',
    space: Space.global,
    labels: [{ name: 'window', values: ['5m'] }],
    source: 'RFC 6076 §4.6',
    example: 'sip_session_establishment_ratio < 0.5',
  },
  {
    name: 'sip_dialogs',
    type: 'gauge',
    help: 'Dialogs made by an INVITE that are alive now, by state.',
    space: Space.traffic,
    labels: [{ name: 'state', values: ['confirmed'] }],
    source: 'RFC 3261 §12',
    example: 'sum(sip_dialogs{state="confirmed"})',
  },
  {
    name: 'sip_sessions_ended_total',
    type: 'counter',
    help: 'Sessions ended: by the first BYE, by eviction from a full table, or unknown (no sign of life for the session limit).',
    space: Space.traffic,
    labels: [{ name: 'reason', values: sessionEndNames }],
    source: 'RFC 3261 §15',
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
    name: 'sip_keepalives_total',
    type: 'counter',
    help: 'Datagrams on a SIP port that only keep a path open.',
    space: Space.traffic,
    labels: [{ name: 'type', values: keepAliveNames }],
    source: 'RFC 5626 §3.5',
    example: 'sum by (type) (rate(sip_keepalives_total[5m]))',
  },
  {
    name: 'sip_parse_errors_total',
    type: 'counter',
    help: 'Datagrams on a SIP port that are not a usable SIP message, by the first reason found.',
    space: Space.traffic,
    labels: [
      { name: 'layer', values: ['sip'] },
      { name: 'reason', values: parseErrorNames },
    ],
    source: 'RFC 3261 §7',
    example: 'sum by (reason) (increase(sip_parse_errors_total[1h])) > 0',
  },
];

const self: readonly FamilyDefinition[] = [
  {
    name: 'ringtap_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version.',
    space: Space.build,
    labels: [],
    source: '',
    example: 'ringtap_build_info',
  },
  {
    name: 'ringtap_interface_up',
    type: 'gauge',
    help: '1 while the interface is there, up and has a carrier, else 0; without -i it is interface="any", always 1.',
    space: Space.socket,
    labels: [],
    source: '',
    example: 'ringtap_interface_up == 0',
  },
  {
    name: 'ringtap_capture_packets_total',
    type: 'counter',
    help: 'Packets read from the ring.',
    space: Space.interface,
    labels: [],
    source: '',
    example: 'rate(ringtap_capture_packets_total[1m])',
  },
  {
    name: 'ringtap_capture_drops_total',
    type: 'counter',
    help: 'Packets the kernel had to drop because the ring was full. With -i any they belong to interface="any".',
    space: Space.socket,
    labels: [],
    source: 'packet(7) PACKET_STATISTICS',
    example: 'rate(ringtap_capture_drops_total[5m]) > 0',
  },
  {
    name: 'ringtap_capture_ring_freezes_total',
    type: 'counter',
    help: 'Times the kernel found the ring full and stopped filling it.',
    space: Space.socket,
    labels: [],
    source: 'packet(7) PACKET_STATISTICS',
    example: 'increase(ringtap_capture_ring_freezes_total[1h])',
  },
  {
    name: 'ringtap_capture_truncated_total',
    type: 'counter',
    help: 'Packets of which the ring holds fewer bytes than were on the wire.',
    space: Space.interface,
    labels: [],
    source: '',
    example: 'increase(ringtap_capture_truncated_total[1h])',
  },
  {
    name: 'ringtap_decode_skipped_total',
    type: 'counter',
    help: 'Packets with nothing wrong that are not read.',
    space: Space.interface,
    labels: [
      {
        name: 'reason',
        values: decodeReasonNames.slice(DecodeResult.unsupportedEthertype, DecodeResult.truncatedBySensor),
      },
    ],
    source: '',
    example: 'sum by (reason) (rate(ringtap_decode_skipped_total[5m]))',
  },
  {
    name: 'ringtap_decode_errors_total',
    type: 'counter',
    help: 'Packets cut or malformed below SIP.',
    space: Space.interface,
    labels: [{ name: 'reason', values: decodeReasonNames.slice(DecodeResult.truncatedBySensor) }],
    source: '',
    example: 'sum by (reason) (increase(ringtap_decode_errors_total[1h])) > 0',
  },
  {
    name: 'ringtap_table_entries',
    type: 'gauge',
    help: 'Records in a state table, those kept for retransmissions included.',
    space: Space.global,
    labels: [table],
    source: '',
    example: 'ringtap_table_entries / ringtap_table_limit',
  },
  {
    name: 'ringtap_table_limit',
    type: 'gauge',
    help: 'Records a state table may hold.',
    space: Space.global,
    labels: [table],
    source: '',
    example: 'ringtap_table_entries / ringtap_table_limit',
  },
  {
    name: 'ringtap_table_evictions_total',
    type: 'counter',
    help: 'Records given up because a table was full: finished ones lose nothing, open ones lose a result.',
    space: Space.global,
    labels: [table, { name: 'state', values: ['finished', 'open'] }],
    source: '',
    example: 'rate(ringtap_table_evictions_total{state="open"}[5m]) > 0',
  },
  {
    name: 'ringtap_worker_busy_seconds_total',
    type: 'counter',
    help: 'Time the capture worker spent on packets rather than waiting for them; its rate is the busy ratio.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'rate(ringtap_worker_busy_seconds_total[1m])',
  },
];

const processFamily = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  example: string,
): FamilyDefinition => ({ name, type, help, space: Space.global, labels: [], source: '', example });

const processFamilies: readonly FamilyDefinition[] = [
  processFamily(
    'process_cpu_seconds_total',
    'counter',
    'User and system CPU time spent.',
    'rate(process_cpu_seconds_total[1m])',
  ),
  processFamily(
    'process_resident_memory_bytes',
    'gauge',
    'Resident memory, the ring included.',
    'process_resident_memory_bytes',
  ),
  processFamily('process_virtual_memory_bytes', 'gauge', 'Virtual memory.', 'process_virtual_memory_bytes'),
  processFamily('process_open_fds', 'gauge', 'Open file descriptors.', 'process_open_fds / process_max_fds'),
  processFamily('process_max_fds', 'gauge', 'File descriptors the process may open.', 'process_max_fds'),
  processFamily(
    'process_start_time_seconds',
    'gauge',
    'Start time since the epoch.',
    'time() - process_start_time_seconds',
  ),
  processFamily(
    'nodejs_heap_size_used_bytes',
    'gauge',
    'JavaScript heap in use on the main thread.',
    'nodejs_heap_size_used_bytes',
  ),
  processFamily(
    'nodejs_eventloop_utilization_ratio',
    'gauge',
    'Share of the time since the last scrape in which the main thread was busy, 0 to 1.',
    'nodejs_eventloop_utilization_ratio',
  ),
];

const described = [...sip, ...self, ...processFamilies];
const family: LabelDefinition = {
  name: 'family',
  values: [
    ...described.map((definition) => definition.name),
    'ringtap_metric_series',
    'ringtap_metric_series_overflow_total',
  ],
};

/** Every metric family ringtap knows, in the order of the exposition; a family's id is its place here. */
export const families: readonly FamilyDefinition[] = [
  ...described,
  {
    name: 'ringtap_metric_series',
    type: 'gauge',
    help: 'Series exposed, by family.',
    space: Space.global,
    labels: [family],
    source: '',
    example: 'sum(ringtap_metric_series)',
  },
  {
    name: 'ringtap_metric_series_overflow_total',
    type: 'counter',
    help: 'Label sets that found the series budget used up and were counted under "other" instead, by family.',
    space: Space.global,
    labels: [family],
    source: '',
    example: 'ringtap_metric_series_overflow_total > 0',
  },
];

const idByName = new Map(families.map((definition, id) => [definition.name, id]));

/** The id of a family by its name. Throws for a name that is not in `families`: a programming error. */
export function familyId(name: string): number {
  const id = idByName.get(name);
  if (id === undefined) throw new Error(`no metric family is named ${name}`);
  return id;
}
