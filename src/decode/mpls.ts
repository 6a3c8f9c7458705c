// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { etherTypeEthernet } from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIs, insideIsIp } from './tunnel.ts';

/** Labels read in one stack; networks use up to about ten. */
export const maxMplsLabels = 16;

const entryLength = 4;
const controlWordLength = 4;
const bottomOfStack = 0x01;

/**
 * MPLS label stack entry (RFC 3032 §2.1), repeated until S is set:
 *
 *     0               20     23  24      31
 *     +---------------+------+---+-------+
 *     |     Label     |  TC  | S |  TTL  |
 *     +---------------+------+---+-------+
 *
 * What follows is told by its first four bits: 4 and 6 are IP packets, 0 is a pseudowire's control word
 * (RFC 4385 §3), taken for that of an Ethernet pseudowire (RFC 4448 §4.6). One without a control word looks
 * like whatever its MAC address begins with, and is not read (RFC 8469 advises against it).
 */
export function decodeMpls(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  let position = start;
  let isBottom = false;
  for (let labelCount = 0; !isBottom; labelCount++) {
    if (labelCount === maxMplsLabels) return DecodeResult.badTunnelHeader;
    if (position + entryLength > readableEnd(frame, end)) {
      return missingBytes(position + entryLength, end, DecodeResult.truncatedTunnel);
    }
    isBottom = (bytes[position + 2]! & bottomOfStack) !== 0;
    position += entryLength;
  }
  if (position < readableEnd(frame, end) && bytes[position]! >> 4 === 0) {
    return insideIs(datagram, position + controlWordLength, end, etherTypeEthernet);
  }
  return insideIsIp(frame, datagram, position, end);
}
