// SPDX-License-Identifier: Apache-2.0
import { sipTransportNames } from '../../decode/sip-transport.ts';
import { methodNames } from '../../sip/method.ts';
import { keepAliveNames, parseErrorNames } from '../../sip/parse-result.ts';
import { statusCodeNames } from '../../sip/status-code.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';
import { sizeBuckets } from './labels.ts';

const method: LabelDefinition = { name: 'method', values: methodNames };

/** What is on the wire. */
export const messageFamilies: readonly FamilyDefinition[] = [
  {
    name: 'sip_requests_total',
    type: 'counter',
    help: 'SIP requests on the wire, by method: every hop, retransmissions too, capture duplicates not.',
    space: Space.traffic,
    isMain: true,
    labels: [method],
    source: 'RFC 3261 §7.1',
    example: 'sum by (method) (rate(sip_requests_total[5m]))',
  },
  {
    name: 'sip_responses_total',
    type: 'counter',
    help: 'SIP responses on the wire, by the method in CSeq and the status code; counted as requests are.',
    space: Space.traffic,
    labels: [method, { name: 'code', values: statusCodeNames }],
    source: 'RFC 3261 §7.2',
    example: 'sum by (code) (rate(sip_responses_total{method="INVITE",code=~"5.."}[5m]))',
  },
  {
    name: 'sip_transport_messages_total',
    type: 'counter',
    help: 'SIP messages by what carried them; counted as requests and responses are.',
    space: Space.traffic,
    labels: [{ name: 'transport', values: sipTransportNames }],
    source: 'RFC 3261 §18, RFC 4168, RFC 7118',
    example: 'sum by (transport) (rate(sip_transport_messages_total[5m]))',
  },
  {
    name: 'sip_retransmissions_total',
    type: 'counter',
    help: 'Messages that their transaction had seen before on the same addresses and ports.',
    space: Space.traffic,
    labels: [method, { name: 'kind', values: ['request', 'response'] }],
    source: 'RFC 3261 §17.1.1.2, §17.1.2.2, §13.3.1.4',
    example:
      'sum(rate(sip_retransmissions_total{kind="request"}[5m])) / sum(rate(sip_requests_total[5m])) > 0.01',
  },
  {
    name: 'sip_capture_duplicates_total',
    type: 'counter',
    help: 'Copies of a message that the capture saw twice, as on a bridge and its port; counted nowhere else.',
    space: Space.traffic,
    labels: [],
    source: '',
    example: 'sum by (interface) (rate(sip_capture_duplicates_total[5m])) > 0',
  },
  {
    name: 'sip_message_size_bytes',
    type: 'histogram',
    help: 'Size of SIP messages, from the start line to the end of the body.',
    space: Space.traffic,
    labels: [],
    buckets: sizeBuckets,
    unitsPerBase: 1,
    source: 'RFC 3261 §18.1.1',
    example:
      '1 - sum(rate(sip_message_size_bytes_bucket{le="1300.0"}[5m])) / sum(rate(sip_message_size_bytes_count[5m]))',
  },
  {
    name: 'sip_transaction_timeouts_total',
    type: 'counter',
    help: 'Transactions without a final response: 32 s after the request, an INVITE that got a provisional response 212 s after the last one.',
    space: Space.traffic,
    labels: [method],
    source: 'RFC 3261 §17.1.1.2, §17.1.2.2, §16.6',
    example: 'sum by (method) (rate(sip_transaction_timeouts_total[5m])) > 0',
  },
  {
    name: 'sip_keepalives_total',
    type: 'counter',
    help: 'Datagrams on a SIP port, line ends between messages of a stream, pings and pongs of WebSocket: what only keeps a path open.',
    space: Space.traffic,
    isOfPackets: true,
    labels: [{ name: 'type', values: keepAliveNames }],
    source: 'RFC 5626 §3.5, RFC 7118 §6',
    example: 'sum by (type) (rate(sip_keepalives_total[5m]))',
  },
  {
    name: 'sip_missing_content_length_total',
    type: 'counter',
    help: 'Messages in a stream without Content-Length, which they must have; taken for messages without a body.',
    space: Space.traffic,
    isOfPackets: true,
    labels: [],
    source: 'RFC 3261 §18.3',
    example: 'increase(sip_missing_content_length_total[1h]) > 0',
  },
  {
    name: 'sip_parse_errors_total',
    type: 'counter',
    help: 'Datagrams on a SIP port, and messages of a stream, that are not a usable SIP message, by the first reason found.',
    space: Space.traffic,
    isOfPackets: true,
    labels: [
      { name: 'layer', values: ['sip'] },
      { name: 'reason', values: parseErrorNames },
    ],
    source: 'RFC 3261 §7',
    example: 'sum by (reason) (increase(sip_parse_errors_total[1h])) > 0',
  },
];
