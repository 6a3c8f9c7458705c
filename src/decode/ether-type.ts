// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import {
  etherTypeIpv4,
  etherTypeIpv6,
  etherTypeMpls,
  etherTypeMplsUpstream,
  etherTypeOldQinq,
  etherTypePppoeSession,
  etherTypeServiceVlan,
  etherTypeVlan,
} from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { decodeMpls } from './mpls.ts';
import { decodePppoe } from './pppoe.ts';
import { opens } from './tunnel.ts';
import { TunnelKind } from './tunnel-kind.ts';

/** VLAN tags read in the data of one frame, besides one the kernel took off (`Frame.vlanTci`). */
export const maxVlanTags = 2;

const vlanTagLength = 4;

/**
 * Decodes what an EtherType announces, after taking off VLAN tags (IEEE 802.1Q, 802.1ad). `start` is the index
 * behind the EtherType, `end` where the frame ends on the wire. A tag, seen from there, is the control information and
 * the EtherType of what it holds:
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
  end: number,
  etherType: number,
): DecodeResult {
  let position = start;
  let type = etherType;
  for (let tagCount = 0; ; tagCount++) {
    switch (type) {
      case etherTypeIpv4:
        return decodeIpv4(frame, datagram, position, end);
      case etherTypeIpv6:
        return decodeIpv6(frame, datagram, position, end);
      case etherTypeVlan:
      case etherTypeServiceVlan:
      case etherTypeOldQinq:
        break;
      case etherTypePppoeSession:
        if (!opens(datagram, TunnelKind.pppoe)) return DecodeResult.unsupportedEthertype;
        return decodePppoe(frame, datagram, position, end);
      case etherTypeMpls:
      case etherTypeMplsUpstream:
        if (!opens(datagram, TunnelKind.mpls)) return DecodeResult.unsupportedEthertype;
        return decodeMpls(frame, datagram, position, end);
      default:
        return DecodeResult.unsupportedEthertype;
    }
    if (tagCount === maxVlanTags) return DecodeResult.tooManyVlanTags;
    const tagEnd = position + vlanTagLength;
    if (tagEnd > readableEnd(frame, end)) return missingBytes(tagEnd, end, DecodeResult.truncatedLink);
    if (datagram.vlanTci === -1) datagram.vlanTci = readUint16(frame.bytes, position);
    type = readUint16(frame.bytes, position + 2);
    position = tagEnd;
  }
}
