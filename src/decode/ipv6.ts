// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readInt32, readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { decodeTransport } from './transport.ts';

/** Extension headers read in one packet; one of each kind that RFC 8200 §4.1 recommends is less. */
export const maxExtensionHeaders = 8;

const headerLength = 40;
/** No extension header is shorter; the fields read here lie within. */
const minExtensionLength = 8;
/** Fragment offset in bytes and M flag; the two reserved bits between them are left out. */
const fragmentMask = 0xfff9;
const moreFragments = 1;

// Next header values, IANA "IPv6 Extension Header Types". ESP hides what follows and is none here.
const hopByHopOptions = 0;
const routing = 43;
const fragmentHeader = 44;
const authentication = 51;
const destinationOptions = 60;
const mobility = 135;
const hostIdentity = 139;
const shim6 = 140;

/**
 * IPv6 header at index `start` (RFC 8200 §3), in a frame or tunnel that ends on the wire at `end`:
 *
 *     0       4              12      16              24              31
 *     +-------+---------------+---------------------------------------+
 *     |Version| Traffic Class |              Flow Label               |
 *     +-------+---------------+-------+---------------+---------------+
 *     |         Payload Length        |  Next Header  |   Hop Limit   |
 *     +-------------------------------+---------------+---------------+
 *     |                   Source Address, 16 bytes                    |
 *     +---------------------------------------------------------------+
 *     |                 Destination Address, 16 bytes                 |
 *     +---------------------------------------------------------------+
 *
 * A payload length of 0 is a jumbogram (RFC 2675) or comes from segmentation offload: the packet then reaches
 * to `end`.
 */
export function decodeIpv6(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  const payload = start + headerLength;
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedIpv6);
  if (bytes[start]! >> 4 !== 6) return DecodeResult.badIpVersion;

  const payloadLength = readUint16(bytes, start + 4);
  const packetEnd = payloadLength === 0 ? end : payload + payloadLength;
  if (packetEnd > end) return DecodeResult.truncatedIpv6;

  datagram.ipVersion = 6;
  datagram.ipIdentification = 0;
  setAddress(datagram.sourceAddress, bytes, start + 8);
  setAddress(datagram.destinationAddress, bytes, start + 24);
  const nextHeader = bytes[start + 6]!;
  if (isExtensionHeader(nextHeader)) {
    return decodeExtensionHeaders(frame, datagram, payload, packetEnd, nextHeader);
  }
  return decodeTransport(frame, datagram, payload, packetEnd, nextHeader);
}

/**
 * Walks the chain of extension headers from index `start`; each begins with the next header's number and, but
 * for the fragment header, its own length. An atomic fragment (RFC 6946: offset 0, no more to come) is whole.
 */
function decodeExtensionHeaders(
  frame: Frame,
  datagram: Datagram,
  start: number,
  packetEnd: number,
  firstHeader: number,
): DecodeResult {
  const bytes = frame.bytes;
  const readable = readableEnd(frame, packetEnd);
  let position = start;
  let header = firstHeader;
  for (let headerCount = 0; isExtensionHeader(header); headerCount++) {
    if (headerCount === maxExtensionHeaders) return DecodeResult.badIpv6Extension;
    if (position + minExtensionLength > packetEnd) return DecodeResult.badIpv6Extension;
    if (position + minExtensionLength > readable) return DecodeResult.truncatedBySensor;
    if (header === fragmentHeader && (readUint16(bytes, position + 2) & fragmentMask) !== 0) {
      return decodeFragment(frame, datagram, position, packetEnd, position - start);
    }
    const length = extensionLength(header, bytes[position + 1]!);
    header = bytes[position]!;
    position += length;
    if (position > packetEnd) return DecodeResult.badIpv6Extension;
  }
  return decodeTransport(frame, datagram, position, packetEnd, header);
}

/**
 * The fragment header at index `start` (RFC 8200 §4.5), behind `headerLength` bytes of other extension headers:
 *
 *     0             8               16                        29    31
 *     +-------------+---------------+-------------------------+---+---+
 *     | Next Header |   Reserved    |     Fragment Offset     |Res| M |
 *     +-------------+---------------+-------------------------+---+---+
 *     |                        Identification                         |
 *     +---------------------------------------------------------------+
 */
function decodeFragment(
  frame: Frame,
  datagram: Datagram,
  start: number,
  packetEnd: number,
  headerLength: number,
): DecodeResult {
  const { bytes } = frame;
  const { fragment } = datagram;
  const offsetAndFlag = readUint16(bytes, start + 2) & fragmentMask;
  fragment.identification = readInt32(bytes, start + 4);
  fragment.protocol = bytes[start]!;
  fragment.offset = offsetAndFlag & ~moreFragments;
  fragment.hasMore = (offsetAndFlag & moreFragments) !== 0;
  fragment.dataOffset = start + minExtensionLength;
  fragment.dataLength = packetEnd - fragment.dataOffset;
  fragment.headerLength = headerLength;
  fragment.isCut = packetEnd > readableEnd(frame, packetEnd);
  return DecodeResult.fragment;
}

function isExtensionHeader(nextHeader: number): boolean {
  switch (nextHeader) {
    case hopByHopOptions:
    case routing:
    case fragmentHeader:
    case authentication:
    case destinationOptions:
    case mobility:
    case hostIdentity:
    case shim6:
      return true;
    default:
      return false;
  }
}

/** Bytes of an extension header whose second byte is `lengthField`. */
export function extensionLength(header: number, lengthField: number): number {
  if (header === fragmentHeader) return 8;
  // In units of four bytes, minus 2 (RFC 4302 §2.2); all others in units of eight, minus 1 (RFC 6564 §4).
  return header === authentication ? (lengthField + 2) << 2 : (lengthField + 1) << 3;
}

/** Writes the IPv6 address at `index` in the form of `Datagram.sourceAddress`. */
export function setAddress(words: Int32Array, bytes: Uint8Array, index: number): void {
  words[0] = readInt32(bytes, index);
  words[1] = readInt32(bytes, index + 4);
  words[2] = readInt32(bytes, index + 8);
  words[3] = readInt32(bytes, index + 12);
}
