// SPDX-License-Identifier: Apache-2.0
import { dataChunk, sctp } from '../../support/sctp.ts';
import { tcp } from '../../support/tcp-frame.ts';
import {
  ascii,
  bytesOf,
  ethernet,
  extension,
  fragmentHeader,
  type Ipv4Fields,
  ipv4,
  ipv6,
  linuxCooked,
  linuxCooked2,
  loopback,
  udp,
  vlanTag,
} from '../../support/udp-frame.ts';
import { tunnelCases } from './tunnel-cases.ts';

/** What `decodeFrame` has to find, stated by hand beside each frame. */
export interface ExpectedDatagram {
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  payload: string;
  ipIdentification: number;
  udpChecksum: number;
  vlanTci: number;
}

/** One frame of a golden capture: its datagram, or the reason (`decodeReasonNames`) why it has none. */
export interface GoldenCase {
  name: string;
  bytes: Uint8Array;
  /** More than `bytes.length` where the sensor cut the frame. */
  originalLength?: number;
  expected: ExpectedDatagram | string;
}

const text = 'OPTIONS sip:a@example.com SIP/2.0\r\n\r\n';
const payload = ascii(text);
const ports = { sourcePort: 5060, destinationPort: 5062 };
const plainUdp = udp({ ...ports, checksum: 0xbeef }, payload);
const plain = (fields: Ipv4Fields = {}): Uint8Array => ipv4({ identification: 0x1234, ...fields }, plainUdp);
const plain6 = ipv6({}, plainUdp);

const found: ExpectedDatagram = {
  source: '192.0.2.1',
  destination: '198.51.100.2',
  ...ports,
  payload: text,
  ipIdentification: 0x1234,
  udpChecksum: 0xbeef,
  vlanTci: -1,
};
const found6: ExpectedDatagram = {
  ...found,
  source: '2001:db8::1',
  destination: '2001:db8::2',
  ipIdentification: 0,
};

const whole = (name: string, bytes: Uint8Array, expected: ExpectedDatagram | string): GoldenCase => ({
  name,
  bytes,
  expected,
});
/** The first `capturedLength` bytes of a frame, its rest cut by the sensor. */
const cutBySensor = (
  name: string,
  bytes: Uint8Array,
  capturedLength: number,
  expected: ExpectedDatagram | string = 'truncated_by_sensor',
): GoldenCase => ({
  name,
  bytes: bytes.subarray(0, capturedLength),
  originalLength: bytes.length,
  expected,
});

const ipv4Cases: GoldenCase[] = [
  whole('plain', plain(), found),
  whole('do not fragment', plain({ flagsAndOffset: 0x4000 }), found),
  whole('options', plain({ options: [0x94, 4, 0, 0, 1, 1, 1, 0] }), found),
  whole('highest address and ports', ipv4({ source: '255.255.255.255' }, udp({ sourcePort: 65535 }, [])), {
    ...found,
    source: '255.255.255.255',
    sourcePort: 65535,
    payload: '',
    ipIdentification: 0,
    udpChecksum: 0,
  }),
  whole('bytes behind the datagram', ipv4({ identification: 0x1234 }, bytesOf(plainUdp, [1, 2, 3])), found),
  whole('bytes behind the packet', bytesOf(plain(), [0, 0, 0, 0]), found),
  whole('total length 0', plain({ totalLength: 0 }), found),
  whole('first fragment', plain({ flagsAndOffset: 0x2000 }), 'fragment'),
  whole('last fragment', plain({ flagsAndOffset: 0x0040 }), 'fragment'),
  whole('TCP', ipv4({ protocol: 6 }, tcp({}, payload)), 'segment'),
  whole('TCP with options', ipv4({ protocol: 6 }, tcp({ flags: 'S', options: [2, 4, 5, 180] })), 'segment'),
  whole('TCP header cut', ipv4({ protocol: 6 }, tcp({}).subarray(0, 19)), 'truncated_tcp'),
  whole('TCP options cut', ipv4({ protocol: 6 }, tcp({ dataOffset: 6 })), 'truncated_tcp'),
  whole('TCP data offset 4', ipv4({ protocol: 6 }, tcp({ dataOffset: 4 })), 'bad_tcp_header'),
  whole('SCTP', ipv4({ protocol: 132 }, sctp({}, dataChunk({ tsn: 1 }, payload))), 'sctp_packet'),
  whole('SCTP header cut', ipv4({ protocol: 132 }, sctp({}).subarray(0, 11)), 'truncated_sctp'),
  whole('ICMP', ipv4({ protocol: 1 }, [8, 0, 0, 0, 0, 1, 0, 1]), 'unsupported_protocol'),
  whole('header cut', plain().subarray(0, 19), 'truncated_ipv4'),
  whole('options cut', plain({ totalLength: 0, ihl: 15 }).subarray(0, 30), 'truncated_ipv4'),
  whole('packet cut', plain().subarray(0, 50), 'truncated_ipv4'),
  whole('IHL 4', plain({ ihl: 4 }), 'bad_ipv4_header'),
  whole('total length 19', plain({ totalLength: 19 }), 'bad_ipv4_header'),
  whole('header alone', ipv4({}, []), 'truncated_udp'),
  whole('UDP header cut', ipv4({}, plainUdp.subarray(0, 7)), 'truncated_udp'),
  whole('UDP length 7', ipv4({}, udp({ length: 7 }, payload)), 'bad_udp_length'),
  whole('UDP length 0', ipv4({}, udp({ length: 0 }, payload)), 'bad_udp_length'),
  whole('UDP length too long', ipv4({}, udp({ length: 9 + text.length }, payload)), 'bad_udp_length'),
];

const ah = (units: number, next: Uint8Array): Uint8Array =>
  bytesOf(17, units, new Uint8Array(2 + units * 4 + 4), next);
const chain = (count: number): Uint8Array =>
  count === 0 ? plainUdp : extension(count === 1 ? 17 : 60, 0, chain(count - 1));

const ipv6Cases: GoldenCase[] = [
  whole('plain', plain6, found6),
  whole('full address', ipv6({ source: 'fd00:1122:3344:5566:7788:99aa:bbcc:ddee' }, plainUdp), {
    ...found6,
    source: 'fd00:1122:3344:5566:7788:99aa:bbcc:ddee',
  }),
  whole(
    'hop-by-hop, then destination options',
    ipv6({ nextHeader: 0 }, extension(60, 0, extension(17, 2, plainUdp))),
    found6,
  ),
  whole('routing', ipv6({ nextHeader: 43 }, bytesOf(17, 0, 253, 0, 0, 0, 0, 0, plainUdp)), found6),
  whole('authentication', ipv6({ nextHeader: 51 }, ah(4, plainUdp)), found6),
  whole('mobility', ipv6({ nextHeader: 135 }, bytesOf(17, 0, 0, 0, 0, 0, 0, 0, plainUdp)), found6),
  whole('host identity', ipv6({ nextHeader: 139 }, bytesOf(17, 0, 1, 0x21, 0, 0, 0, 0, plainUdp)), found6),
  whole('shim6', ipv6({ nextHeader: 140 }, bytesOf(17, 0, 0x80, 0, 0, 0, 0, 0, plainUdp)), found6),
  whole('atomic fragment', ipv6({ nextHeader: 44 }, fragmentHeader(17, 0, plainUdp)), found6),
  whole(
    'atomic fragment, reserved bits set',
    ipv6({ nextHeader: 44 }, fragmentHeader(17, 6, plainUdp).fill(0xff, 1, 2)),
    found6,
  ),
  whole('eight extension headers', ipv6({ nextHeader: 60 }, chain(8)), found6),
  whole('bytes behind the packet', bytesOf(plain6, [0, 0]), found6),
  whole('payload length 0', ipv6({ payloadLength: 0 }, plainUdp), found6),
  whole('first fragment', ipv6({ nextHeader: 44 }, fragmentHeader(17, 1, plainUdp)), 'fragment'),
  whole('last fragment', ipv6({ nextHeader: 44 }, fragmentHeader(17, 0x200, plainUdp)), 'fragment'),
  whole('TCP', ipv6({ nextHeader: 6 }, tcp({}, payload)), 'segment'),
  whole('SCTP', ipv6({ nextHeader: 132 }, sctp({})), 'sctp_packet'),
  whole('ESP', ipv6({ nextHeader: 50 }, new Uint8Array(24)), 'unsupported_protocol'),
  whole('no next header', ipv6({ nextHeader: 59 }, []), 'unsupported_protocol'),
  whole('extension header alone', ipv6({ nextHeader: 60 }, extension(59, 0, [])), 'unsupported_protocol'),
  whole('header cut', plain6.subarray(0, 39), 'truncated_ipv6'),
  whole('packet cut', plain6.subarray(0, 60), 'truncated_ipv6'),
  whole('nine extension headers', ipv6({ nextHeader: 60 }, chain(9)), 'bad_ipv6_extension'),
  whole(
    'extension header beyond the packet',
    bytesOf(ipv6({ nextHeader: 44 }, [17, 0]), new Uint8Array(60).fill(0xff)),
    'bad_ipv6_extension',
  ),
  whole('extension header cut', ipv6({ nextHeader: 60 }, [17, 0, 1, 4]), 'bad_ipv6_extension'),
  whole(
    'extension header too long',
    ipv6({ nextHeader: 60 }, extension(17, 0, []).fill(9, 1, 2)),
    'bad_ipv6_extension',
  ),
  whole('UDP header cut', ipv6({}, plainUdp.subarray(0, 3)), 'truncated_udp'),
  whole('UDP length 0', ipv6({}, udp({ length: 0 }, payload)), 'bad_udp_length'),
];

/** Both address families behind one link header. */
const behind = (wrap: (etherType: number, packet: Uint8Array) => Uint8Array): GoldenCase[] => [
  ...ipv4Cases.map((one) => ({ ...one, name: `IPv4: ${one.name}`, bytes: wrap(0x0800, one.bytes) })),
  ...ipv6Cases.map((one) => ({ ...one, name: `IPv6: ${one.name}`, bytes: wrap(0x86dd, one.bytes) })),
];

const ethernetCases: GoldenCase[] = [
  ...behind(ethernet),
  whole('802.1Q', ethernet(0x8100, vlanTag(0xa064, 0x0800, plain())), { ...found, vlanTci: 0xa064 }),
  whole('802.1ad, 802.1Q', ethernet(0x88a8, vlanTag(0x6007, 0x8100, vlanTag(9, 0x86dd, plain6))), {
    ...found6,
    vlanTci: 0x6007,
  }),
  whole('0x9100', ethernet(0x9100, vlanTag(8, 0x0800, plain())), { ...found, vlanTci: 8 }),
  whole(
    'three tags',
    ethernet(0x88a8, vlanTag(1, 0x8100, vlanTag(2, 0x8100, vlanTag(3, 0x0800, plain())))),
    'too_many_vlan_tags',
  ),
  whole('tag cut', ethernet(0x8100, [0, 1, 8]), 'truncated_link'),
  whole('ARP', ethernet(0x0806, new Uint8Array(28)), 'unsupported_ethertype'),
  whole('802.3 length', ethernet(3, [0x42, 0x42, 3]), 'unsupported_ethertype'),
  whole('header cut', ethernet(0x0800, []).subarray(0, 13), 'truncated_link'),
  whole(
    'IPv6 announced, IPv4 there',
    ethernet(0x86dd, plain({ options: new Uint8Array(20) })),
    'bad_ip_version',
  ),
  whole('IPv4 announced, IPv6 there', ethernet(0x0800, plain6), 'bad_ip_version'),
  cutBySensor('cut by the sensor in Ethernet', ethernet(0x0800, plain()), 10),
  cutBySensor('cut by the sensor in a tag', ethernet(0x8100, vlanTag(1, 0x0800, plain())), 16),
  cutBySensor('cut by the sensor in IPv4', ethernet(0x0800, plain()), 20),
  cutBySensor('cut by the sensor in IPv6', ethernet(0x86dd, plain6), 40),
  cutBySensor('cut by the sensor in an extension', ethernet(0x86dd, ipv6({ nextHeader: 60 }, chain(2))), 64),
  cutBySensor(
    'cut by the sensor in the last extension',
    ethernet(0x86dd, ipv6({ nextHeader: 60 }, extension(59, 0, []))),
    60,
  ),
  cutBySensor('cut by the sensor in a header that ends the frame', ethernet(0x0806, []), 10),
  cutBySensor('cut by the sensor in UDP', ethernet(0x0800, plain()), 40),
  cutBySensor('cut by the sensor in the payload', ethernet(0x0800, plain()), 60, 'datagram_head'),
  cutBySensor('cut by the sensor in the padding', ethernet(0x0800, bytesOf(plain(), [0, 0])), 80, found),
  cutBySensor('cut by the sensor in SCTP', ethernet(0x0800, ipv4({ protocol: 132 }, sctp({}))), 40),
  cutBySensor('cut by the sensor in TCP', ethernet(0x0800, ipv4({ protocol: 6 }, tcp({}, payload))), 50),
  cutBySensor(
    'cut by the sensor in the payload of TCP',
    ethernet(0x0800, ipv4({ protocol: 6 }, tcp({}, payload))),
    64,
  ),
  {
    ...cutBySensor('cut by the sensor and on the wire', ethernet(0x0800, plain()), 20),
    originalLength: 30,
    expected: 'truncated_ipv4',
  },
];

/** The golden captures: file name, LINKTYPE_ number (tcpdump.org) and frames. */
export const goldenCaptures: readonly { file: string; linktype: number; cases: readonly GoldenCase[] }[] = [
  { file: 'ethernet.pcap', linktype: 1, cases: ethernetCases },
  { file: 'tunnels.pcap', linktype: 1, cases: tunnelCases(plain(), plain6, found, found6) },
  {
    file: 'raw-ip.pcap',
    linktype: 101,
    cases: [...behind((_, packet) => packet), whole('version 5', plain({ version: 5 }), 'bad_ip_version')],
  },
  {
    file: 'linux-cooked.pcap',
    linktype: 113,
    cases: [
      ...behind(linuxCooked),
      whole('802.1Q', linuxCooked(0x8100, vlanTag(5, 0x0800, plain())), { ...found, vlanTci: 5 }),
      whole('802.2', linuxCooked(4, [0x42, 0x42, 3]), 'unsupported_ethertype'),
      whole('header cut', linuxCooked(0x0800, []).subarray(0, 15), 'truncated_link'),
    ],
  },
  {
    file: 'linux-cooked2.pcap',
    linktype: 276,
    cases: [
      ...behind(linuxCooked2),
      whole('802.1Q', linuxCooked2(0x8100, vlanTag(5, 0x0800, plain())), { ...found, vlanTci: 5 }),
      whole('header cut', linuxCooked2(0x0800, []).subarray(0, 19), 'truncated_link'),
    ],
  },
  {
    file: 'null.pcap',
    linktype: 0,
    cases: [
      ...behind((type, packet) => loopback(type === 0x0800 ? 2 : 30, true, packet)),
      whole('another family', loopback(16, true, plain()), 'unsupported_ethertype'),
      whole('header cut', loopback(2, true, []).subarray(0, 3), 'truncated_link'),
    ],
  },
  {
    file: 'loop.pcap',
    linktype: 108,
    cases: [
      ...behind((type, packet) => loopback(type === 0x0800 ? 2 : 24, false, packet)),
      whole('IPv6 of FreeBSD', loopback(28, false, plain6), found6),
    ],
  },
];
