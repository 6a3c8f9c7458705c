// SPDX-License-Identifier: Apache-2.0
import { Datagram } from '../../src/decode/datagram.ts';
import { HepEncoder } from '../../src/hep/hep-encoder.ts';
import { ascii, bytesOf, uint16 } from '../support/udp-frame.ts';

/** A SIP request, as `hepJsPacket` carries it. */
export const options: string =
  'OPTIONS sip:b@198.51.100.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKhepjs1\r\n' +
  'From: <sip:a@192.0.2.1>;tag=a1\r\nTo: <sip:b@198.51.100.2>\r\nCall-ID: hep-js-1\r\nCSeq: 1 OPTIONS\r\n' +
  'Content-Length: 0\r\n\r\n';

/**
 * What hep-js 1.0.22, an implementation by the authors of the protocol, writes for `options` from 192.0.2.1:5060 to
 * 198.51.100.2:5062 at 1767225600.123456 s, node 2001, key "myHep", correlation id "abc". It names the node in a chunk
 * of type 19, too.
 */
export const hepJsPacket: Uint8Array = bytesOf(
  ...[
    '48455033014e000000010007020000000200071100000003000ac000020100000004000ac633640200000007000813c4',
    '00000008000813c600000009000a6955b9000000000a000a0001e2400000000b0007010000000c000a000007d1',
    '00000013000a323030310000000e000b6d794865700000001100096162630000000f00d3',
  ].map((hex) => Buffer.from(hex, 'hex')),
  ascii(options),
);

/** A chunk; `length` overrides the right one. */
export function chunk(type: number, data: Iterable<number>, vendor = 0, length?: number): Uint8Array {
  const bytes = [...data];
  return bytesOf(uint16(vendor), uint16(type), uint16(length ?? 6 + bytes.length), bytes);
}

/** A HEP3 packet; `length` overrides the right one. */
export function hep3(chunks: readonly Iterable<number>[], length?: number): Uint8Array {
  const bytes = chunks.flatMap((one) => [...one]);
  return bytesOf(ascii('HEP3'), uint16(length ?? 6 + bytes.length), bytes);
}

/** Four bytes, most significant first. */
export function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)];
}

/** The chunks of a packet with a SIP message over IPv4, by what they are. */
export function sipChunks(message: Uint8Array): Record<string, Uint8Array> {
  return {
    family: chunk(1, [2]),
    protocol: chunk(2, [17]),
    source: chunk(3, [192, 0, 2, 1]),
    destination: chunk(4, [198, 51, 100, 2]),
    sourcePort: chunk(7, uint16(5060)),
    destinationPort: chunk(8, uint16(5062)),
    seconds: chunk(9, uint32(1_767_225_600)),
    micros: chunk(10, uint32(123_456)),
    protocolType: chunk(11, [1]),
    nodeId: chunk(12, uint32(2001)),
    payload: chunk(15, message),
  };
}

/** What a packet is made of. */
export interface HepFields {
  readonly micros?: number;
  readonly nodeId?: number;
  readonly key?: string;
  readonly isIpv6?: boolean;
}

/** A message as `HepEncoder` writes it, from 192.0.2.1:5060 (2001:db8::1) to 192.0.2.2:5060 (2001:db8::2). */
export function encode(message: Uint8Array, fields: HepFields = {}): Uint8Array {
  const { micros = 0, nodeId = 1, key = '', isIpv6 = false } = fields;
  const datagram = new Datagram();
  datagram.bytes = message;
  datagram.view = new DataView(message.buffer, message.byteOffset, message.length);
  datagram.payloadLength = message.length;
  datagram.ipVersion = isIpv6 ? 6 : 4;
  datagram.sourcePort = 5060;
  datagram.destinationPort = 5060;
  const words = (last: number): number[] =>
    isIpv6 ? [0x20010db8, 0, 0, last] : [0, 0, 0xffff, (0xc0000200 | last) >> 0];
  datagram.sourceAddress.set(words(1));
  datagram.destinationAddress.set(words(2));
  const encoder = new HepEncoder(nodeId, ascii(key));
  const bytes = new Uint8Array(encoder.lengthFor(datagram));
  encoder.write(new DataView(bytes.buffer), 0, datagram, Float64Array.of(micros), 0);
  return bytes;
}
