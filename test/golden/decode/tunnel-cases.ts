// SPDX-License-Identifier: Apache-2.0
import { tcp } from '../../support/tcp-frame.ts';
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
} from '../../support/tunnel-frames.ts';
import { bytesOf, ethernet, ipv4, ipv6, vlanTag } from '../../support/udp-frame.ts';
import type { ExpectedDatagram, GoldenCase } from './cases.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ETHERNET = 0x6558;

type Packet = Uint8Array;

/**
 * Frames with a packet in tunnels of every kind, all in Ethernet: `packet` and `packet6` hold the datagrams `found` and
 * `found6`.
 */
export function tunnelCases(
  packet: Packet,
  packet6: Packet,
  found: ExpectedDatagram,
  found6: ExpectedDatagram,
): GoldenCase[] {
  const ip = (protocol: number, payload: Packet): Packet =>
    ethernet(
      IPV4,
      ipv4({ protocol, source: '10.0.0.1', destination: '10.0.0.2', identification: 7 }, payload),
    );
  const ip6 = (nextHeader: number, payload: Packet): Packet =>
    ethernet(IPV6, ipv6({ nextHeader, source: 'fd00::1', destination: 'fd00::2' }, payload));
  const inUdp = (port: number, payload: Packet): Packet => ip(17, udpTunnel(port, payload));
  const frame = ethernet(IPV4, packet);
  const tagged = ethernet(0x8100, vlanTag(0xa064, IPV4, packet));
  const four = (depth: number): Packet =>
    depth === 0 ? packet : ipv4({ protocol: 4, source: '10.0.0.1' }, four(depth - 1));
  const one = (name: string, bytes: Packet, expected: ExpectedDatagram | string = found): GoldenCase => ({
    name,
    bytes,
    expected,
  });
  const outer = (payload: string, destinationPort: number): ExpectedDatagram => ({
    source: '10.0.0.1',
    destination: '10.0.0.2',
    sourcePort: 49152,
    destinationPort,
    payload,
    ipIdentification: 7,
    udpChecksum: 0,
    vlanTci: -1,
  });

  return [
    one('IPIP', ip(4, packet)),
    one('IPIP over IPv6', ip6(4, packet)),
    one('6in4', ip(41, packet6), found6),
    one('6in4 over IPv6', ip6(41, packet6), found6),
    one('IPIP: IPv6 in it', ip(4, packet6), 'bad_ip_version'),
    one('IPIP: packet cut', ip(4, packet.subarray(0, 40)), 'truncated_ipv4'),
    one(
      'IPIP: inner packet longer than the outer, and bytes behind',
      bytesOf(ip(4, packet.subarray(0, 40)), packet.subarray(40)),
      'truncated_ipv4',
    ),
    one('IPIP: fragment in it', ip(4, packet.with(6, 0x20)), 'fragment'),
    one('IPIP: TCP in it', ip(4, ipv4({ protocol: 6 }, tcp({}))), 'segment'),
    one('four deep', ethernet(IPV4, four(4))),
    one('five deep', ethernet(IPV4, four(5)), 'too_many_tunnels'),

    one('GRE', ip(47, gre({}, IPV4, packet))),
    one('GRE over IPv6', ip6(47, gre({}, IPV4, packet))),
    one('GRE with IPv6', ip(47, gre({}, IPV6, packet6)), found6),
    one('GRE with a checksum', ip(47, gre({ checksum: 9 }, IPV4, packet))),
    one('GRE with a key', ip(47, gre({ key: 9 }, IPV4, packet))),
    one('GRE with a sequence number', ip(47, gre({ sequence: 9 }, IPV4, packet))),
    one('GRE with all three', ip(47, gre({ checksum: 9, key: 9, sequence: 9 }, IPV4, packet))),
    one('GRE with Ethernet', ip(47, gre({}, ETHERNET, frame))),
    one('GRE with Ethernet and a VLAN tag', ip(47, gre({}, ETHERNET, tagged)), { ...found, vlanTci: 0xa064 }),
    one('GRE with a VLAN tag', ip(47, gre({}, 0x8100, vlanTag(0xa064, IPV4, packet))), {
      ...found,
      vlanTci: 0xa064,
    }),
    one('GRE version 1', ip(47, gre({ flags: 1 }, 0x880b, packet)), 'unsupported_tunnel'),
    one('GRE with a source route', ip(47, gre({ flags: 0x4000 }, IPV4, packet)), 'unsupported_tunnel'),
    one('GRE with another protocol', ip(47, gre({}, 0x880b, packet)), 'unsupported_ethertype'),
    one('GRE cut', ip(47, gre({}, IPV4, packet).subarray(0, 3)), 'truncated_tunnel'),
    one('GRE cut in its key', ip(47, gre({ key: 9 }, IPV4, packet).subarray(0, 7)), 'truncated_tunnel'),

    one('ERSPAN I', ip(47, erspan1(frame))),
    one('ERSPAN II', ip(47, erspan2(frame))),
    one('ERSPAN II with a VLAN tag', ip(47, erspan2(tagged)), { ...found, vlanTci: 0xa064 }),
    one('ERSPAN II of version 2', ip(47, erspan2(frame, 2)), 'bad_tunnel_header'),
    one('ERSPAN II cut', ip(47, erspan2(frame).subarray(0, 15)), 'truncated_tunnel'),
    one('ERSPAN II, mirrored frame cut', ip(47, erspan2(frame.subarray(0, 60))), 'truncated_ipv4'),
    one('ERSPAN III', ip(47, erspan3({}, frame))),
    one('ERSPAN III with a subheader', ip(47, erspan3({ hasSubheader: true }, frame))),
    one('ERSPAN III with IP', ip(47, erspan3({ frameType: 2 }, packet))),
    one('ERSPAN III with something else', ip(47, erspan3({ frameType: 3 }, frame)), 'unsupported_tunnel'),
    one('ERSPAN III of version 1', ip(47, erspan3({ version: 1 }, frame)), 'bad_tunnel_header'),
    one('ERSPAN III cut', ip(47, erspan3({}, frame).subarray(0, 19)), 'truncated_tunnel'),
    one(
      'ERSPAN III cut in its subheader',
      ip(47, erspan3({ hasSubheader: true }, [])).subarray(0, 60),
      'truncated_ipv4',
    ),

    one('VXLAN', inUdp(4789, vxlan(frame))),
    one('VXLAN over IPv6', ip6(17, udpTunnel(4789, vxlan(frame)))),
    one('VXLAN on the old port', inUdp(8472, vxlan(frame))),
    one('VXLAN with a group', inUdp(4789, vxlan(frame, 0x88))),
    one(
      'VXLAN in a VLAN, with a VLAN',
      ethernet(0x8100, vlanTag(7, IPV4, inUdp(4789, vxlan(tagged)).subarray(14))),
      {
        ...found,
        vlanTci: 7,
      },
    ),
    one('VXLAN cut', inUdp(4789, vxlan([]).subarray(0, 7)), 'truncated_tunnel'),
    one('VXLAN with less than Ethernet', inUdp(4789, vxlan([1, 2, 3])), 'truncated_link'),
    one('VXLAN with ARP', inUdp(4789, vxlan(ethernet(0x0806, new Uint8Array(28)))), 'unsupported_ethertype'),
    one('VXLAN without its flag', inUdp(4789, bytesOf(0, [1, 2])), outer('\0\u0001\u0002', 4789)),
    one('nothing to the port of VXLAN', inUdp(4789, new Uint8Array(0)), outer('', 4789)),

    one('Geneve', inUdp(6081, geneve(ETHERNET, frame))),
    one('Geneve with options', inUdp(6081, geneve(ETHERNET, frame, new Uint8Array(8)))),
    one('Geneve with IPv4', inUdp(6081, geneve(IPV4, packet))),
    one('Geneve with IPv6', inUdp(6081, geneve(IPV6, packet6)), found6),
    one('Geneve of version 1', inUdp(6081, bytesOf(0x40)), outer('@', 6081)),
    one('Geneve cut', inUdp(6081, geneve(IPV4, []).subarray(0, 7)), 'truncated_tunnel'),
    one(
      'Geneve cut in its options',
      inUdp(6081, geneve(IPV4, [], new Uint8Array(8)).subarray(0, 15)),
      'truncated_tunnel',
    ),

    one('GTP-U', inUdp(2152, gtpu({}, packet))),
    one('GTP-U with IPv6', inUdp(2152, gtpu({}, packet6)), found6),
    one('GTP-U with a sequence number', inUdp(2152, gtpu({ sequence: 3 }, packet))),
    one('GTP-U with an N-PDU number', inUdp(2152, gtpu({ npdu: 3 }, packet))),
    one('GTP-U with an extension header', inUdp(2152, gtpu({ extensions: [[0x85, [0x10, 9]]] }, packet))),
    one(
      'GTP-U with two extension headers and the rest',
      inUdp(
        2152,
        gtpu(
          {
            sequence: 1,
            npdu: 2,
            extensions: [
              [0x85, [0x10, 9]],
              [0xc0, [0, 1, 0, 0, 0, 0]],
            ],
          },
          packet,
        ),
      ),
    ),
    one(
      'GTP-U echo',
      inUdp(2152, gtpu({ messageType: 1, sequence: 1 }, new Uint8Array(0))),
      'unsupported_tunnel',
    ),
    one('GTP-U with Ethernet', inUdp(2152, gtpu({}, frame)), 'unsupported_tunnel'),
    one('GTP-U cut', inUdp(2152, gtpu({}, []).subarray(0, 7)), 'truncated_tunnel'),
    one('GTP-U with nothing', inUdp(2152, gtpu({}, [])), 'truncated_tunnel'),
    one('GTP-U longer than its datagram', inUdp(2152, gtpu({ length: 500 }, packet)), 'truncated_tunnel'),
    one(
      'GTP-U shorter than its options',
      inUdp(2152, gtpu({ length: 3, npdu: 1 }, packet)),
      'bad_tunnel_header',
    ),
    one(
      'GTP-U with an extension header of no length',
      inUdp(2152, bytesOf([0x34, 255, 0, 8, 0, 0, 0, 1], [0, 0, 0, 0x85], [0, 1, 2, 0])),
      'bad_tunnel_header',
    ),
    one(
      'GTP-U with too many extension headers',
      inUdp(2152, gtpu({ extensions: new Array(9).fill([0x85, [0x10, 9]]) }, packet)),
      'bad_tunnel_header',
    ),

    one('PPPoE', ethernet(0x8864, pppoe(0x21, packet))),
    one('PPPoE with IPv6', ethernet(0x8864, pppoe(0x57, packet6)), found6),
    one('PPPoE with padding', ethernet(0x8864, bytesOf(pppoe(0x21, packet), new Uint8Array(9)))),
    one('PPPoE in a VLAN', ethernet(0x8100, vlanTag(0xa064, 0x8864, pppoe(0x21, packet))), {
      ...found,
      vlanTci: 0xa064,
    }),
    one('PPPoE: LCP', ethernet(0x8864, pppoe(0xc021, [9, 0, 0, 8, 1, 2, 3, 4])), 'unsupported_tunnel'),
    one('PPPoE discovery', ethernet(0x8863, [0x11, 9, 0, 0, 0, 0]), 'unsupported_ethertype'),
    one('PPPoE of version 2', ethernet(0x8864, pppoe(0x21, packet).with(0, 0x21)), 'bad_tunnel_header'),
    one('PPPoE of no length', ethernet(0x8864, pppoe(0x21, packet, 1)), 'bad_tunnel_header'),
    one('PPPoE cut', ethernet(0x8864, pppoe(0x21, []).subarray(0, 7)), 'truncated_tunnel'),
    one('PPPoE longer than its frame', ethernet(0x8864, pppoe(0x21, packet, 900)), 'truncated_tunnel'),
    one('PPPoE shorter than its packet', ethernet(0x8864, pppoe(0x21, packet, 50)), 'truncated_ipv4'),

    one('MPLS', ethernet(0x8847, mpls([16], packet))),
    one('MPLS, three labels', ethernet(0x8847, mpls([16, 17, 18], packet))),
    one('MPLS, label of the upstream', ethernet(0x8848, mpls([16], packet))),
    one('MPLS with IPv6', ethernet(0x8847, mpls([2], packet6)), found6),
    one('MPLS pseudowire', ethernet(0x8847, mpls([16, 17], pseudowire(frame)))),
    one('MPLS in GRE', ip(47, gre({}, 0x8847, mpls([16], packet)))),
    one('MPLS with something else', ethernet(0x8847, mpls([16], packet.with(0, 0x55))), 'unsupported_tunnel'),
    one('MPLS with nothing', ethernet(0x8847, mpls([16], [])), 'truncated_tunnel'),
    one('MPLS cut in a label', ethernet(0x8847, mpls([16, 17], []).subarray(0, 7)), 'truncated_tunnel'),
    one('MPLS, too many labels', ethernet(0x8847, mpls(new Array(17).fill(16), packet)), 'bad_tunnel_header'),

    one('VXLAN in GTP-U', inUdp(2152, gtpu({}, inUdp(4789, vxlan(frame)).subarray(14)))),
    one('GRE in ERSPAN III', ip(47, erspan3({}, ip(47, gre({ key: 1 }, IPV6, packet6)))), found6),
    {
      ...one(
        'cut by the sensor in GRE',
        ip(47, gre({ key: 9 }, IPV4, packet)).subarray(0, 40),
        'truncated_by_sensor',
      ),
      originalLength: 500,
    },
    {
      ...one(
        'cut by the sensor in ERSPAN',
        ip(47, erspan3({}, frame)).subarray(0, 50),
        'truncated_by_sensor',
      ),
      originalLength: ip(47, erspan3({}, frame)).length,
    },
    {
      ...one(
        'cut by the sensor in MPLS',
        ethernet(0x8847, mpls([16, 17], packet)).subarray(0, 20),
        'truncated_by_sensor',
      ),
      originalLength: 500,
    },
    {
      ...one(
        'cut by the sensor in PPPoE',
        ethernet(0x8864, pppoe(0x21, packet)).subarray(0, 20),
        'truncated_by_sensor',
      ),
      originalLength: 500,
    },
  ];
}
