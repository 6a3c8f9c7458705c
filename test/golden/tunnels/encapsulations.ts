// SPDX-License-Identifier: Apache-2.0
import type { PcapRecord } from '../../support/pcap.ts';
import { carriers, nested } from '../../support/tunnel-carriers.ts';
import { gre, gtpu, mpls, pppoe, udpTunnel, vxlan } from '../../support/tunnel-frames.ts';
import {
  ethernet,
  ipv4,
  ipv6,
  linuxCooked,
  linuxCooked2,
  loopback,
  vlanTag,
} from '../../support/udp-frame.ts';
import { callCases } from '../calls/cases.ts';
import { play } from '../calls/scenario.ts';

// One call, with a challenge and a failed attempt beside it, over every link and in every tunnel.

const ETHERNET = 1;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ethernetHeaderBytes = 14;
const ipv4HeaderBytes = 20;

type Packet = Uint8Array;

/** A way of the call: its capture's name without `.pcap`, LINKTYPE_ number, and the frame of a packet. */
export interface Encapsulation {
  readonly name: string;
  readonly linktype: number;
  /** Frame of an IPv4 packet and of the same datagram in IPv6. */
  readonly frame: (packet: Packet, packet6: Packet) => Packet;
}

const encapsulation = (name: string, linktype: number, frame: Encapsulation['frame']): Encapsulation => ({
  name: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
  linktype,
  frame,
});
const inEthernet = (name: string, etherType: number, packet: Encapsulation['frame']): Encapsulation =>
  encapsulation(name, ETHERNET, (...packets) => ethernet(etherType, packet(...packets)));
const over = (protocol: number, payload: Packet): Packet => ipv4({ protocol, source: '10.0.0.1' }, payload);
const deep = (...names: readonly string[]): Encapsulation =>
  inEthernet(names.join(', '), IPV4, (packet) => nested(names, packet));

/** All of them; the first one is plain. */
export const encapsulations: readonly Encapsulation[] = [
  inEthernet('plain', IPV4, (packet) => packet),
  inEthernet('plain IPv6', IPV6, (_, packet6) => packet6),
  inEthernet('VLAN', 0x8100, (packet) => vlanTag(100, IPV4, packet)),
  inEthernet('QinQ', 0x88a8, (packet) => vlanTag(200, 0x8100, vlanTag(100, IPV4, packet))),
  encapsulation('Linux cooked', 113, (packet) => linuxCooked(IPV4, packet)),
  encapsulation('Linux cooked 2', 276, (packet) => linuxCooked2(IPV4, packet)),
  encapsulation('null', 0, (packet) => loopback(2, true, packet)),
  encapsulation('loop', 108, (_, packet6) => loopback(24, false, packet6)),
  encapsulation('raw IP', 101, (packet) => packet),
  ...carriers.map(([name, , etherType, carry]) => inEthernet(name, etherType, carry)),
  inEthernet('6in4', IPV4, (_, packet6) => over(41, packet6)),
  inEthernet('GRE with IPv6', IPV4, (_, packet6) => over(47, gre({}, IPV6, packet6))),
  inEthernet('GTP-U with IPv6', IPV4, (_, packet6) => over(17, udpTunnel(2152, gtpu({}, packet6)))),
  inEthernet('PPPoE with IPv6', 0x8864, (_, packet6) => pppoe(0x57, packet6)),
  inEthernet('PPPoE in QinQ', 0x88a8, (packet) =>
    vlanTag(2, 0x8100, vlanTag(1, 0x8864, pppoe(0x21, packet))),
  ),
  inEthernet('MPLS with IPv6', 0x8847, (_, packet6) => mpls([2, 16], packet6)),
  deep('VXLAN', 'GRE'),
  deep('GRE', 'VXLAN'),
  deep('ERSPAN II', 'VXLAN'),
  deep('ERSPAN III', 'GTP-U'),
  deep('GTP-U', 'IPIP'),
  deep('IPIP', 'IPIP', 'IPIP', 'IPIP'),
  encapsulation('Linux cooked with VXLAN', 113, (packet) =>
    linuxCooked(IPV4, over(17, udpTunnel(4789, vxlan(ethernet(IPV4, packet))))),
  ),
];

const cases = ['auth-407-answered', 'failure-486-after-ringing'].map(
  (name) => callCases.find((one) => one.name === name)!,
);
const frames = cases
  .flatMap(play)
  .filter(({ kind }) => kind !== undefined)
  .sort((a, b) => a.micros - b.micros);

/** The packets of the calls in one of the ways. */
export function recordsOf({ frame }: Encapsulation): PcapRecord[] {
  return frames.map(({ micros, bytes }) => {
    const packet = bytes.subarray(ethernetHeaderBytes);
    const [source, destination] = [packet.subarray(12, 16), packet.subarray(16, 20)];
    const packet6 = ipv6(
      { source: `2001:db8::${hex(source)}`, destination: `2001:db8::${hex(destination)}` },
      packet.subarray(ipv4HeaderBytes),
    );
    return { micros, bytes: frame(packet, packet6) };
  });
}

/** An IPv4 address as the last two groups of an IPv6 address. */
function hex(address: Uint8Array): string {
  return address.toHex().replace(/^(....)/, '$1:');
}
