// SPDX-License-Identifier: Apache-2.0
import {
  erspan1,
  erspan2,
  erspan3,
  geneve,
  gre,
  gtpu,
  mpls,
  pppoe,
  pseudowire,
  udpTunnel,
  vxlan,
} from './tunnel-frames.ts';
import { ethernet, ipv4, ipv6, vlanTag } from './udp-frame.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ETHERNET = 0x6558;

type Packet = Uint8Array;
const over = (protocol: number, payload: Packet): Packet => ipv4({ protocol, ...ends }, payload);
const over6 = (nextHeader: number, payload: Packet): Packet => ipv6({ nextHeader, ...ends6 }, payload);
const inUdp = (port: number, payload: Packet): Packet => over(17, udpTunnel(port, payload));
/** The ends of each tunnel are not those of what is in it. */
const ends = { source: '10.0.0.1', destination: '10.0.0.2' };
const ends6 = { source: 'fd00::1', destination: 'fd00::2' };

/** One way to carry an IPv4 packet: the kind that must be enabled, EtherType and packet of what carries it. */
export type Carrier = readonly [
  name: string,
  kind: string,
  etherType: number,
  carry: (packet: Packet) => Packet,
];

/** Ways to carry an IPv4 packet, at least one for each kind of tunnel. */
export const carriers: readonly Carrier[] = [
  ['IPIP', 'ipip', IPV4, (packet) => over(4, packet)],
  ['IPIP over IPv6', 'ipip', IPV6, (packet) => over6(4, packet)],
  ['GRE', 'gre', IPV4, (packet) => over(47, gre({}, IPV4, packet))],
  ['GRE over IPv6', 'gre', IPV6, (packet) => over6(47, gre({}, IPV4, packet))],
  [
    'GRE with checksum, key and sequence number',
    'gre',
    IPV4,
    (packet) => over(47, gre({ checksum: 1, key: 2, sequence: 3 }, IPV4, packet)),
  ],
  ['GRE with a key', 'gre', IPV4, (packet) => over(47, gre({ key: 0x13c4 }, IPV4, packet))],
  ['GRE with Ethernet', 'gre', IPV4, (packet) => over(47, gre({}, ETHERNET, ethernet(IPV4, packet)))],
  ['GRE with a VLAN tag', 'gre', IPV4, (packet) => over(47, gre({}, 0x8100, vlanTag(5, IPV4, packet)))],
  ['ERSPAN I', 'erspan', IPV4, (packet) => over(47, erspan1(ethernet(IPV4, packet)))],
  ['ERSPAN II', 'erspan', IPV4, (packet) => over(47, erspan2(ethernet(IPV4, packet)))],
  [
    'ERSPAN II with a VLAN tag',
    'erspan',
    IPV4,
    (packet) => over(47, erspan2(ethernet(0x8100, vlanTag(5, IPV4, packet)))),
  ],
  ['ERSPAN III', 'erspan', IPV4, (packet) => over(47, erspan3({}, ethernet(IPV4, packet)))],
  [
    'ERSPAN III with a subheader',
    'erspan',
    IPV4,
    (packet) => over(47, erspan3({ hasSubheader: true }, ethernet(IPV4, packet))),
  ],
  ['ERSPAN III with IP', 'erspan', IPV4, (packet) => over(47, erspan3({ frameType: 2 }, packet))],
  ['VXLAN', 'vxlan', IPV4, (packet) => inUdp(4789, vxlan(ethernet(IPV4, packet)))],
  ['VXLAN over IPv6', 'vxlan', IPV6, (packet) => over6(17, udpTunnel(4789, vxlan(ethernet(IPV4, packet))))],
  ['VXLAN on the old port', 'vxlan', IPV4, (packet) => inUdp(8472, vxlan(ethernet(IPV4, packet)))],
  ['VXLAN with a group', 'vxlan', IPV4, (packet) => inUdp(4789, vxlan(ethernet(IPV4, packet), 0x88))],
  ['Geneve', 'geneve', IPV4, (packet) => inUdp(6081, geneve(ETHERNET, ethernet(IPV4, packet)))],
  [
    'Geneve with options',
    'geneve',
    IPV4,
    (packet) => inUdp(6081, geneve(ETHERNET, ethernet(IPV4, packet), new Uint8Array(12).fill(0x13))),
  ],
  ['Geneve with IP', 'geneve', IPV4, (packet) => inUdp(6081, geneve(IPV4, packet))],
  ['GTP-U', 'gtpu', IPV4, (packet) => inUdp(2152, gtpu({}, packet))],
  ['GTP-U with a sequence number', 'gtpu', IPV4, (packet) => inUdp(2152, gtpu({ sequence: 0x13c4 }, packet))],
  [
    'GTP-U with extension headers',
    'gtpu',
    IPV4,
    (packet) =>
      inUdp(
        2152,
        gtpu(
          {
            extensions: [
              [0x85, [0x10, 9]],
              [0xc0, [1, 2, 3, 4, 5, 6]],
            ],
          },
          packet,
        ),
      ),
  ],
  ['PPPoE', 'pppoe', 0x8864, (packet) => pppoe(0x21, packet)],
  ['MPLS', 'mpls', 0x8847, (packet) => mpls([16], packet)],
  ['MPLS, three labels', 'mpls', 0x8848, (packet) => mpls([16, 17, 0xfffff], packet)],
  ['MPLS pseudowire', 'mpls', 0x8847, (packet) => mpls([16], pseudowire(ethernet(IPV4, packet)))],
];

/** IPv4 carriers in one another, the outermost first. */
export function nested(names: readonly string[], packet: Packet): Packet {
  return names.reduceRight((inner, name) => {
    const [, , , carry] = carriers.find(([carrier]) => carrier === name)!;
    return carry(inner);
  }, packet);
}
