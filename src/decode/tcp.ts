// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readInt32, readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { capturedEnd } from './frame-bounds.ts';
import { SipTransport } from './sip-transport.ts';

const minHeaderLength = 20;

/** Control bits of a segment (RFC 9293 §3.1). */
export const TcpFlag = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

/**
 * How far sequence number `to` lies behind `from`, negative when it lies before: arithmetic modulo 2^32 (RFC 9293 §3.4).
 */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) | 0;
}

/**
 * TCP header at index `start` (RFC 9293 §3.1), in an IP packet that ends on the wire at `packetEnd`:
 *
 *     0       4       8               16                             31
 *     +-------------------------------+-------------------------------+
 *     |          Source Port          |       Destination Port        |
 *     +-------------------------------+-------------------------------+
 *     |                        Sequence Number                        |
 *     +---------------------------------------------------------------+
 *     |                    Acknowledgment Number                      |
 *     +-------+-------+---------------+-------------------------------+
 *     | Data  |       |C E U A P R S F|                               |
 *     | Offset| Rsrvd |W C R C S S Y I|            Window             |
 *     |       |       |R E G K H T N N|                               |
 *     +-------+-------+---------------+-------------------------------+
 *     |           Checksum            |         Urgent Pointer        |
 *     +-------------------------------+-------------------------------+
 *     |                   Options, 0 to 40 bytes                      |
 *     +---------------------------------------------------------------+
 *
 * The checksum is not verified and urgent data is data. A segment that the sensor cut is not read in part: its bytes are
 * a hole in the stream.
 */
export function decodeTcp(frame: Frame, datagram: Datagram, start: number, packetEnd: number): DecodeResult {
  const bytes = frame.bytes;
  const readableEnd = capturedEnd(frame);
  if (start + minHeaderLength > packetEnd) return DecodeResult.truncatedTcp;
  if (start + minHeaderLength > readableEnd) return DecodeResult.truncatedBySensor;
  const headerLength = (bytes[start + 12]! >> 4) << 2;
  if (headerLength < minHeaderLength) return DecodeResult.badTcpHeader;
  const payload = start + headerLength;
  if (payload > packetEnd) return DecodeResult.truncatedTcp;
  if (packetEnd > readableEnd) return DecodeResult.truncatedBySensor;

  datagram.transport = SipTransport.tcp;
  datagram.sourcePort = readUint16(bytes, start);
  datagram.destinationPort = readUint16(bytes, start + 2);
  datagram.sequenceNumber = readInt32(bytes, start + 4);
  datagram.acknowledgmentNumber = readInt32(bytes, start + 8);
  datagram.tcpFlags = bytes[start + 13]!;
  datagram.payloadOffset = payload;
  datagram.payloadLength = packetEnd - payload;
  return DecodeResult.segment;
}
