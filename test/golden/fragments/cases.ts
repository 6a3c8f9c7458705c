// SPDX-License-Identifier: Apache-2.0
import { message } from '../../replay/traffic.ts';
import {
  checkedUdp,
  ipv4Fragment,
  ipv6Fragment,
  type Part,
  partsEvery,
  partsOf,
} from '../../support/fragments.ts';
import type { PcapRecord } from '../../support/pcap.ts';
import { bytesOf, ethernet, extension, ipv6, vlanTag } from '../../support/udp-frame.ts';

/** What a capture must leave behind, written by hand; what is not given is 0. */
export interface FragmentFigures {
  /** `sip_requests_total` by method and `sip_responses_total` by method and code: `INVITE`, `INVITE 200`. */
  readonly messages?: Readonly<Record<string, number>>;
  /** `sip_retransmissions_total` */
  readonly retransmissions?: number;
  /** `sip_capture_duplicates_total` */
  readonly captureDuplicates?: number;
  /** `sip_session_attempt_results_total` by result */
  readonly results?: Readonly<Record<string, number>>;
  /** `ringtap_fragments_total` */
  readonly fragments: number;
  /** `ringtap_fragments_duplicates_total` */
  readonly fragmentDuplicates?: number;
  /** `ringtap_fragments_datagrams_total` by result */
  readonly datagrams: Readonly<Record<string, number>>;
  /** `ringtap_decode_skipped_total` and `ringtap_decode_errors_total` by reason */
  readonly notRead?: Readonly<Record<string, number>>;
}

/** One golden capture. */
export interface FragmentCase {
  readonly name: string;
  readonly meaning: string;
  readonly records: readonly PcapRecord[];
  readonly expected: FragmentFigures;
  /** What tshark finds where that is something else, and why. */
  readonly tshark?: { readonly messages: Readonly<Record<string, number>>; readonly because: string };
}

/** When every capture begins, microseconds since the epoch. */
export const startMicros = 1_700_000_000_000_000;

const caller = '192.0.2.1';
const callee = '198.51.100.2';
const caller6 = '2001:db8::1';
const callee6 = '2001:db8::2';
/** Makes a message of about 3300 bytes: with pieces of 1480, three fragments. */
const long = ['a', 'b', 'c'].map((name) => `X-${name}: ${name.repeat(980)}`);

/** Packets of one large datagram, made of its parts. */
type Cut = (datagram: Uint8Array, packetOf: (part: Part) => Uint8Array) => Uint8Array[];

interface Way {
  readonly version?: 4 | 6;
  readonly call?: string;
  /** Of the INVITE and its 200; in three pieces where it is not given. */
  readonly cut?: Cut;
  /** An IPv6 packet on its way, an IPv4 packet likewise. */
  readonly wrap?: (packet: Uint8Array) => Uint8Array;
  /** IP packet to frame. */
  readonly link?: (etherType: number, packet: Uint8Array) => Uint8Array;
}

const threePieces: Cut = (datagram, packetOf) => partsEvery(datagram, 1480).map(packetOf);

let identification = 0;

/** A datagram that goes one way or the other, at a time in seconds; the fragments follow each other in 0.1 ms. */
function sent(
  way: Way,
  seconds: number,
  fromCaller: boolean,
  payload: Uint8Array,
  cut: Cut = (datagram, packetOf) => partsOf(datagram, []).map(packetOf),
): PcapRecord[] {
  const { version = 4, wrap = (packet) => packet, link = ethernet } = way;
  const own = ++identification;
  const ends = version === 4 ? [caller, callee] : [caller6, callee6];
  const [source, destination] = (fromCaller ? ends : ends.toReversed()) as [string, string];
  const datagram = checkedUdp({ source, destination }, { destinationPort: 5060 }, payload);
  const packetOf = (part: Part): Uint8Array => {
    const fields = { source, destination, identification: own };
    if (version === 4) return ipv4Fragment(fields, part);
    const isWhole = part.offset === 0 && !part.hasMore;
    return isWhole ? ipv6(fields, part.data) : ipv6Fragment(fields, part);
  };
  return cut(datagram, packetOf).map((packet, i) => ({
    micros: startMicros + Math.round(seconds * 1e6) + i * 100,
    bytes: link(version === 4 ? 0x0800 : 0x86dd, wrap(packet)),
  }));
}

const invite = (call: string, fields = long): Uint8Array => message({ call, method: 'INVITE', fields });

/** A call whose INVITE and 200 are large. */
function call(way: Way, at: number = 0): PcapRecord[] {
  const { call: name = 'a', cut = threePieces } = way;
  const ok = message({ call: name, method: 'INVITE', code: 200, fields: long });
  return [
    ...sent(way, at, true, invite(name), cut),
    ...sent(way, at + 1, false, ok, cut),
    ...sent(way, at + 1.01, true, message({ call: name, method: 'ACK', hasToTag: true })),
    ...sent(way, at + 10, true, message({ call: name, method: 'BYE', cseq: 2, hasToTag: true })),
    ...sent(way, at + 10.1, false, message({ call: name, method: 'BYE', cseq: 2, code: 200 })),
  ];
}

const wholeCall = { INVITE: 1, 'INVITE 200': 1, ACK: 1, BYE: 1, 'BYE 200': 1 };
/** The call without its INVITE. */
const rest = { 'INVITE 200': 1, ACK: 1, BYE: 1, 'BYE 200': 1 };
const answered = { answered: 1 };

/** The INVITE in its own way, then the rest of the call in three pieces. */
function callWithInvite(way: Way, cut: Cut): PcapRecord[] {
  let isFirst = true;
  return call({
    ...way,
    cut: (datagram, packetOf) => {
      const own = isFirst ? cut : threePieces;
      isFirst = false;
      return own(datagram, packetOf);
    },
  });
}

/** Another datagram, long after. */
const later = (way: Way = {}): PcapRecord[] =>
  sent(way, 60, true, message({ call: 'later', method: 'OPTIONS' }));

const each = (cut: Cut, order: (packets: Uint8Array[]) => Uint8Array[]): Cut => {
  return (datagram, packetOf) => order(cut(datagram, packetOf));
};
const reversed = each(threePieces, (packets) => packets.toReversed());
const twice = each(threePieces, (packets) => packets.flatMap((packet) => [packet, packet]));
const copied = each(threePieces, (packets) => [...packets, ...packets]);
const withoutMiddle = each(threePieces, (packets) => packets.filter((_, i) => i !== 1));
/** The second part begins eight bytes early, with what the first one ends with, and then differs. */
const overlapping: Cut = (datagram, packetOf) => {
  const [first, , third] = partsEvery(datagram, 1480);
  const second = { offset: 1472, hasMore: true, data: datagram.slice(1472, 2960).fill(0x41, 0, 8) };
  return [first!, second, third!].map(packetOf);
};

const inIpv6 = { version: 6 } as const;

/** Hop-by-hop options and destination options before whatever an IPv6 packet has. */
function behindExtensions(packet: Uint8Array): Uint8Array {
  const chain = extension(60, 1, extension(packet[6]!, 0, packet.subarray(40)));
  const header = packet.slice(0, 40);
  header[4] = chain.length >> 8;
  header[5] = chain.length & 0xff;
  header[6] = 0;
  return bytesOf(header, chain);
}

/** An atomic fragment: a whole packet with a fragment header (RFC 6946). */
const atomic: Cut = (datagram) => [
  ipv6Fragment({ source: caller6, destination: callee6 }, { offset: 0, hasMore: false, data: datagram }),
];

const vlan = (etherType: number, packet: Uint8Array): Uint8Array =>
  ethernet(0x8100, vlanTag(100, etherType, packet));
const qinq = (etherType: number, packet: Uint8Array): Uint8Array =>
  ethernet(0x88a8, vlanTag(7, 0x8100, vlanTag(100, etherType, packet)));

/** Two lists in turns: the times of the first, and its frames in between those of the second. */
function interleaved(one: readonly PcapRecord[], other: readonly PcapRecord[]): PcapRecord[] {
  return [...one, ...other.map((record) => ({ ...record, micros: record.micros + 50 }))].sort(
    (a, b) => a.micros - b.micros,
  );
}

/** Frames cut at a length by the sensor. */
const snapped = (records: readonly PcapRecord[], length: number): PcapRecord[] =>
  records.map(({ micros, bytes }) => ({
    micros,
    bytes: bytes.slice(0, length),
    originalLength: bytes.length,
  }));

/** The end of one INVITE and, the identification having come round, the begin of another 20 s later. */
function glued(): PcapRecord[] {
  const inTwo: Cut = (datagram, packetOf) => partsOf(datagram, [1480]).map(packetOf);
  const one = sent({}, 0, true, invite('one'), inTwo);
  identification--;
  const two = sent(
    {},
    20,
    true,
    invite(
      'two',
      long.map((field) => field.toUpperCase()),
    ),
    inTwo,
  );
  return [one[1]!, ...two];
}

/** Every golden capture. */
export const fragmentCases: readonly FragmentCase[] = [
  {
    name: 'ipv4',
    meaning: 'INVITE and 200 in three fragments each',
    records: call({}),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'ipv6',
    meaning: 'the same in IPv6',
    records: call(inIpv6),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'ipv4-reversed',
    meaning: 'the last fragment first, as Linux once sent them',
    records: call({ cut: reversed }),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'ipv6-reversed',
    meaning: 'the same in IPv6',
    records: call({ ...inIpv6, cut: reversed }),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'interleaved',
    meaning: 'the fragments of two calls between the same hosts, in turns',
    records: interleaved(call({}), call({ call: 'b' })),
    expected: {
      messages: { INVITE: 2, 'INVITE 200': 2, ACK: 2, BYE: 2, 'BYE 200': 2 },
      results: { answered: 2 },
      fragments: 12,
      datagrams: { reassembled: 4 },
    },
  },
  {
    name: 'eight-bytes',
    meaning: 'INVITE in fragments of eight: the first one is the UDP header',
    records: sent({}, 0, true, message({ call: 'a', method: 'INVITE' }), (datagram, packetOf) =>
      partsEvery(datagram, 8).map(packetOf),
    ),
    expected: { messages: { INVITE: 1 }, fragments: 28, datagrams: { reassembled: 1 } },
  },
  {
    name: 'mirror-fragments',
    meaning: 'a mirror shows each fragment twice in a row: copies are left out, the last one begins nothing',
    records: [...call({ cut: twice }), ...later()],
    expected: {
      messages: { ...wholeCall, OPTIONS: 1 },
      results: answered,
      fragments: 12,
      fragmentDuplicates: 6,
      datagrams: { reassembled: 2 },
    },
  },
  {
    name: 'mirror-datagrams',
    meaning:
      'a mirror shows all fragments, then all again: a capture duplicate, as of a packet that is whole',
    records: [...call({ cut: copied }), ...later()],
    expected: {
      messages: { ...wholeCall, OPTIONS: 1 },
      captureDuplicates: 2,
      results: answered,
      fragments: 12,
      datagrams: { reassembled: 4 },
    },
    tshark: {
      messages: { ...wholeCall, INVITE: 2, 'INVITE 200': 2, OPTIONS: 1 },
      because: 'it counts copies',
    },
  },
  {
    name: 'mirror-datagrams-ipv6',
    meaning: 'the same in IPv6, where the UDP checksum and the length tell',
    records: [...call({ ...inIpv6, cut: copied }), ...later()],
    expected: {
      messages: { ...wholeCall, OPTIONS: 1 },
      captureDuplicates: 2,
      results: answered,
      fragments: 12,
      datagrams: { reassembled: 4 },
    },
    tshark: {
      messages: { ...wholeCall, INVITE: 2, 'INVITE 200': 2, OPTIONS: 1 },
      because: 'it counts copies',
    },
  },
  {
    name: 'retransmission',
    meaning: 'an INVITE sent again after 0.5 s, with an identification of its own',
    records: [
      ...sent({}, 0, true, invite('a'), threePieces),
      ...sent({}, 0.5, true, invite('a'), threePieces),
    ],
    expected: { messages: { INVITE: 2 }, retransmissions: 1, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'overlap-ipv4',
    meaning:
      'the second fragment of the INVITE overlaps the first: the INVITE is dropped, here and by hosts (RFC 5722)',
    records: [...callWithInvite({}, overlapping), ...later()],
    expected: {
      messages: { ...rest, OPTIONS: 1 },
      fragments: 6,
      datagrams: { overlap: 1, reassembled: 1 },
    },
    tshark: { messages: { ...wholeCall, OPTIONS: 1 }, because: 'it puts overlapping fragments together' },
  },
  {
    name: 'overlap-ipv6',
    meaning: 'the same in IPv6',
    records: [...callWithInvite(inIpv6, overlapping), ...later()],
    expected: {
      messages: { ...rest, OPTIONS: 1 },
      fragments: 6,
      datagrams: { overlap: 1, reassembled: 1 },
    },
    tshark: { messages: { ...wholeCall, OPTIONS: 1 }, because: 'it puts overlapping fragments together' },
  },
  {
    name: 'missing',
    meaning: 'the second fragment of the INVITE is lost: a timeout after 30 s',
    records: [...callWithInvite({}, withoutMiddle), ...later()],
    expected: {
      messages: { ...rest, OPTIONS: 1 },
      fragments: 5,
      datagrams: { timeout: 1, reassembled: 1 },
    },
  },
  {
    name: 'missing-still-open',
    meaning: 'the capture ends before 30 s are over: nothing is said of the datagram',
    records: sent({}, 0, true, invite('a'), withoutMiddle),
    expected: { fragments: 2, datagrams: {} },
  },
  {
    name: 'atomic',
    meaning: 'an IPv6 packet that is whole, with a fragment header (RFC 6946): no fragment',
    records: sent(inIpv6, 0, true, message({ call: 'a', method: 'INVITE' }), atomic),
    expected: { messages: { INVITE: 1 }, fragments: 0, datagrams: {} },
  },
  {
    name: 'behind-extension-headers',
    meaning: 'IPv6 hop-by-hop and destination options before the fragment header',
    records: call({ ...inIpv6, wrap: behindExtensions }),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'vlan',
    meaning: 'fragments within a VLAN',
    records: call({ link: vlan }),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'qinq-ipv6',
    meaning: 'fragments within two VLAN tags',
    records: call({ ...inIpv6, link: qinq, cut: reversed }),
    expected: { messages: wholeCall, results: answered, fragments: 6, datagrams: { reassembled: 2 } },
  },
  {
    name: 'snap-length',
    meaning:
      'the sensor kept 1000 bytes of each frame: no fragment of 1480 is there, and that is no loss in the network',
    records: snapped([...call({}), ...later()], 1000),
    expected: {
      messages: { ACK: 1, BYE: 1, 'BYE 200': 1, OPTIONS: 1 },
      fragments: 6,
      datagrams: { truncated_by_sensor: 2 },
    },
    tshark: {
      messages: { INVITE: 1, ' 200': 1, ACK: 1, BYE: 1, 'BYE 200': 1, OPTIONS: 1 },
      because: 'it reads what is there of a message',
    },
  },
  {
    name: 'identification-again',
    meaning:
      'the begin of an INVITE meets the end of one that lost its begin 20 s ago (RFC 4963): the checksum tells',
    records: [...glued(), ...later()],
    expected: { messages: { OPTIONS: 1 }, fragments: 3, datagrams: { bad_checksum: 1 } },
    tshark: { messages: { INVITE: 1, OPTIONS: 1 }, because: 'it believes the pieces belong together' },
  },
  {
    name: 'nested-fragment-headers',
    meaning:
      'an IPv6 packet in two fragments whose data begins with another fragment header of a whole packet',
    records: nested(1),
    expected: { messages: { INVITE: 1 }, fragments: 4, datagrams: { reassembled: 2 } },
    tshark: { messages: {}, because: 'it reassembles once' },
  },
  {
    name: 'nested-too-deep',
    meaning: 'five of them, one in the other: four are looked into, the fifth waits for its end',
    records: nested(4),
    expected: { fragments: 9, datagrams: { reassembled: 4 }, notRead: { nested_fragment: 1 } },
    tshark: { messages: {}, because: 'it reassembles once' },
  },
];

/** The INVITE in two fragments whose second half is in two fragments, and so on. */
function nested(levels: number): PcapRecord[] {
  const fields = { source: caller6, destination: callee6 };
  const datagram = checkedUdp(fields, {}, message({ call: 'a', method: 'INVITE' }));
  const packets: Uint8Array[] = [];
  let [first, last] = partsOf(datagram, [64]);
  let last6 = ipv6Fragment({ ...fields, identification: 100 * levels }, last!);
  packets.push(ipv6Fragment({ ...fields, identification: 100 * levels }, first!));
  for (let level = 1; level <= levels; level++) {
    [first, last] = partsOf(last6.subarray(40), [24]);
    const more = { ...fields, identification: 100 * levels + level, protocol: 44 };
    packets.push(ipv6Fragment(more, first!));
    last6 = ipv6Fragment(more, last!);
  }
  packets.push(last6);
  return packets.map((packet, i) => ({ micros: startMicros + i * 100, bytes: ethernet(0x86dd, packet) }));
}
