// SPDX-License-Identifier: Apache-2.0
import { segmentKindNames, streamLossNames } from '../../decode/stream-events.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';

const reason: LabelDefinition = { name: 'reason', values: streamLossNames };

/** What ringtap tells of TCP streams. */
export const streamFamilies: readonly FamilyDefinition[] = [
  {
    name: 'ringtap_stream_segments_total',
    type: 'counter',
    help: 'TCP segments: with the next bytes, with bytes behind missing ones, with none that are new, or without any.',
    space: Space.interface,
    labels: [{ name: 'kind', values: segmentKindNames }],
    source: 'RFC 9293 §3.10.7.4',
    example: 'sum by (kind) (rate(ringtap_stream_segments_total[5m]))',
  },
  {
    name: 'ringtap_stream_losses_total',
    type: 'counter',
    help: 'Places in TCP streams where bytes were given up: a message may be lost at each.',
    space: Space.interface,
    labels: [reason],
    source: '',
    example: 'sum by (reason) (increase(ringtap_stream_losses_total[1h])) > 0',
  },
  {
    name: 'ringtap_stream_lost_bytes_total',
    type: 'counter',
    help: 'Bytes of TCP streams that were given up, those that were never seen included where their number is known.',
    space: Space.interface,
    labels: [reason],
    source: '',
    example: 'sum by (reason) (rate(ringtap_stream_lost_bytes_total[5m]))',
  },
  {
    name: 'ringtap_stream_unread_bytes_total',
    type: 'counter',
    help: 'Bytes of TCP connections that carry what ringtap does not read, such as HTTP, or TLS without keys.',
    space: Space.interface,
    labels: [],
    source: '',
    example: 'rate(ringtap_stream_unread_bytes_total[5m]) > 0',
  },
  {
    name: 'ringtap_stream_buffer_bytes',
    type: 'gauge',
    help: 'Memory in use for bytes of TCP streams that wait for others.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'ringtap_stream_buffer_bytes / ringtap_stream_buffer_limit_bytes',
  },
  {
    name: 'ringtap_stream_buffer_limit_bytes',
    type: 'gauge',
    help: 'Memory there is for bytes of TCP streams that wait for others.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'ringtap_stream_buffer_bytes / ringtap_stream_buffer_limit_bytes',
  },
];
