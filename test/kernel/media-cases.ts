// SPDX-License-Identifier: Apache-2.0
import type { PortCounts } from '../../src/base/port-counts.ts';
import { carriers } from '../support/tunnel-carriers.ts';
import type { FilterCase } from './filter-cases.ts';
import { ascii, type Bytes, EtherType, extension, ipv4, ipv6, Protocol, tcp, udp } from './frames.ts';

// What both filters make of RTP and RTCP: the eBPF program by test/kernel/media.test.ts, its rule in TypeScript by
// src/decode/rtp-ports.test.ts. The ports of SIP are `filterPorts`, those of media `learnedPorts`.

/** The ports that signalling announced: both halves of a word of the map, its ends, and one of SIP. */
export const learnedPorts: readonly number[] = [1, 20_000, 20_003, 65_534, 5060];

/** Lets a filter know `learnedPorts`, one of them twice, and another that is gone again. */
export function learn(ports: PortCounts): void {
  for (const port of [...learnedPorts, 20_003, 20_001]) ports.add(port);
  for (const port of [20_003, 20_001]) ports.remove(port);
}

/** How much of a packet passes: nothing, all, or its beginning up to the end of the snapshot. */
export type Passing = 'nothing' | 'whole' | 'snapshot';

/** A packet behind an Ethernet header with VLAN tags. */
export type MediaCase = readonly [
  name: string,
  passes: Passing,
  etherType: number,
  packet: Bytes,
  tags?: FilterCase[4],
];

const { udp: UDP, tcp: TCP } = Protocol;
const { ipv4: IPV4, ipv6: IPV6 } = EtherType;
const q = { type: 0x8100, tci: 0x2064 };
const ad = { type: 0x88a8, tci: 0x0123 };

/** Payload types, or the type of a report, in the second byte; then sequence number, timestamp, SSRC and payload. */
const rtpOf = (second: number, bytes = 172, first = 0x80): Bytes =>
  [
    first,
    second,
    0,
    1,
    0,
    0,
    0,
    160,
    1,
    2,
    3,
    4,
    ...new Array<number>(Math.max(0, bytes - 12)).fill(0x55),
  ].slice(0, bytes);
const reportOf = (second: number, words = 12, first = 0x81): Bytes => [
  first,
  second,
  0,
  words,
  ...new Array<number>(words * 4).fill(7),
];
const rtp = rtpOf(0);
const report = reportOf(200);
const stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Array<number>(12).fill(9)];
const dtls = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, ...new Array<number>(100).fill(1)];

const on4 = (payload: Bytes, from = 4000, to = 20_000): Bytes => ipv4(UDP, udp(from, to, payload));
const on6 = (payload: Bytes, from = 4000, to = 20_000): Bytes => ipv6(UDP, udp(from, to, payload));
const plain = (name: string, passes: Passing, payload: Bytes, from?: number, to?: number): MediaCase => [
  name,
  passes,
  IPV4,
  on4(payload, from, to),
];
/** Its UDP header tells another length. */
const told = (payload: Bytes, length: number): Bytes => {
  const datagram = [...udp(4000, 20_000, payload)];
  datagram[4] = length >> 8;
  datagram[5] = length & 0xff;
  return ipv4(UDP, datagram);
};

const inTunnels = (what: string, passes: Passing, packet: Bytes): MediaCase[] =>
  carriers.map(
    ([name, , etherType, carry]): MediaCase => [
      `${name}: ${what}`,
      passes,
      etherType,
      [...carry(Uint8Array.from(packet))],
    ],
  );

/** With ports that were learned. */
export const learnedCases: readonly MediaCase[] = [
  plain('RTP to the port', 'snapshot', rtp),
  plain('RTP from the port', 'snapshot', rtp, 20_000, 4000),
  plain('RTP to the odd port', 'snapshot', rtp, 4000, 20_003),
  plain('RTP to the last even port', 'snapshot', rtp, 4000, 65_534),
  plain('RTP to the lowest port', 'snapshot', rtp, 4000, 1),
  plain('RTP to the odd neighbour', 'nothing', rtp, 4000, 20_005),
  plain('RTP to the even neighbour', 'nothing', rtp, 4000, 20_002),
  plain('RTP to a port that is gone', 'nothing', rtp, 4000, 20_001),
  plain('RTP on other ports', 'nothing', rtp, 4000, 4002),
  plain('RTP with a marker', 'snapshot', rtpOf(0x80)),
  plain('RTP of any type', 'snapshot', rtpOf(50)),
  plain('RTP with payload type 64 and marker is RTCP', 'whole', rtpOf(192)),
  plain('RTP with payload type 63 and marker', 'snapshot', rtpOf(191)),
  plain('RTP with payload type 96 and marker', 'snapshot', rtpOf(224)),
  plain('RTP with sources, extension and padding', 'snapshot', rtpOf(0, 300, 0xbf)),
  plain('RTP as long as a snapshot', 'whole', rtpOf(0, 76)),
  plain('RTP longer by a byte', 'snapshot', rtpOf(0, 77)),
  plain('RTP without payload', 'whole', rtpOf(0, 12)),
  plain('RTP cut within its header', 'nothing', rtpOf(0, 11)),
  plain('RTP of 1400 bytes', 'snapshot', rtpOf(96, 1400)),
  plain('version 1', 'nothing', rtpOf(0, 172, 0x40)),
  plain('version 3', 'nothing', rtpOf(0, 172, 0xc0)),
  plain('version 0', 'nothing', rtpOf(0, 172, 0x00)),
  plain('RTCP SR', 'whole', report),
  plain('RTCP to the odd port', 'whole', report, 4000, 20_003),
  plain('RTCP XR of 400 bytes', 'whole', reportOf(207, 99)),
  plain('RTCP of the old feedback', 'whole', reportOf(192, 1)),
  plain('RTCP of a type nobody assigned', 'whole', reportOf(223, 1)),
  plain('RTCP without a report', 'whole', reportOf(201, 1, 0x80)),
  plain('RTCP without a sender', 'nothing', reportOf(201, 0, 0x80)),
  plain('RTCP on other ports', 'nothing', report, 4000, 4002),
  plain('STUN', 'nothing', stun),
  plain('DTLS', 'nothing', dtls),
  plain('TURN channel', 'nothing', [0x40, 0, 0, 100, ...new Array<number>(100).fill(0x80)]),
  plain('ZRTP', 'nothing', [0x10, 0, 0, 1, ...ascii('ZRTP'), ...new Array<number>(20).fill(0x80)]),
  plain('a keep-alive', 'nothing', [0]),
  plain('an empty datagram', 'nothing', []),
  plain('text', 'nothing', ascii('OPTIONS sip:a@b SIP/2.0\r\n\r\n')),
  plain('RTP on a port of SIP', 'whole', rtp, 4000, 5060),
  plain('RTP from a port of media to one of SIP', 'whole', rtp, 20_000, 5060),
  plain('STUN on a port of both', 'whole', stun, 4000, 5060),
  ['a UDP length below the header of RTP', 'nothing', IPV4, told(rtp, 19)],
  ['a UDP length of that header', 'snapshot', IPV4, told(rtp, 20)],
  ['a UDP length of 0', 'nothing', IPV4, told(rtp, 0)],
  ['TCP with RTP where UDP has it', 'nothing', IPV4, ipv4(TCP, udp(4000, 20_000, rtp))],
  ['TCP', 'nothing', IPV4, ipv4(TCP, tcp(4000, 20_000, rtp))],
  ['IPv4 with options', 'snapshot', IPV4, ipv4(UDP, udp(4000, 20_000, rtp), { options: [1, 1, 1, 1] })],
  ['the first fragment', 'whole', IPV4, ipv4(UDP, udp(4000, 20_000, rtp), { fragment: 0x2000 })],
  ['RTP, IPv6', 'snapshot', IPV6, on6(rtp)],
  [
    'RTP, IPv6 with extension headers',
    'snapshot',
    IPV6,
    ipv6(UDP, udp(9, 20_000, rtp), [extension(0), extension(60, 16)]),
  ],
  ['RTCP, IPv6', 'whole', IPV6, on6(report)],
  ['STUN, IPv6', 'nothing', IPV6, on6(stun)],
  ['RTP on other ports, IPv6', 'nothing', IPV6, on6(rtp, 4000, 4002)],
  ['RTP, VLAN', 'snapshot', IPV4, on4(rtp), [q]],
  ['RTP, QinQ', 'snapshot', IPV4, on4(rtp), [ad, q]],
  ['RTCP, QinQ, IPv6', 'whole', IPV6, on6(report), [ad, q]],
  ...inTunnels('RTP', 'snapshot', on4(rtp)),
  ...inTunnels('RTCP', 'whole', on4(report)),
  ...inTunnels('STUN', 'nothing', on4(stun)),
];

/** With detection besides. */
export const detectedCases: readonly MediaCase[] = [
  plain('RTP, a static type', 'snapshot', rtp, 4000, 4002),
  plain('RTP, the last static type', 'snapshot', rtpOf(34), 4000, 4002),
  plain('RTP, a type nobody assigned', 'nothing', rtpOf(35), 4000, 4002),
  plain('RTP, the last one nobody assigned', 'nothing', rtpOf(95 | 0x80), 4000, 4002),
  plain('RTP, a dynamic type', 'snapshot', rtpOf(96), 4000, 4002),
  plain('RTP, the last type with marker', 'snapshot', rtpOf(255), 4000, 4002),
  plain('RTP, sources beyond the datagram', 'nothing', rtpOf(0, 40, 0x8f), 4000, 4002),
  plain('RTP, sources that fit', 'whole', rtpOf(0, 72, 0x8f), 4000, 4002),
  plain('RTP from DNS', 'nothing', rtp, 53, 4002),
  plain('RTP to the last system port', 'nothing', rtp, 4000, 1023),
  plain('RTP to the first user port', 'snapshot', rtp, 4000, 1024),
  plain('RTP cut within its header', 'nothing', rtpOf(0, 11), 4000, 4002),
  plain('RTCP SR', 'whole', report, 4000, 4002),
  plain('RTCP XR', 'whole', reportOf(207, 3), 4000, 4002),
  plain('RTCP of a type nobody uses', 'nothing', reportOf(208, 3), 4000, 4002),
  plain('RTCP of the old feedback', 'nothing', reportOf(192, 3), 4000, 4002),
  plain(
    'RTCP longer than the datagram',
    'nothing',
    [0x81, 200, 0, 13, ...new Array<number>(48).fill(7)],
    4000,
    4002,
  ),
  plain('RTCP from NTP', 'nothing', report, 123, 4002),
  plain('STUN', 'nothing', stun, 4000, 4002),
  plain('DTLS', 'nothing', dtls, 4000, 4002),
  ['RTP, IPv6', 'snapshot', IPV6, on6(rtp, 4000, 4002)],
  ['RTCP, IPv6', 'whole', IPV6, on6(report, 4000, 4002)],
  ['RTP, QinQ', 'snapshot', IPV4, on4(rtp, 4000, 4002), [ad, q]],
  ...inTunnels('RTP', 'snapshot', on4(rtp, 4000, 4002)),
  // What was learned is judged as without detection.
  ...learnedCases.filter(([name]) => !/other ports|neighbour|gone/.test(name)),
];
