// SPDX-License-Identifier: Apache-2.0
import {
  bytesOf,
  fragmentHeader,
  type Ipv4Fields,
  type Ipv6Fields,
  ipv4,
  ipv4Address,
  ipv6,
  ipv6Address,
  type UdpFields,
  udp,
  uint16,
} from './udp-frame.ts';

/** A part of a packet's data. */
export interface Part {
  readonly offset: number;
  readonly hasMore: boolean;
  readonly data: Uint8Array;
}

/** Cuts data at these places, ascending multiples of eight within it. */
export function partsOf(data: Uint8Array, cuts: readonly number[]): Part[] {
  return [0, ...cuts].map((offset, i) => ({
    offset,
    hasMore: i < cuts.length,
    data: data.slice(offset, cuts[i] ?? data.length),
  }));
}

/** Cuts data every so many bytes, a multiple of eight. */
export function partsEvery(data: Uint8Array, size: number): Part[] {
  const cuts = Array.from({ length: Math.ceil(data.length / size) - 1 }, (_, i) => (i + 1) * size);
  return partsOf(data, cuts);
}

/** An IPv4 packet with a part of the data (RFC 791 §3.2). */
export function ipv4Fragment(fields: Ipv4Fields, { offset, hasMore, data }: Part): Uint8Array {
  return ipv4({ ...fields, flagsAndOffset: (hasMore ? 0x2000 : 0) | (offset >> 3) }, data);
}

/** An IPv6 packet with a part of the data (RFC 8200 §4.5); `protocol` is what the data is. */
export function ipv6Fragment(
  fields: Omit<Ipv6Fields, 'nextHeader'> & { readonly identification?: number; readonly protocol?: number },
  { offset, hasMore, data }: Part,
): Uint8Array {
  const { identification = 9, protocol = 17 } = fields;
  const payload = fragmentHeader(protocol, offset | (hasMore ? 1 : 0), data, identification);
  return ipv6({ ...fields, nextHeader: 44 }, payload);
}

/** A UDP datagram with the checksum of RFC 768 (RFC 8200 §8.1); addresses as they stand in the IP header. */
export function checkedUdp(
  addresses: { readonly source: string; readonly destination: string },
  fields: Omit<UdpFields, 'checksum'>,
  payload: Iterable<number>,
): Uint8Array {
  const datagram = udp({ ...fields, checksum: 0 }, payload);
  const address = addresses.source.includes(':') ? ipv6Address : ipv4Address;
  const pseudoHeader = [...address(addresses.source), ...address(addresses.destination), 0, 17];
  const summed = bytesOf(pseudoHeader, uint16(datagram.length), datagram, datagram.length % 2 ? [0] : []);
  let sum = 0;
  for (let i = 0; i < summed.length; i += 2) {
    sum += (summed[i]! << 8) | summed[i + 1]!;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  datagram.set(uint16(sum === 0xffff ? 0xffff : ~sum & 0xffff), 6);
  return datagram;
}
