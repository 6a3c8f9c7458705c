// SPDX-License-Identifier: Apache-2.0
import { type Frame, LinkType } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeEtherType } from './ether-type.ts';
import { etherTypeEthernet } from './ether-type-numbers.ts';
import { decodeEthernet } from './ethernet.ts';
import { missingBytes, readableEnd, wireEnd } from './frame-bounds.ts';
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
 * begins and the one where it ends on the wire. Checksums are not verified: with offload, a captured packet may not have
 * them yet.
 */
export function decodeFrame(frame: Frame, datagram: Datagram): DecodeResult {
  datagram.bytes = frame.bytes;
  datagram.view = frame.view;
  datagram.vlanTci = frame.vlanTci;
  datagram.tunnelDepth = 0;
  const end = wireEnd(frame);
  // Most frames are spared a call (bench decode/ipv4-udp: 4 ns).
  const result =
    frame.linkType === LinkType.ethernet
      ? decodeEthernet(frame, datagram, frame.offset, end)
      : decodeLink(frame, datagram, end);
  return result === DecodeResult.tunnel ? decodeTunnels(frame, datagram) : result;
}

/**
 * Goes on after `DecodeResult.tunnel`: opens tunnels until there is something else in them, which is returned. Counts on in
 * `datagram.tunnelDepth`, so that a packet put together from fragments in a tunnel is no deeper than its fragments.
 */
export function decodeTunnels(frame: Frame, datagram: Datagram): DecodeResult {
  const { maxDepth } = datagram.tunnels;
  let result: DecodeResult = DecodeResult.tunnel;
  while (result === DecodeResult.tunnel) {
    if (datagram.tunnelDepth >= maxDepth) return DecodeResult.tooManyTunnels;
    datagram.tunnelDepth++;
    const { innerStart, innerEnd, innerType } = datagram;
    result =
      innerType === etherTypeEthernet
        ? decodeEthernet(frame, datagram, innerStart, innerEnd)
        : decodeEtherType(frame, datagram, innerStart, innerEnd, innerType);
  }
  return result;
}

function decodeLink(frame: Frame, datagram: Datagram, end: number): DecodeResult {
  switch (frame.linkType) {
    case LinkType.ethernet:
      return decodeEthernet(frame, datagram, frame.offset, end);
    case LinkType.network:
      return decodeEtherType(frame, datagram, frame.offset, end, frame.protocol);
    case LinkType.rawIp:
      return decodeRawIp(frame, datagram, end);
    case LinkType.linuxCooked:
      return decodeLinuxCooked(frame, datagram, end);
    case LinkType.linuxCooked2:
      return decodeLinuxCooked2(frame, datagram, end);
    case LinkType.loopback:
      return decodeLoopback(frame, datagram, end);
  }
}

/**
 * Goes on with the packet that `FragmentTable` made whole from a fragment that `decodeFrame` found: what `datagram` says
 * of the frame stays.
 */
export function decodeWholePacket(packet: Frame, datagram: Datagram): DecodeResult {
  datagram.bytes = packet.bytes;
  datagram.view = packet.view;
  const result = decodeRawIp(packet, datagram, wireEnd(packet));
  return result === DecodeResult.tunnel ? decodeTunnels(packet, datagram) : result;
}

/** LINKTYPE_RAW, and devices without a link header: the version field is all there is to go by. */
function decodeRawIp(frame: Frame, datagram: Datagram, end: number): DecodeResult {
  const start = frame.offset;
  if (start + 1 > readableEnd(frame, end)) return missingBytes(start + 1, end, DecodeResult.truncatedLink);
  const version = frame.bytes[start]! >> 4;
  if (version === 4) return decodeIpv4(frame, datagram, start, end);
  if (version === 6) return decodeIpv6(frame, datagram, start, end);
  return DecodeResult.badIpVersion;
}
