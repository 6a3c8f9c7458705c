// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readInt32, readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { decodeTransport } from './transport.ts';

const minHeaderLength = 20;
/** MF flag and fragment offset, which counts in units of eight bytes; the DF and the reserved flag are left out. */
const fragmentMask = 0x3fff;
const moreFragments = 0x2000;
/** Third word of `::ffff:a.b.c.d`. */
const mappedPrefix = 0xffff;

/**
 * IPv4 header at index `start` (RFC 791 §3.1), in a frame or tunnel that ends on the wire at `end`:
 *
 *     0       4       8               16     19                      31
 *     +-------+-------+---------------+-------------------------------+
 *     |Version|  IHL  |Type of Service|          Total Length         |
 *     +-------+-------+---------------+------+------------------------+
 *     |         Identification        |Flags |    Fragment Offset     |
 *     +---------------+---------------+------+------------------------+
 *     |  Time to Live |    Protocol   |         Header Checksum       |
 *     +---------------+---------------+-------------------------------+
 *     |                       Source Address                          |
 *     +---------------------------------------------------------------+
 *     |                    Destination Address                        |
 *     +---------------------------------------------------------------+
 *     |                    Options, 0 to 40 bytes                     |
 *     +---------------------------------------------------------------+
 *
 * The total length cuts off Ethernet padding. A total length of 0 comes from segmentation offload, where the
 * kernel hands out a packet too large for the field: the packet then reaches to `end`.
 */
export function decodeIpv4(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  const minHeaderEnd = start + minHeaderLength;
  if (minHeaderEnd > readableEnd(frame, end)) {
    return missingBytes(minHeaderEnd, end, DecodeResult.truncatedIpv4);
  }

  const versionAndIhl = bytes[start]!;
  if (versionAndIhl >> 4 !== 4) return DecodeResult.badIpVersion;
  const headerLength = (versionAndIhl & 0x0f) << 2;
  if (headerLength < minHeaderLength) return DecodeResult.badIpv4Header;
  const totalLength = readUint16(bytes, start + 2);
  if (totalLength !== 0 && totalLength < headerLength) return DecodeResult.badIpv4Header;

  const headerEnd = start + headerLength;
  const packetEnd = totalLength === 0 ? end : start + totalLength;
  if (packetEnd > end || headerEnd > end) return DecodeResult.truncatedIpv4;

  datagram.ipVersion = 4;
  datagram.ipIdentification = readUint16(bytes, start + 4);
  setMappedAddress(datagram.sourceAddress, bytes, start + 12);
  setMappedAddress(datagram.destinationAddress, bytes, start + 16);
  if ((readUint16(bytes, start + 6) & fragmentMask) !== 0) {
    return decodeFragment(frame, datagram, start, headerLength, packetEnd);
  }
  return decodeTransport(frame, datagram, headerEnd, packetEnd, bytes[start + 9]!);
}

/** What the header of a fragment at index `start` says of it. */
function decodeFragment(
  frame: Frame,
  datagram: Datagram,
  start: number,
  headerLength: number,
  packetEnd: number,
): DecodeResult {
  const { bytes } = frame;
  const { fragment } = datagram;
  const flagsAndOffset = readUint16(bytes, start + 6) & fragmentMask;
  fragment.identification = datagram.ipIdentification;
  fragment.protocol = bytes[start + 9]!;
  fragment.offset = (flagsAndOffset & ~moreFragments) << 3;
  fragment.hasMore = (flagsAndOffset & moreFragments) !== 0;
  fragment.dataOffset = start + headerLength;
  fragment.dataLength = packetEnd - fragment.dataOffset;
  fragment.headerLength = headerLength;
  fragment.isCut = packetEnd > readableEnd(frame, packetEnd);
  return DecodeResult.fragment;
}

/** Writes the IPv4 address at `index` in the form of `Datagram.sourceAddress`. */
export function setMappedAddress(words: Int32Array, bytes: Uint8Array, index: number): void {
  words[0] = 0;
  words[1] = 0;
  words[2] = mappedPrefix;
  words[3] = readInt32(bytes, index);
}
