// SPDX-License-Identifier: Apache-2.0
import { sctpChunkKindNames, sctpUnreadNames } from '../../decode/sctp-events.ts';
import { webSocketUnreadNames } from '../../sip/websocket-unread.ts';
import { type FamilyDefinition, Space } from '../definition.ts';

/** What ringtap tells of WebSocket and SCTP. */
export const transportFamilies: readonly FamilyDefinition[] = [
  {
    name: 'ringtap_websocket_unread_total',
    type: 'counter',
    help: 'What of WebSocket connections is not read: messages that are compressed or too large; a direction, from HTTP on that does not become a WebSocket for SIP, or from bad_frame on until SIP begins a segment.',
    space: Space.interface,
    labels: [{ name: 'reason', values: webSocketUnreadNames }],
    source: 'RFC 7118, RFC 6455, RFC 7692',
    example: 'sum by (reason) (increase(ringtap_websocket_unread_total[1h])) > 0',
  },
  {
    name: 'ringtap_sctp_packets_total',
    type: 'counter',
    help: 'SCTP packets taken, those without user data included.',
    space: Space.interface,
    labels: [],
    source: 'RFC 9260 §3',
    example: 'rate(ringtap_sctp_packets_total[5m])',
  },
  {
    name: 'ringtap_sctp_chunks_total',
    type: 'counter',
    help: 'SCTP chunks with user data: a whole message, a piece of one, or what was seen before.',
    space: Space.interface,
    labels: [{ name: 'kind', values: sctpChunkKindNames }],
    source: 'RFC 9260 §3.3.1, RFC 8260 §2.1',
    example: 'sum by (kind) (rate(ringtap_sctp_chunks_total[5m]))',
  },
  {
    name: 'ringtap_sctp_unread_total',
    type: 'counter',
    help: 'SCTP chunks that are not read: malformed ones, which end their packet, and pieces of messages that did not become whole in time, had to make room, or are of a message beyond a limit.',
    space: Space.global,
    labels: [{ name: 'reason', values: sctpUnreadNames }],
    source: 'RFC 9260 §6.9',
    example: 'sum by (reason) (increase(ringtap_sctp_unread_total[1h])) > 0',
  },
];
