// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { capturedEnd } from './frame-bounds.ts';
import { SipTransport } from './sip-transport.ts';
import { opens } from './tunnel.ts';
import { decodeUdpTunnel, tunnelOfPort } from './udp-tunnel.ts';

const headerLength = 8;

/**
 * UDP header at index `start` (RFC 768), in an IP packet that ends on the wire at `packetEnd`:
 *
 *     0             2                  4        6          8
 *     +-------------+------------------+--------+----------+---------
 *     | source port | destination port | length | checksum | payload
 *     +-------------+------------------+--------+----------+---------
 *
 * The length may stop short of the IP payload; what follows is ignored, as hosts do. It is 0 if and only if
 * header and data are more than 65535 bytes (RFC 2675 §4). Of a datagram that the sensor cut, what is there is told.
 */
export function decodeUdp(frame: Frame, datagram: Datagram, start: number, packetEnd: number): DecodeResult {
  const bytes = frame.bytes;
  const readableEnd = capturedEnd(frame);
  const payload = start + headerLength;
  if (payload > packetEnd) return DecodeResult.truncatedUdp;
  if (payload > readableEnd) return DecodeResult.truncatedBySensor;

  const length = readUint16(bytes, start + 4);
  const isJumbo = length === 0 && packetEnd - start > 0xffff;
  const datagramEnd = isJumbo ? packetEnd : start + length;
  if (datagramEnd < payload || datagramEnd > packetEnd) return DecodeResult.badUdpLength;

  datagram.transport = SipTransport.udp;
  datagram.sourcePort = readUint16(bytes, start);
  datagram.destinationPort = readUint16(bytes, start + 2);
  datagram.udpChecksum = readUint16(bytes, start + 6);
  datagram.payloadOffset = payload;
  datagram.payloadLength = datagramEnd - payload;
  datagram.wirePayloadLength = datagramEnd - payload;
  const kind = tunnelOfPort(datagram.destinationPort);
  if (kind !== 0 && opens(datagram, kind)) {
    const opened = decodeUdpTunnel(frame, datagram, kind, payload, datagramEnd);
    if (opened !== DecodeResult.datagram) return opened;
  }
  if (datagramEnd <= readableEnd) return DecodeResult.datagram;
  datagram.payloadLength = readableEnd - payload;
  return DecodeResult.datagramHead;
}
