// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { etherTypeErspan, etherTypeEthernet } from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIs, insideIsIp } from './tunnel.ts';

/** Bytes of a type II header. */
export const erspan2HeaderLength = 8;
/** Bytes of a type III header without its subheader. */
export const erspan3HeaderLength = 12;
/** Frame type of type III: an IP packet without Ethernet header. */
export const erspanFrameTypeIp = 2;

const frameTypeEthernet = 0;
const subheaderLength = 8;
/** In byte 11 of a type III header: the subheader follows. */
const hasSubheader = 0x01;
const type2Version = 1;
const type3Version = 2;

/**
 * A mirrored frame in GRE (draft-foschiano-erspan-03 §4). Type I (0x88be without a GRE sequence number) has no header at
 * all. Type II (0x88be with one):
 *
 *     0     4              16    19   21  22                     31
 *     +-----+--------------+-----+----+---+----------------------+
 *     |Ver 1|     VLAN     | COS | En | T |      Session ID      |
 *     +-----+--------------+-----+----+---+----------------------+
 *     |   Reserved, 12 bits     |        Index, 20 bits          |
 *     +-------------------------+--------------------------------+
 *
 * Type III (0x22eb); with O, eight bytes of a platform-specific subheader follow:
 *
 *     0     4              16    19   21  22                     31
 *     +-----+--------------+-----+----+---+----------------------+
 *     |Ver 2|     VLAN     | COS |BSO | T |      Session ID      |
 *     +-----+--------------+-----+----+---+----------------------+
 *     |                        Timestamp                         |
 *     +--------------------+---+--------+-----------+---+-----+--+
 *     |        SGT         | P |FT, 5 b.|Hw ID, 6 b.| D | Gra |O |
 *     +--------------------+---+--------+-----------+---+-----+--+
 */
export function decodeErspan(
  frame: Frame,
  datagram: Datagram,
  start: number,
  end: number,
  type: number,
  hasSequence: boolean,
): DecodeResult {
  const bytes = frame.bytes;
  const isType3 = type !== etherTypeErspan;
  if (!isType3 && !hasSequence) return insideIs(datagram, start, end, etherTypeEthernet);

  const payload = start + (isType3 ? erspan3HeaderLength : erspan2HeaderLength);
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedTunnel);
  if (bytes[start]! >> 4 !== (isType3 ? type3Version : type2Version)) return DecodeResult.badTunnelHeader;
  if (!isType3) return insideIs(datagram, payload, end, etherTypeEthernet);

  const inside = start + erspan3HeaderLengthOf(bytes, start);
  const frameType = erspan3FrameType(bytes, start);
  if (frameType === erspanFrameTypeIp) return insideIsIp(frame, datagram, inside, end);
  if (frameType !== frameTypeEthernet) return DecodeResult.unsupportedTunnel;
  return insideIs(datagram, inside, end, etherTypeEthernet);
}

/** Bytes of the type III header at `start`, subheader included; its first 12 bytes must be there. */
export function erspan3HeaderLengthOf(bytes: Uint8Array, start: number): number {
  return erspan3HeaderLength + ((bytes[start + 11]! & hasSubheader) === 0 ? 0 : subheaderLength);
}

/** FT of the type III header at `start`; its first 12 bytes must be there. */
export function erspan3FrameType(bytes: Uint8Array, start: number): number {
  return (bytes[start + 10]! >> 2) & 0x1f;
}
