// SPDX-License-Identifier: Apache-2.0
// Frames made by hand. Lengths and next-header fields are right; checksums are zero, nobody checks them.

export type Bytes = readonly number[];

const uint16 = (value: number): Bytes => [(value >> 8) & 0xff, value & 0xff];

/** The bytes of an ASCII text. */
export const ascii = (text: string): Bytes => [...Buffer.from(text, 'latin1')];

export const Protocol = { tcp: 6, udp: 17, icmp: 1 } as const;

/** UDP header and payload. */
export function udp(sourcePort: number, destinationPort: number, payload: Bytes = ascii('payload-')): Bytes {
  return [...uint16(sourcePort), ...uint16(destinationPort), ...uint16(8 + payload.length), 0, 0, ...payload];
}

/** TCP header (ACK, PSH) and payload. */
export function tcp(sourcePort: number, destinationPort: number, payload: Bytes = ascii('payload-')): Bytes {
  const zeros = new Array<number>(8).fill(0);
  return [
    ...uint16(sourcePort),
    ...uint16(destinationPort),
    ...zeros,
    0x50,
    0x18,
    0xff,
    0xff,
    0,
    0,
    0,
    0,
    ...payload,
  ];
}

type Ipv4Fields = { readonly options?: Bytes; readonly fragment?: number; readonly source?: Bytes };

/** IPv4 header and payload. `fragment` is the field of flags and offset: 0x2000 means more fragments. */
export function ipv4(
  protocol: number,
  payload: Bytes,
  { options = [], fragment = 0, source = [192, 0, 2, 1] }: Ipv4Fields = {},
): Bytes {
  const words = 5 + options.length / 4;
  const length = words * 4 + payload.length;
  const head = [0x40 | words, 0, ...uint16(length), 0, 1, ...uint16(fragment), 64, protocol, 0, 0];
  return [...head, ...source, 192, 0, 2, 2, ...options, ...payload];
}

/** IPv6 header and payload. `extensions` are pairs of next-header number and body, see `extension`. */
export function ipv6(protocol: number, payload: Bytes, extensions: readonly Extension[] = []): Bytes {
  const chain: number[] = [];
  for (const [index, { body }] of extensions.entries()) {
    chain.push(extensions[index + 1]?.number ?? protocol, ...body);
  }
  const address = (last: number): Bytes => [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
  const first = extensions[0]?.number ?? protocol;
  const length = uint16(chain.length + payload.length);
  return [0x60, 0, 0, 0, ...length, first, 64, ...address(1), ...address(2), ...chain, ...payload];
}

type Extension = { readonly number: number; readonly body: Bytes };

/** An extension header of `bytes` bytes; AH counts its length in another unit (RFC 4302 §2.2). */
export function extension(number: 0 | 43 | 44 | 51 | 60 | 135 | 139 | 140, bytes = 8): Extension {
  const length = number === 51 ? bytes / 4 - 2 : bytes / 8 - 1;
  return { number, body: [length, ...new Array<number>(bytes - 2).fill(0)] };
}

/**
 * An Ethernet frame to another host, so that no protocol stack answers. `id` becomes the end of the source
 * address, by which `frameId` tells frames apart.
 */
export function ethernet(
  id: number,
  etherType: number,
  payload: Bytes,
  tags: readonly VlanTag[] = [],
): Uint8Array {
  const types = [...tags.map((tag) => tag.type), etherType];
  const tagged = tags.flatMap((tag, index) => [...uint16(tag.tci), ...uint16(types[index + 1]!)]);
  return Uint8Array.from([
    ...[2, 0xff, 0xff, 0xff, 0xff, 0xff],
    ...[2, 0, 0, 0, ...uint16(id)],
    ...uint16(types[0]!),
    ...tagged,
    ...payload,
  ]);
}

type VlanTag = { readonly type: number; readonly tci: number };

/** The `id` a frame was made with. */
export const frameId = (bytes: Uint8Array): number => (bytes[10]! << 8) | bytes[11]!;

export const EtherType = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
