// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeSctp } from './sctp.ts';
import { decodeTcp } from './tcp.ts';
import { decodeUdp } from './udp.ts';

// IANA "Assigned Internet Protocol Numbers"
export const protocolTcp = 6;
export const protocolUdp = 17;
export const protocolSctp = 132;

/** Decodes the payload of a whole IP packet, from index `start` to `packetEnd`, by its protocol number. */
export function decodeTransport(
  frame: Frame,
  datagram: Datagram,
  start: number,
  packetEnd: number,
  protocol: number,
): DecodeResult {
  if (protocol === protocolUdp) return decodeUdp(frame, datagram, start, packetEnd);
  if (protocol === protocolTcp) return decodeTcp(frame, datagram, start, packetEnd);
  if (protocol === protocolSctp) return decodeSctp(frame, datagram, start, packetEnd);
  return DecodeResult.unsupportedProtocol;
}
