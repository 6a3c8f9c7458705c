// SPDX-License-Identifier: Apache-2.0
import { type Frame, LinkType } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeEtherType } from './ether-type.ts';
import { decodeEthernet } from './ethernet.ts';
import { capturedEnd, missingBytes } from './frame-bounds.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { decodeLinuxCooked, decodeLinuxCooked2 } from './linux-cooked.ts';
import { decodeLoopback } from './loopback.ts';

/**
 * Finds the UDP datagram in a frame and fills `datagram`, or returns the reason why there is none (then the
 * fields of `datagram` mean nothing).
 *
 * Never throws, allocates or reads outside the captured bytes, whatever they are; `frame.offset` and
 * `frame.capturedLength` must lie within `frame.bytes`. Each layer calls the next with the index where that
 * begins. Checksums are not verified: with offload, a captured packet may not have them yet.
 */
export function decodeFrame(frame: Frame, datagram: Datagram): DecodeResult {
  datagram.bytes = frame.bytes;
  datagram.view = frame.view;
  datagram.vlanTci = frame.vlanTci;
  switch (frame.linkType) {
    case LinkType.ethernet:
      return decodeEthernet(frame, datagram);
    case LinkType.network:
      return decodeEtherType(frame, datagram, frame.offset, frame.protocol);
    case LinkType.rawIp:
      return decodeRawIp(frame, datagram);
    case LinkType.linuxCooked:
      return decodeLinuxCooked(frame, datagram);
    case LinkType.linuxCooked2:
      return decodeLinuxCooked2(frame, datagram);
    case LinkType.loopback:
      return decodeLoopback(frame, datagram);
  }
}

/**
 * Goes on with the packet that `FragmentTable` made whole from a fragment that `decodeFrame` found: what `datagram` says
 * of the frame stays.
 */
export function decodeWholePacket(packet: Frame, datagram: Datagram): DecodeResult {
  datagram.bytes = packet.bytes;
  datagram.view = packet.view;
  return decodeRawIp(packet, datagram);
}

/** LINKTYPE_RAW, and devices without a link header: the version field is all there is to go by. */
function decodeRawIp(frame: Frame, datagram: Datagram): DecodeResult {
  const start = frame.offset;
  if (start + 1 > capturedEnd(frame)) return missingBytes(frame, start + 1, DecodeResult.truncatedLink);
  const version = frame.bytes[start]! >> 4;
  if (version === 4) return decodeIpv4(frame, datagram, start);
  if (version === 6) return decodeIpv6(frame, datagram, start);
  return DecodeResult.badIpVersion;
}
