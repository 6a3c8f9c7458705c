// SPDX-License-Identifier: Apache-2.0
import { tunnelNames } from '../../src/decode/tunnel-kind.ts';
import { carriers, nested } from '../support/tunnel-carriers.ts';
import { geneve, gre, gtpu, mpls, pppoe, udpTunnel, vxlan } from '../support/tunnel-frames.ts';
import { ethernet, ipv4, ipv6, udp } from '../support/udp-frame.ts';
import type { FilterCase } from './filter-cases.ts';

// Tunnels for both filters: the inner port decides, at any depth that is looked through. Outer ports are none of
// `filterPorts`, so that nothing passes for them.

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

type Packet = Uint8Array;
const over = (protocol: number, payload: Packet): Packet => ipv4({ protocol }, payload);
const over6 = (nextHeader: number, payload: Packet): Packet => ipv6({ nextHeader }, payload);
const inUdp = (port: number, payload: Packet): Packet => over(17, udpTunnel(port, payload));

const wanted = ipv4({}, udp({ sourcePort: 4000, destinationPort: 5060 }, [1, 2, 3, 4]));
const unwanted = ipv4({}, udp({ sourcePort: 4000, destinationPort: 5061 }, [0x13, 0xc4, 0x13, 0xc4]));
const wanted6 = ipv6({}, udp({ sourcePort: 5060, destinationPort: 4000 }, [1, 2, 3, 4]));
const unwanted6 = ipv6({}, udp({ sourcePort: 4000, destinationPort: 4000 }, [1, 2, 3, 4]));
const fragment = ipv4({ flagsAndOffset: 0x2000 }, udp({ sourcePort: 1, destinationPort: 2 }, [1, 2]));
const tcp = ipv4({ protocol: 6 }, udp({ sourcePort: 4000, destinationPort: 5060 }, new Uint8Array(12)));

const one = (name: string, passes: boolean, etherType: number, packet: Packet): FilterCase => [
  name,
  passes,
  etherType,
  [...packet],
];

const carried = (packet: Packet, what: string, passes: boolean): FilterCase[] =>
  carriers.map(([name, , etherType, carry]) => one(`${name}: ${what}`, passes, etherType, carry(packet)));

const chains: readonly (readonly string[])[] = [
  ['VXLAN', 'GRE'],
  ['GRE', 'VXLAN'],
  ['ERSPAN II', 'VXLAN'],
  ['ERSPAN III with a subheader', 'GTP-U with extension headers'],
  ['GTP-U', 'IPIP', 'GRE'],
  ['IPIP', 'IPIP', 'IPIP', 'IPIP'],
  ['VXLAN', 'Geneve', 'GTP-U'],
];

/** Of tunnels, without detection, all kinds enabled. */
export const tunnelCases: readonly FilterCase[] = [
  ...carried(wanted, 'the port', true),
  ...carried(unwanted, 'another port', false),
  ...carried(fragment, 'a fragment', true),
  ...carried(tcp, 'TCP', true),
  one('6in4', true, IPV4, over(41, wanted6)),
  one('6in4: another port', false, IPV4, over(41, unwanted6)),
  one('6in4 over IPv6', true, IPV6, over6(41, wanted6)),
  one('GRE with IPv6', true, IPV4, over(47, gre({}, IPV6, wanted6))),
  one('GRE with IPv6: another port', false, IPV4, over(47, gre({}, IPV6, unwanted6))),
  one('GTP-U with IPv6', true, IPV4, inUdp(2152, gtpu({}, wanted6))),
  one('PPPoE with IPv6', true, 0x8864, pppoe(0x57, wanted6)),
  one('MPLS with IPv6', true, 0x8847, mpls([2, 16], wanted6)),
  ...chains.map((names) => one(names.join(', '), true, IPV4, nested(names, wanted))),
  ...chains.map((names) => one(`${names.join(', ')}: another port`, false, IPV4, nested(names, unwanted))),
  one('too many to look through', true, IPV4, nested(new Array(20).fill('IPIP'), unwanted)),
  one('too many labels to look through', true, 0x8847, mpls(new Array(20).fill(16), unwanted)),
  // What is no tunnel, or none of a user.
  one('PPPoE: LCP', false, 0x8864, pppoe(0xc021, wanted)),
  one('PPPoE discovery', false, 0x8863, pppoe(0x21, wanted)),
  one('GRE version 1', false, IPV4, over(47, gre({ flags: 1 }, IPV4, wanted))),
  one('GRE with a source route', false, IPV4, over(47, gre({ flags: 0x4000 }, IPV4, wanted))),
  one('GRE with another protocol', false, IPV4, over(47, gre({}, 0x880b, wanted))),
  one('GTP-U echo', false, IPV4, inUdp(2152, gtpu({ messageType: 1 }, wanted))),
  one(
    'GTP-U with an empty extension',
    false,
    IPV4,
    inUdp(2152, gtpu({ extensions: [[1, [0, 0]]] }, []).fill(0, 12)),
  ),
  one('VXLAN without its flag', false, IPV4, inUdp(4789, vxlan(ethernet(IPV4, wanted), 0))),
  one('Geneve of version 1', false, IPV4, inUdp(6081, geneve(IPV4, wanted, [], 1))),
  one('VXLAN on another port', false, IPV4, inUdp(4790, vxlan(ethernet(IPV4, wanted)))),
  one('MPLS with no IP', false, 0x8847, mpls([16], wanted.with(0, 0x55))),
  // A telephone's port may be a tunnel's.
  ...[2152, 4789, 6081, 8472].map((port) =>
    one(
      `SIP to port ${port}`,
      true,
      IPV4,
      ipv4({}, udp({ sourcePort: 5060, destinationPort: port }, Buffer.from('INVITE sip:a@b SIP/2.0'))),
    ),
  ),
];

/** Each kind of tunnel with what must be enabled for its inside to be seen: one that passes if, and only if, it is. */
export const kindCases: readonly (readonly [kindBit: number, FilterCase])[] = [
  ...carriers.map(
    ([name, kind, etherType, wrap]) => [bitOf(kind), one(name, true, etherType, wrap(wanted))] as const,
  ),
  [bitOf('6in4'), one('6in4', true, IPV4, over(41, wanted6))],
];

function bitOf(kind: string): number {
  return 1 << tunnelNames.indexOf(kind);
}

const invite = ipv4(
  {},
  udp({ sourcePort: 9, destinationPort: 9 }, Buffer.from('INVITE sip:a@b SIP/2.0\r\n')),
);
const voice = ipv4({}, udp({ sourcePort: 9, destinationPort: 9 }, [0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0]));

/** Of tunnels, with detection. */
export const tunnelDetectionCases: readonly FilterCase[] = [
  ...carried(invite, 'INVITE on another port', true),
  ...carried(voice, 'voice', false),
  ...['INVITE sip:a@b', 'MESSAGE sip:a@b', 'NOTIFY sip:a@b', 'OPTIONS sip:a@b', 'SIP/2.0 200 OK'].flatMap(
    (text) =>
      [2152, 4789, 6081, 8472].map((port) =>
        one(`${text} to port ${port}`, true, IPV4, inUdp(port, Buffer.from(text))),
      ),
  ),
];
