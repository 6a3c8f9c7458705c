// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { etherTypeIpv4, etherTypeIpv6 } from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import type { TunnelKind } from './tunnel-kind.ts';

// No layer calls one before it: what holds another packet says where that is and what, and returns
// `DecodeResult.tunnel`. The loop in frame-decoder.ts goes on from there, so depth is counted in one place.

/** Whether a kind of tunnel is to be opened. */
export function opens(datagram: Datagram, kind: TunnelKind): boolean {
  return (datagram.tunnels.kinds & kind) !== 0;
}

/** What a tunnel holds: bytes from `start` to `end` (on the wire) that begin as the EtherType says. */
export function insideIs(datagram: Datagram, start: number, end: number, etherType: number): DecodeResult {
  datagram.innerStart = start;
  datagram.innerEnd = end;
  datagram.innerType = etherType;
  return DecodeResult.tunnel;
}

/**
 * What a tunnel holds that does not name it: an IP packet by its version. Anything else is `unsupportedTunnel`; an
 * end before the first byte is `truncatedTunnel`.
 */
export function insideIsIp(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  if (start + 1 > readableEnd(frame, end)) return missingBytes(start + 1, end, DecodeResult.truncatedTunnel);
  const version = frame.bytes[start]! >> 4;
  if (version === 4) return insideIs(datagram, start, end, etherTypeIpv4);
  if (version === 6) return insideIs(datagram, start, end, etherTypeIpv6);
  return DecodeResult.unsupportedTunnel;
}
