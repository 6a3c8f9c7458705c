// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIsIp } from './tunnel.ts';

/** Extension headers read in one message; more than one is rare. */
export const maxGtpuExtensions = 8;
/** Message type G-PDU: it carries a user's packet. */
export const gtpuUserPacket = 255;
/** Any of E, S and PN: the optional four bytes are there. */
export const gtpuHasOptions = 0x07;
/** E: the next extension header type means something. */
export const gtpuHasExtensions = 0x04;
/** Bytes of the header without the optional ones. */
export const gtpuMinHeaderLength = 8;
/** Bytes of the optional fields: sequence number, N-PDU number, next extension header type. */
export const gtpuOptionsLength = 4;

/**
 * GTP-U (3GPP TS 29.281 §5.1), in a whole UDP payload from `start` to `end`:
 *
 *     0       3    4   5   6   7    8              16                     31
 *     +-------+----+---+---+---+----+--------------+----------------------+
 *     |Vers. 1|PT 1| * | E | S | PN | Message type |        Length        |
 *     +-------+----+---+---+---+----+--------------+----------------------+
 *     |                   Tunnel endpoint identifier                      |
 *     +-----------------------------+--------------+----------------------+
 *     |       Sequence number       | N-PDU number | Next extension type  |
 *     +-----------------------------+--------------+----------------------+
 *
 * The length counts from the ninth byte on. The last row is there where E, S or PN is set, then with E the extension
 * headers: length in words of four bytes, content, type of the next one, 0 for none (§5.2.1). What follows in a G-PDU is
 * an IP packet; other messages are between the tunnel's ends.
 */
export function decodeGtpu(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  const readable = readableEnd(frame, end);
  if (start === readable) return missingBytes(start + 1, end, DecodeResult.datagram);
  if (!isGtpu(bytes[start]!)) return DecodeResult.datagram;
  let payload = start + gtpuMinHeaderLength;
  if (payload > readable) return missingBytes(payload, end, DecodeResult.truncatedTunnel);
  if (bytes[start + 1] !== gtpuUserPacket) return DecodeResult.unsupportedTunnel;
  const payloadEnd = payload + readUint16(bytes, start + 2);
  if (payloadEnd > end) return DecodeResult.truncatedTunnel;

  const flags = bytes[start]!;
  if ((flags & gtpuHasOptions) !== 0) {
    payload += gtpuOptionsLength;
    if (payload > payloadEnd) return DecodeResult.badTunnelHeader;
    if (payload > readable) return DecodeResult.truncatedBySensor;
  }
  if ((flags & gtpuHasExtensions) !== 0) {
    // The last byte of each header, the first one included, is the type of the next.
    for (let count = 0; bytes[payload - 1] !== 0; count++) {
      if (count === maxGtpuExtensions || payload === payloadEnd) return DecodeResult.badTunnelHeader;
      if (payload === readable) return DecodeResult.truncatedBySensor;
      const length = bytes[payload]! * 4;
      payload += length;
      if (length === 0 || payload > payloadEnd) return DecodeResult.badTunnelHeader;
      if (payload > readable) return DecodeResult.truncatedBySensor;
    }
  }
  return insideIsIp(frame, datagram, payload, payloadEnd);
}

/** Whether the first byte is that of a GTP-U header: version 1, protocol type 1. */
export function isGtpu(firstByte: number): boolean {
  return firstByte >> 4 === 3;
}
