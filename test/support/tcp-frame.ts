// SPDX-License-Identifier: Apache-2.0
import { bytesOf, ethernet, ipv4, ipv6, uint16 } from './udp-frame.ts';

/** Fields of a TCP header. */
export interface TcpFields {
  sourcePort?: number;
  destinationPort?: number;
  /** Sequence numbers, taken modulo 2^32. */
  sequence?: number;
  acknowledgment?: number;
  /** Letters of the flags: S, A, F, R, P. */
  flags?: string;
  /** A multiple of four bytes. */
  options?: Iterable<number>;
  /** In words; overrides the right one. */
  dataOffset?: number;
}

const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** RFC 9293 §3.1 */
export function tcp(fields: TcpFields, payload: Iterable<number> = []): Uint8Array {
  const {
    sourcePort = 40_000,
    destinationPort = 5060,
    sequence = 0,
    acknowledgment = 0,
    flags = 'A',
  } = fields;
  const options = [...(fields.options ?? [])];
  const bits = [...flags].reduce((sum, letter) => sum | flagBits[letter]!, 0);
  return bytesOf(
    uint16(sourcePort),
    uint16(destinationPort),
    uint32(sequence),
    uint32(acknowledgment),
    (fields.dataOffset ?? 5 + options.length / 4) << 4,
    bits,
    uint16(0xffff),
    uint16(0),
    uint16(0),
    options,
    payload,
  );
}

function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)];
}

/** One end of a connection. */
export interface TcpEnd {
  readonly address: string;
  readonly port: number;
}

/** An Ethernet frame with a segment from one end to the other; IPv6 where addresses have colons. */
export function tcpFrame(
  from: TcpEnd,
  to: TcpEnd,
  fields: TcpFields,
  payload: Iterable<number> = [],
): Uint8Array {
  const segment = tcp({ ...fields, sourcePort: from.port, destinationPort: to.port }, payload);
  const addresses = { source: from.address, destination: to.address };
  return from.address.includes(':')
    ? ethernet(0x86dd, ipv6({ ...addresses, nextHeader: 6 }, segment))
    : ethernet(0x0800, ipv4({ ...addresses, protocol: 6 }, segment));
}
