// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { etherTypeIpv4, etherTypeIpv6 } from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIs } from './tunnel.ts';

const headerLength = 6;
const protocolLength = 2;
/** Version 1, type 1, and code 0: session data. */
const sessionData = 0x1100;

// IANA "PPP DLL Protocol Numbers"
/** IPv4 in PPP. */
export const pppIpv4 = 0x0021;
/** IPv6 in PPP. */
export const pppIpv6 = 0x0057;

/**
 * PPPoE session (RFC 2516 §4, §6), then the protocol field of PPP (RFC 1661 §2), which is not compressed here
 * (RFC 2516 §7 recommends against it):
 *
 *     0      4      8      16           32       48             64
 *     +------+------+------+------------+--------+--------------+---------
 *     |Vers.1|Type 1|Code 0| Session id | Length | PPP protocol | payload
 *     +------+------+------+------------+--------+--------------+---------
 *
 * The length counts from the PPP protocol on and cuts off Ethernet padding.
 */
export function decodePppoe(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  const payload = start + headerLength + protocolLength;
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedTunnel);
  if (readUint16(bytes, start) !== sessionData) return DecodeResult.badTunnelHeader;
  const payloadEnd = start + headerLength + readUint16(bytes, start + 4);
  if (payloadEnd < payload) return DecodeResult.badTunnelHeader;
  if (payloadEnd > end) return DecodeResult.truncatedTunnel;
  const protocol = readUint16(bytes, start + headerLength);
  if (protocol === pppIpv4) return insideIs(datagram, payload, payloadEnd, etherTypeIpv4);
  if (protocol === pppIpv6) return insideIs(datagram, payload, payloadEnd, etherTypeIpv6);
  return DecodeResult.unsupportedTunnel;
}
