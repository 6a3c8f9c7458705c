// SPDX-License-Identifier: Apache-2.0
import { DecodeResult, decodeReasonNames } from '../../decode/decode-result.ts';
import { tableNames } from '../../state/table-names.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';

const table: LabelDefinition = { name: 'table', values: tableNames };

/** What ringtap tells of its own work. */
export const captureFamilies: readonly FamilyDefinition[] = [
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
