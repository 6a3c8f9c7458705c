// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { capturedEnd, missingBytes } from './frame-bounds.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';

/** VLAN tags read in the data of one frame, besides one the kernel took off (`Frame.vlanTci`). */
export const maxVlanTags = 2;

// linux/if_ether.h
export const etherTypeIpv4 = 0x0800;
export const etherTypeIpv6 = 0x86dd;
const etherTypeVlan = 0x8100;
const etherTypeServiceVlan = 0x88a8;
const etherTypeOldQinq = 0x9100;

const vlanTagLength = 4;

/**
 * Decodes what an EtherType announces, after taking off VLAN tags (IEEE 802.1Q, 802.1ad). `start` is the index
 * behind the EtherType. A tag, seen from there, is the control information and the EtherType of what it holds:
 *
 *     0      3   4          2          4
 *     +------+---+----------+----------+---------
 *     | PCP  |DEI|   VID    | EtherType| payload
 *     +------+---+----------+----------+---------
 */
export function decodeEtherType(
  frame: Frame,
  datagram: Datagram,
  start: number,
  etherType: number,
): DecodeResult {
  let position = start;
  let type = etherType;
  for (let tagCount = 0; isVlanTag(type); tagCount++) {
    if (tagCount === maxVlanTags) return DecodeResult.tooManyVlanTags;
    const tagEnd = position + vlanTagLength;
    if (tagEnd > capturedEnd(frame)) return missingBytes(frame, tagEnd, DecodeResult.truncatedLink);
    if (datagram.vlanTci === -1) datagram.vlanTci = readUint16(frame.bytes, position);
    type = readUint16(frame.bytes, position + 2);
    position = tagEnd;
  }
  if (type === etherTypeIpv4) return decodeIpv4(frame, datagram, position);
  if (type === etherTypeIpv6) return decodeIpv6(frame, datagram, position);
  return DecodeResult.unsupportedEthertype;
}

/** Whether an EtherType says that a VLAN tag follows. */
export function isVlanTag(etherType: number): boolean {
  return etherType === etherTypeVlan || etherType === etherTypeServiceVlan || etherType === etherTypeOldQinq;
}
