// SPDX-License-Identifier: Apache-2.0

// Builders for hand-made frames, one per header, to be nested: ethernet(0x0800, ipv4({...}, udp({...}, payload))).
// Each length field is right unless the caller gives another. Checksums are not computed: nothing verifies them.

/** Joins numbers and byte sequences; numbers must be bytes. */
export function bytesOf(...parts: (number | Iterable<number>)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
}

/** Two bytes, most significant first. */
export function uint16(value: number): [number, number] {
  return [(value >> 8) & 0xff, value & 0xff];
}

/** The ASCII bytes of `text`. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Fields of a UDP header; `length` overrides the right one. */
export interface UdpFields {
  sourcePort?: number;
  destinationPort?: number;
  length?: number;
  checksum?: number;
}

/** RFC 768 */
export function udp(fields: UdpFields, payload: Iterable<number>): Uint8Array {
  const data = [...payload];
  const { sourcePort = 5060, destinationPort = 5062, length = 8 + data.length, checksum = 0 } = fields;
  return bytesOf(uint16(sourcePort), uint16(destinationPort), uint16(length), uint16(checksum), data);
}

/** Fields of an IPv4 header; the last three override the right values. */
export interface Ipv4Fields {
  source?: string;
  destination?: string;
  protocol?: number;
  identification?: number;
  /** The 16 bits of flags and fragment offset. */
  flagsAndOffset?: number;
  /** A multiple of four bytes. */
  options?: Iterable<number>;
  totalLength?: number;
  version?: number;
  ihl?: number;
}

/** RFC 791 §3.1 */
export function ipv4(fields: Ipv4Fields, payload: Iterable<number>): Uint8Array {
  const data = [...payload];
  const options = [...(fields.options ?? [])];
  const { version = 4, ihl = 5 + options.length / 4, protocol = 17 } = fields;
  return bytesOf(
    (version << 4) | ihl,
    0,
    uint16(fields.totalLength ?? 20 + options.length + data.length),
    uint16(fields.identification ?? 0),
    uint16(fields.flagsAndOffset ?? 0),
    64,
    protocol,
    uint16(0),
    ipv4Address(fields.source ?? '192.0.2.1'),
    ipv4Address(fields.destination ?? '198.51.100.2'),
    options,
    data,
  );
}

/** Fields of an IPv6 header; the last two override the right values. */
export interface Ipv6Fields {
  source?: string;
  destination?: string;
  nextHeader?: number;
  payloadLength?: number;
  version?: number;
}

/** RFC 8200 §3 */
export function ipv6(fields: Ipv6Fields, payload: Iterable<number>): Uint8Array {
  const data = [...payload];
  return bytesOf(
    (fields.version ?? 6) << 4,
    [0, 0, 0],
    uint16(fields.payloadLength ?? data.length),
    fields.nextHeader ?? 17,
    64,
    ipv6Address(fields.source ?? '2001:db8::1'),
    ipv6Address(fields.destination ?? '2001:db8::2'),
    data,
  );
}

/** An IPv6 extension header in the common format (RFC 6564 §4): `units` further blocks of eight bytes. */
export function extension(nextHeader: number, units: number, payload: Iterable<number>): Uint8Array {
  // PadN over the whole of it, which is valid for options headers: type 1 and its data length.
  const padding = bytesOf(1, 4 + units * 8, new Uint8Array(4 + units * 8));
  return bytesOf(nextHeader, units, padding, payload);
}

/** IPv6 fragment header (RFC 8200 §4.5); `offsetAndFlags` has M in its lowest bit. */
export function fragmentHeader(
  nextHeader: number,
  offsetAndFlags: number,
  payload: Iterable<number>,
  identification: number = 9,
): Uint8Array {
  return bytesOf(
    [nextHeader, 0],
    uint16(offsetAndFlags),
    uint16(identification >>> 16),
    uint16(identification),
    payload,
  );
}

/** Ethernet II header before a payload. */
export function ethernet(etherType: number, payload: Iterable<number>): Uint8Array {
  return bytesOf([2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 1], uint16(etherType), payload);
}

/** What follows the EtherType of a VLAN tag: control information, inner EtherType and payload. */
export function vlanTag(tci: number, etherType: number, payload: Iterable<number>): Uint8Array {
  return bytesOf(uint16(tci), uint16(etherType), payload);
}

/** LINKTYPE_LINUX_SLL header before a payload. */
export function linuxCooked(protocol: number, payload: Iterable<number>): Uint8Array {
  return bytesOf([0, 0, 0, 1, 0, 6], [2, 0, 0, 0, 0, 1, 0, 0], uint16(protocol), payload);
}

/** LINKTYPE_LINUX_SLL2 header before a payload. */
export function linuxCooked2(protocol: number, payload: Iterable<number>): Uint8Array {
  return bytesOf(uint16(protocol), [0, 0, 0, 0, 0, 7, 0, 1, 0, 6], [2, 0, 0, 0, 0, 1, 0, 0], payload);
}

/** BSD loopback header (LINKTYPE_NULL as a little-endian host writes it, LINKTYPE_LOOP) before a payload. */
export function loopback(family: number, isLittleEndian: boolean, payload: Iterable<number>): Uint8Array {
  return bytesOf(isLittleEndian ? [family, 0, 0, 0] : [0, 0, 0, family], payload);
}

/** Its four bytes. */
export function ipv4Address(text: string): number[] {
  return text.split('.').map(Number);
}

/** The 16 bytes of an IPv6 address. */
export function ipv6Address(text: string): number[] {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').flatMap((group) => uint16(Number.parseInt(group, 16)));
  const first = groups(head);
  const last = groups(tail);
  return [...first, ...new Array<number>(16 - first.length - last.length).fill(0), ...last];
}
