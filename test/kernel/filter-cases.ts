// SPDX-License-Identifier: Apache-2.0
import { ascii, EtherType, extension, ipv4, ipv6, Protocol, tcp, udp } from './frames.ts';

// What the filter takes and what it does not: the eBPF program by test/kernel/filter.test.ts, its rule in TypeScript by
// src/decode/sip-filter.test.ts. The ports are `filterPorts`.

/** The ports that are taken. */
export const filterPorts: readonly number[] = [0, 5060, 65535];

const { udp: UDP, tcp: TCP } = Protocol;
const { ipv4: IPV4, ipv6: IPV6 } = EtherType;
const q = { type: 0x8100, tci: 0x2064 };
const old = { type: 0x9100, tci: 0x0123 };
const ad = { type: 0x88a8, tci: 0x0123 };
const sip = udp(4000, 5060);
const other = udp(4000, 5061);
const many = (count: number) => new Array(count).fill(extension(60));

/** A packet behind an Ethernet header with VLAN tags, the outermost first. */
export type FilterCase = readonly [
  name: string,
  passes: boolean,
  etherType: number,
  packet: readonly number[],
  tags?: (typeof q)[],
];

/** Without detection. */
export const portCases: readonly FilterCase[] = [
  ['UDP to the port', true, IPV4, ipv4(UDP, sip)],
  ['UDP from the port', true, IPV4, ipv4(UDP, udp(5060, 9))],
  ['UDP to the neighbour port', false, IPV4, ipv4(UDP, other)],
  ['UDP to the port with its bytes swapped', false, IPV4, ipv4(UDP, udp(9, 0xc413))],
  ['UDP from port 65535', true, IPV4, ipv4(UDP, udp(65535, 9))],
  ['UDP to port 0', true, IPV4, ipv4(UDP, udp(9, 0))],
  ['TCP to the port', true, IPV4, ipv4(TCP, tcp(9, 5060))],
  ['TCP from the port', true, IPV4, ipv4(TCP, tcp(5060, 9))],
  ['TCP to another port', false, IPV4, ipv4(TCP, tcp(9, 80))],
  ['ICMP with the port where UDP has it', false, IPV4, ipv4(Protocol.icmp, sip)],
  ['SCTP to the port', true, IPV4, ipv4(132, sip)],
  ['SCTP from the port', true, IPV4, ipv4(132, udp(5060, 9))],
  ['SCTP to another port', false, IPV4, ipv4(132, other)],
  ['IPv6 SCTP', true, IPV6, ipv6(132, sip)],
  ['UDP-Lite', false, IPV4, ipv4(136, sip)],
  ['IPv4 with 4 bytes of options', true, IPV4, ipv4(UDP, sip, { options: [1, 1, 1, 0] })],
  ['IPv4 with 40 bytes of options', true, IPV4, ipv4(UDP, sip, { options: new Array(40).fill(1) })],
  ['IPv4 with options, other port', false, IPV4, ipv4(UDP, other, { options: new Array(8).fill(1) })],
  ['options that look like the port', false, IPV4, ipv4(UDP, other, { options: [0x13, 0xc4, 0x13, 0xc4] })],
  ['first IPv4 fragment', true, IPV4, ipv4(UDP, other, { fragment: 0x2000 })],
  ['middle IPv4 fragment', true, IPV4, ipv4(UDP, ascii('middle--'), { fragment: 0x20b9 })],
  ['last IPv4 fragment', true, IPV4, ipv4(UDP, ascii('tail----'), { fragment: 0x0172 })],
  ['do not fragment is no fragment', false, IPV4, ipv4(UDP, other, { fragment: 0x4000 })],
  ['do not fragment, the port', true, IPV4, ipv4(UDP, sip, { fragment: 0x4000 })],
  [
    'IPv4 with a header length of 16',
    false,
    IPV4,
    [0x44, ...ipv4(UDP, sip).slice(1, 16), 0x13, 0xc4, 0x13, 0xc4],
  ],
  ['version 5 under the type of IPv4', false, IPV4, [0x55, ...ipv4(UDP, sip).slice(1)]],
  ['IPv4 cut within its header', false, IPV4, ipv4(UDP, sip).slice(0, 11)],
  ['IPv4 cut within the ports', false, IPV4, ipv4(UDP, sip).slice(0, 23)],
  ['IPv6 UDP', true, IPV6, ipv6(UDP, sip)],
  ['IPv6 UDP from the port', true, IPV6, ipv6(UDP, udp(5060, 9))],
  ['IPv6 UDP, other port', false, IPV6, ipv6(UDP, other)],
  ['IPv6 TCP', true, IPV6, ipv6(TCP, tcp(9, 5060))],
  ['IPv6 hop-by-hop', true, IPV6, ipv6(UDP, sip, [extension(0)])],
  ['IPv6 routing of 24 bytes', true, IPV6, ipv6(UDP, sip, [extension(43, 24)])],
  ['IPv6 mobility', true, IPV6, ipv6(UDP, sip, [extension(135)])],
  ['IPv6 host identity', true, IPV6, ipv6(UDP, sip, [extension(139, 16)])],
  ['IPv6 shim6', true, IPV6, ipv6(UDP, sip, [extension(140)])],
  ['IPv6 authentication', true, IPV6, ipv6(UDP, sip, [extension(51, 24)])],
  [
    'IPv6 chain',
    true,
    IPV6,
    ipv6(TCP, tcp(9, 5060), [extension(0), extension(60, 16), extension(43), extension(51, 16)]),
  ],
  ['IPv6 chain, other port', false, IPV6, ipv6(UDP, other, [extension(0), extension(60, 16), extension(43)])],
  ['IPv6 eight extension headers', true, IPV6, ipv6(UDP, sip, many(8))],
  ['IPv6 nine extension headers', true, IPV6, ipv6(UDP, sip, many(9))],
  ['IPv6 more extension headers than are looked through', true, IPV6, ipv6(UDP, other, many(16))],
  ['IPv6 fragment', true, IPV6, ipv6(UDP, other, [extension(44)])],
  ['IPv6 fragment behind hop-by-hop', true, IPV6, ipv6(UDP, other, [extension(0), extension(44)])],
  ['IPv6 no next header', false, IPV6, ipv6(59, sip)],
  ['IPv6 ESP', false, IPV6, ipv6(50, sip)],
  ['IPv6 cut within an extension header', false, IPV6, ipv6(UDP, sip, [extension(0)]).slice(0, 41)],
  ['VLAN', true, IPV4, ipv4(UDP, sip), [q]],
  ['VLAN, other port', false, IPV4, ipv4(UDP, other), [q]],
  ['VLAN, IPv6', true, IPV6, ipv6(UDP, sip), [q]],
  ['QinQ', true, IPV4, ipv4(UDP, sip), [ad, q]],
  ['QinQ, other port', false, IPV4, ipv4(UDP, other), [ad, q]],
  ['QinQ, IPv6', true, IPV6, ipv6(UDP, sip), [q, q]],
  ['QinQ, fragment', true, IPV4, ipv4(UDP, other, { fragment: 1 }), [ad, q]],
  ['three tags: two in the data', true, IPV4, ipv4(UDP, sip), [ad, ad, q]],
  ['QinQ of old', true, IPV4, ipv4(UDP, sip), [old, q]],
  ['QinQ of old, other port', false, IPV4, ipv4(UDP, other), [old, q]],
  ['ARP', false, EtherType.arp, ipv4(UDP, sip)],
  ['INVITE on another port', false, IPV4, ipv4(UDP, udp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n')))],
];

const METHODS =
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(
    ' ',
  );
const onAnyPort = (text: string) => ipv4(UDP, udp(9, 9, ascii(text)));
/** With detection. */
export const detectionCases: readonly FilterCase[] = [
  ...METHODS.map((method): FilterCase => [method, true, IPV4, onAnyPort(`${method} sip:a@b SIP/2.0\r\n`)]),
  ...METHODS.map(
    (method): FilterCase => [`${method}X`, false, IPV4, onAnyPort(`${method}X sip:a@b SIP/2.0\r\n`)],
  ),
  ...METHODS.map(
    (method): FilterCase => [`x${method}`, false, IPV4, onAnyPort(`x${method} sip:a@b SIP/2.0\r\n`)],
  ),
  ['lower case', false, IPV4, onAnyPort('invite sip:a@b SIP/2.0\r\n')],
  ['status line', true, IPV4, onAnyPort('SIP/2.0 200 OK\r\n')],
  ['SIP/2.1', false, IPV4, onAnyPort('SIP/2.1 200 OK\r\n')],
  ['SUBSCRIBE cut', false, IPV4, onAnyPort('SUBSCRIBE')],
  ['RTP', false, IPV4, onAnyPort('\x80\x08\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01dddddddd')],
  ['keep-alive', false, IPV4, onAnyPort('\r\n\r\n')],
  ['empty', false, IPV4, onAnyPort('')],
  ['INVITE over TCP on another port', false, IPV4, ipv4(TCP, tcp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n')))],
  [
    'INVITE over SCTP on another port',
    false,
    IPV4,
    ipv4(132, udp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n'))),
  ],
  [
    'TCP with INVITE where UDP has its payload',
    false,
    IPV4,
    ipv4(TCP, udp(9, 9, ascii('INVITE sip:a@b SIP'))),
  ],
  ['INVITE, IPv6', true, IPV6, ipv6(UDP, udp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n')))],
  [
    'INVITE, IPv6 extension',
    true,
    IPV6,
    ipv6(UDP, udp(9, 9, ascii('INVITE sip:a@b SIP')), [extension(0, 16)]),
  ],
  ['INVITE, QinQ', true, IPV4, onAnyPort('INVITE sip:a@b SIP/2.0\r\n'), [ad, q]],
  ['the port without SIP', true, IPV4, ipv4(UDP, sip)],
];
