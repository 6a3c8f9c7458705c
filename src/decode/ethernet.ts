// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeEtherType } from './ether-type.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';

const headerLength = 14;

/**
 * Ethernet II (IEEE 802.3 §3.2.6) at index `start`, in something that ends on the wire at `end`:
 *
 *     0           6            12         14
 *     +-----------+------------+----------+---------
 *     | to MAC    | from MAC   | EtherType| payload
 *     +-----------+------------+----------+---------
 */
export function decodeEthernet(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const payload = start + headerLength;
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedLink);
  return decodeEtherType(frame, datagram, payload, end, readUint16(frame.bytes, payload - 2));
}
