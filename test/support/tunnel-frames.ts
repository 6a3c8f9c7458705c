// SPDX-License-Identifier: Apache-2.0
import { bytesOf, udp, uint16 } from './udp-frame.ts';

// Builders for the headers of tunnels, to be nested with those of udp-frame.ts. Lengths are right unless told otherwise.

type Bytes = Iterable<number>;

/** Fields of a GRE header; the optional ones are there where given. */
export interface GreFields {
  checksum?: number;
  key?: number;
  sequence?: number;
  /** Or-ed to the flags that follow from the rest: version, routing. */
  flags?: number;
}

/** RFC 2784 §2, RFC 2890 §2 */
export function gre(fields: GreFields, type: number, payload: Bytes): Uint8Array {
  const { checksum, key, sequence, flags = 0 } = fields;
  const present = (value: number | undefined, flag: number): number => (value === undefined ? 0 : flag);
  return bytesOf(
    uint16(flags | present(checksum, 0x8000) | present(key, 0x2000) | present(sequence, 0x1000)),
    uint16(type),
    checksum === undefined ? [] : [...uint16(checksum), 0, 0],
    key === undefined ? [] : uint32(key),
    sequence === undefined ? [] : uint32(sequence),
    payload,
  );
}

/** ERSPAN type I in GRE: the mirrored frame alone. */
export function erspan1(frame: Bytes): Uint8Array {
  return gre({}, 0x88be, frame);
}

/** ERSPAN type II in GRE. */
export function erspan2(frame: Bytes, version: number = 1): Uint8Array {
  return gre({ sequence: 7 }, 0x88be, bytesOf(version << 4, 100, 0, 9, [0, 0, 0, 3], frame));
}

/** What a type III header may say. */
export interface Erspan3Fields {
  hasSubheader?: boolean;
  frameType?: number;
  version?: number;
}

/** ERSPAN type III in GRE. */
export function erspan3(fields: Erspan3Fields, frame: Bytes): Uint8Array {
  const { hasSubheader = false, frameType = 0, version = 2 } = fields;
  const header = bytesOf(
    [version << 4, 100, 0, 9],
    [1, 2, 3, 4],
    [0, 0, frameType << 2, hasSubheader ? 1 : 0],
    hasSubheader ? [0x14, 0, 0, 0, 0, 0, 0, 1] : [],
  );
  return gre({ sequence: 7 }, 0x22eb, bytesOf(header, frame));
}

/** A UDP datagram to a tunnel's port. */
export function udpTunnel(destinationPort: number, payload: Bytes): Uint8Array {
  return udp({ sourcePort: 49152, destinationPort }, payload);
}

/** VXLAN header before a frame (RFC 7348 §5). */
export function vxlan(frame: Bytes, flags: number = 0x08): Uint8Array {
  return bytesOf(flags, [0, 0, 0], [0, 0, 42], 0, frame);
}

/** Geneve header before a payload (RFC 8926 §3.4); `options` is a multiple of four bytes. */
export function geneve(type: number, payload: Bytes, options: Bytes = [], version: number = 0): Uint8Array {
  const data = [...options];
  return bytesOf((version << 6) | (data.length / 4), 0, uint16(type), [0, 0, 42], 0, data, payload);
}

/** Fields of a GTP-U header; the optional four bytes are there where one of the first three is given. */
export interface GtpuFields {
  sequence?: number;
  npdu?: number;
  /** Extension headers, each its type and its content, of 2, 6, 10, ... bytes. */
  extensions?: readonly (readonly [type: number, content: Bytes])[];
  messageType?: number;
  length?: number;
}

/** 3GPP TS 29.281 §5.1 */
export function gtpu(fields: GtpuFields, packet: Bytes): Uint8Array {
  const { sequence, npdu, extensions, messageType = 255 } = fields;
  const flags =
    (extensions === undefined ? 0 : 4) | (sequence === undefined ? 0 : 2) | (npdu === undefined ? 0 : 1);
  const types = [...(extensions ?? []).map(([type]) => type), 0];
  const headers = (extensions ?? []).map(([, content], index) =>
    bytesOf(([...content].length + 2) / 4, content, types[index + 1]!),
  );
  const optional = flags === 0 ? [] : [...uint16(sequence ?? 0), npdu ?? 0, types[0]!];
  const rest = bytesOf(optional, ...headers, packet);
  return bytesOf(0x30 | flags, messageType, uint16(fields.length ?? rest.length), [0, 0, 0, 1], rest);
}

/** PPPoE session header and PPP protocol (RFC 2516 §4); `length` overrides the right one. */
export function pppoe(protocol: number, payload: Bytes, length?: number): Uint8Array {
  const data = [...payload];
  return bytesOf(0x11, 0, uint16(1), uint16(length ?? data.length + 2), uint16(protocol), data);
}

/** MPLS label stack (RFC 3032 §2.1), the last label at its bottom. */
export function mpls(labels: readonly number[], payload: Bytes): Uint8Array {
  const entries = labels.map((label, index) =>
    uint32(((label << 12) | (index === labels.length - 1 ? 0x100 : 0) | 64) >>> 0),
  );
  return bytesOf(...entries, payload);
}

/** Control word of an Ethernet pseudowire (RFC 4448 §4.6) before a frame. */
export function pseudowire(frame: Bytes): Uint8Array {
  return bytesOf([0, 0, 0, 0], frame);
}

function uint32(value: number): [number, number, number, number] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)];
}
