// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readInt32, readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { capturedEnd } from './frame-bounds.ts';
import { SipTransport } from './sip-transport.ts';

const headerLength = 12;

/**
 * SCTP common header at index `start` (RFC 9260 §3.1), in an IP packet that ends on the wire at `packetEnd`:
 *
 *     0             2                  4                  8          12
 *     +-------------+------------------+------------------+----------+---------
 *     | source port | destination port | verification tag | checksum | chunks
 *     +-------------+------------------+------------------+----------+---------
 *
 * The checksum is not verified: network cards compute it.
 */
export function decodeSctp(frame: Frame, datagram: Datagram, start: number, packetEnd: number): DecodeResult {
  const bytes = frame.bytes;
  const chunks = start + headerLength;
  if (chunks > packetEnd) return DecodeResult.truncatedSctp;
  if (packetEnd > capturedEnd(frame)) return DecodeResult.truncatedBySensor;
  datagram.transport = SipTransport.sctp;
  datagram.sourcePort = readUint16(bytes, start);
  datagram.destinationPort = readUint16(bytes, start + 2);
  datagram.verificationTag = readInt32(bytes, start + 4);
  datagram.payloadOffset = chunks;
  datagram.payloadLength = packetEnd - chunks;
  return DecodeResult.sctpPacket;
}
