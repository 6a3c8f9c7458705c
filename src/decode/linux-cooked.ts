// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeEtherType } from './ether-type.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';

// The header libpcap writes for the `any` device, where frames of many link types meet. Only the protocol is
// read here. Where it is no EtherType (802.2, netlink, CAN), its values lie below 0x0600 and match nothing.

const headerLength = 16;
const headerLength2 = 20;

/**
 * Linux cooked capture v1 (tcpdump.org, LINKTYPE_LINUX_SLL):
 *
 *     0             2        4                6           14         16
 *     +-------------+--------+----------------+-----------+----------+---------
 *     | packet type | ARPHRD | address length | address   | protocol | payload
 *     +-------------+--------+----------------+-----------+----------+---------
 */
export function decodeLinuxCooked(frame: Frame, datagram: Datagram, end: number): DecodeResult {
  const payload = frame.offset + headerLength;
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedLink);
  return decodeEtherType(frame, datagram, payload, end, readUint16(frame.bytes, payload - 2));
}

/**
 * Linux cooked capture v2 (tcpdump.org, LINKTYPE_LINUX_SLL2):
 *
 *     0          2          4                 8        10            11               12        20
 *     +----------+----------+-----------------+--------+-------------+----------------+---------+---------
 *     | protocol | reserved | interface index | ARPHRD | packet type | address length | address | payload
 *     +----------+----------+-----------------+--------+-------------+----------------+---------+---------
 */
export function decodeLinuxCooked2(frame: Frame, datagram: Datagram, end: number): DecodeResult {
  const payload = frame.offset + headerLength2;
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedLink);
  return decodeEtherType(frame, datagram, payload, end, readUint16(frame.bytes, frame.offset));
}
