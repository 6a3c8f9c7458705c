// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** What stands between IP and SIP: fragments, TCP, WebSocket, SCTP and TLS. */
export const transportsOptions: readonly OptionDefinition[] = [
  {
    name: 'fragments.max-memory',
    value: 'SIZE',
    default: '4MiB',
    help: 'Memory of IP fragments that wait for the rest of their datagram; then the oldest datagram is given up.',
  },
  {
    name: 'fragments.max-per-datagram',
    value: 'N',
    default: '64',
    help: 'A datagram in more fragments is given up, 2 to 1024.',
  },
  {
    name: 'fragments.timeout',
    value: 'DURATION',
    default: '30s',
    help: 'A datagram that is not whole so long after its first fragment is given up.',
  },
  {
    name: 'fragments.checksum',
    default: 'on',
    help: 'Give up a reassembled datagram whose UDP or TCP checksum is wrong. --no-fragments.checksum: for captures whose addresses were rewritten.',
  },
  {
    name: 'stream.max-connections',
    value: 'N',
    default: '65536',
    help: 'TCP connections known at a time.',
  },
  {
    name: 'stream.direction-buffer',
    value: 'SIZE',
    default: '64KiB',
    help: 'Bytes of one direction of a connection that may wait for missing ones or for the rest of their message.',
  },
  {
    name: 'stream.memory',
    value: 'SIZE',
    default: '64MiB',
    help: 'Memory for what waits of all connections; an eighth of it is added for the map of what is there.',
  },
  {
    name: 'stream.idle-timeout',
    value: 'DURATION',
    default: '60s',
    help: 'What waits of a connection is given up when there was no segment for this time.',
  },
  {
    name: 'stream.connection-timeout',
    value: 'DURATION',
    default: '24h',
    help: 'An idle connection is forgotten after this time. When it goes on, it is met in the middle, as at the start.',
  },
  {
    name: 'stream.gap-timeout',
    value: 'DURATION',
    default: '5s',
    help: 'Missing bytes of a connection that were not acknowledged are given up after this time.',
  },
  {
    name: 'websocket.max-head-size',
    value: 'SIZE',
    default: '8KiB',
    help: 'A WebSocket that opens with a longer HTTP request or response is not read.',
  },
  {
    name: 'sctp.max-associations',
    value: 'N',
    default: '4096',
    help: 'SCTP associations known at a time, each direction for itself, to tell chunks that are sent again.',
  },
  {
    name: 'sctp.memory',
    value: 'SIZE',
    default: '4MiB',
    help: 'Memory for pieces of SCTP messages that wait for others; the oldest make room.',
  },
  {
    name: 'sctp.max-fragments',
    value: 'N',
    default: '64',
    help: 'An SCTP message in more pieces is not read.',
  },
  {
    name: 'sctp.fragment-timeout',
    value: 'DURATION',
    default: '30s',
    help: 'How long a piece of an SCTP message waits for the others.',
  },
  {
    name: 'tls.keylog',
    value: 'FILE',
    help: 'Read SIP over TLS and WSS with the secrets of this key log (SSLKEYLOGFILE, RFC 9850), which may grow. See docs/tls.md.',
  },
  {
    name: 'tls.ports',
    value: 'LIST',
    default: '5061',
    live: true,
    help: 'TCP ports that are taken besides --sip.ports where there is a key log.',
  },
  {
    name: 'tls.key-wait',
    value: 'DURATION',
    default: '1s',
    help: 'How long a TLS connection waits for its secrets to appear in the key log.',
  },
  {
    name: 'tls.max-keys',
    value: 'N',
    default: '65536',
    help: 'Connections whose secrets are kept; beyond, those of the oldest are forgotten.',
  },
  {
    name: 'tls.max-connections',
    value: 'N',
    default: '4096',
    help: 'TLS connections read at once; beyond, those without a message yet make room, then those that were silent longest.',
  },
  {
    name: 'tls.max-handshake',
    value: 'SIZE',
    default: '64KiB',
    help: 'A TLS connection that sends more one way before its first application data is given up.',
  },
];
