// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readInt32, readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { capturedEnd, missingBytes, wireEnd } from './frame-bounds.ts';
import { decodeTransport } from './transport.ts';

const minHeaderLength = 20;
/** MF flag and fragment offset; the DF and the reserved flag are left out. */
const fragmentMask = 0x3fff;
/** Third word of `::ffff:a.b.c.d`. */
const mappedPrefix = 0xffff;

/**
 * IPv4 header at index `start` (RFC 791 §3.1):
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
 * kernel hands out a packet too large for the field: the packet then reaches to the end of the frame.
 */
export function decodeIpv4(frame: Frame, datagram: Datagram, start: number): DecodeResult {
  const bytes = frame.bytes;
  const minHeaderEnd = start + minHeaderLength;
  if (minHeaderEnd > capturedEnd(frame)) return missingBytes(frame, minHeaderEnd, DecodeResult.truncatedIpv4);

  const versionAndIhl = bytes[start]!;
  if (versionAndIhl >> 4 !== 4) return DecodeResult.badIpVersion;
  const headerLength = (versionAndIhl & 0x0f) << 2;
  if (headerLength < minHeaderLength) return DecodeResult.badIpv4Header;
  const totalLength = readUint16(bytes, start + 2);
  if (totalLength !== 0 && totalLength < headerLength) return DecodeResult.badIpv4Header;

  const frameEnd = wireEnd(frame);
  const headerEnd = start + headerLength;
  const packetEnd = totalLength === 0 ? frameEnd : start + totalLength;
  if (packetEnd > frameEnd || headerEnd > frameEnd) return DecodeResult.truncatedIpv4;
  if ((readUint16(bytes, start + 6) & fragmentMask) !== 0) return DecodeResult.fragment;

  datagram.ipVersion = 4;
  datagram.ipIdentification = readUint16(bytes, start + 4);
  setMappedAddress(datagram.sourceAddress, bytes, start + 12);
  setMappedAddress(datagram.destinationAddress, bytes, start + 16);
  return decodeTransport(frame, datagram, headerEnd, packetEnd, bytes[start + 9]!);
}

/** Writes the IPv4 address at `index` in the form of `Datagram.sourceAddress`. */
export function setMappedAddress(words: Int32Array, bytes: Uint8Array, index: number): void {
  words[0] = 0;
  words[1] = 0;
  words[2] = mappedPrefix;
  words[3] = readInt32(bytes, index);
}
