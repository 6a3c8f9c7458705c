// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { etherTypeIpv4, etherTypeIpv6 } from './ether-type-numbers.ts';
import { decodeGre } from './gre.ts';
import { decodeSctp } from './sctp.ts';
import { decodeTcp } from './tcp.ts';
import { insideIs, opens } from './tunnel.ts';
import { TunnelKind } from './tunnel-kind.ts';
import { decodeUdp } from './udp.ts';

// IANA "Assigned Internet Protocol Numbers"
export const protocolIpv4 = 4;
export const protocolTcp = 6;
export const protocolUdp = 17;
export const protocolIpv6 = 41;
export const protocolGre = 47;
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
  switch (protocol) {
    case protocolTcp:
      return decodeTcp(frame, datagram, start, packetEnd);
    case protocolSctp:
      return decodeSctp(frame, datagram, start, packetEnd);
    case protocolIpv4:
      if (opens(datagram, TunnelKind.ipip)) return insideIs(datagram, start, packetEnd, etherTypeIpv4);
      break;
    case protocolIpv6:
      if (opens(datagram, TunnelKind.sixInFour)) return insideIs(datagram, start, packetEnd, etherTypeIpv6);
      break;
    case protocolGre:
      if (opens(datagram, TunnelKind.gre) || opens(datagram, TunnelKind.erspan)) {
        return decodeGre(frame, datagram, start, packetEnd);
      }
      break;
  }
  return DecodeResult.unsupportedProtocol;
}
