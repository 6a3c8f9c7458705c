// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { etherTypeEthernet } from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIs } from './tunnel.ts';

/** Bytes of a VXLAN header. */
export const vxlanHeaderLength = 8;

/** I must be set; the flag beside G has no meaning in any extension and every letter of ASCII has it. */
const flagsMask = 0x48;
const flagsOfVxlan = 0x08;

/**
 * VXLAN (RFC 7348 §5), in a whole UDP payload from `start` to `end`:
 *
 *     0                 8                            32      56       63
 *     +-+-+-+-+-+-+-+-+-+----------------------------+-------+--------+---------
 *     |G|R|R|R|I|R|R|R|        Reserved              |  VNI  |Reserved| Ethernet
 *     +-+-+-+-+-+-+-+-+-+----------------------------+-------+--------+---------
 *
 * G and the reserved bytes belong to the Group Policy extension, which changes nothing here.
 */
export function decodeVxlan(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const readable = readableEnd(frame, end);
  if (start === readable) return missingBytes(start + 1, end, DecodeResult.datagram);
  if (!isVxlan(frame.bytes[start]!)) return DecodeResult.datagram;
  const payload = start + vxlanHeaderLength;
  if (payload > readable) return missingBytes(payload, end, DecodeResult.truncatedTunnel);
  return insideIs(datagram, payload, end, etherTypeEthernet);
}

/** Whether the first byte is that of a VXLAN header. */
export function isVxlan(firstByte: number): boolean {
  return (firstByte & flagsMask) === flagsOfVxlan;
}
