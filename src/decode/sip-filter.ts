// SPDX-License-Identifier: Apache-2.0
import { type Frame, LinkType } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import { etherTypeIpv4, etherTypeIpv6, isVlanTag, maxVlanTags } from './ether-type.ts';
import { capturedEnd } from './frame-bounds.ts';
import { extensionLength, maxExtensionHeaders } from './ipv6.ts';
import { LoopbackFamily, loopbackFamily } from './loopback.ts';
import { protocolSctp, protocolTcp, protocolUdp } from './transport.ts';

/** Live, the kernel takes off one tag before the filter sees the frame, which then looks through two. */
const vlanTagsSeen = maxVlanTags + 1;

const nextHeaderFragment = 44;
/** Hop-by-hop, routing, authentication, destination options, mobility: those that the kernel's filter steps over. */
const extensionHeaders: readonly number[] = [0, 43, 51, 60, 135];

const moreFragmentsOrOffset = 0x3fff;
const udpHeaderLength = 8;

/** How a datagram with a SIP message begins: the 14 methods of the IANA registry, or a status line. */
const beginnings: readonly Uint8Array[] = (
  'SIP/2.0 |ACK |BYE |CANCEL |INFO |INVITE |MESSAGE |NOTIFY |OPTIONS |' +
  'PRACK |PUBLISH |REFER |REGISTER |SUBSCRIBE |UPDATE '
)
  .split('|')
  .map((text) => new TextEncoder().encode(text));
/** Payloads below this are too short for the kernel's filter to look at. */
const minPayloadLength = 8;

/**
 * Which packets of a file are taken: those that a live capture would take. This is the rule of bpf/sip_capture.bpf.c,
 * and test/kernel/filter-cases.ts holds both to it: UDP, TCP and SCTP with a port of the list at either end, every fragment,
 * and with detection UDP on any port whose payload begins like SIP.
 */
export class SipFilter {
  readonly #portBitmap: Uint8Array;
  readonly #isDetecting: boolean;

  /** Port p is bit p % 8 of byte p >> 3 of `portBitmap`. */
  constructor(portBitmap: Uint8Array, isDetecting: boolean) {
    this.#portBitmap = portBitmap;
    this.#isDetecting = isDetecting;
  }

  /** Whether a frame is taken. Never throws, allocates nothing, reads captured bytes only. */
  wants(frame: Frame): boolean {
    const { bytes, offset } = frame;
    const end = capturedEnd(frame);
    switch (frame.linkType) {
      case LinkType.ethernet:
        return (
          offset + 14 <= end && this.#wantsEtherType(bytes, offset + 14, end, readUint16(bytes, offset + 12))
        );
      case LinkType.network:
        return this.#wantsEtherType(bytes, offset, end, frame.protocol);
      case LinkType.linuxCooked:
        return (
          offset + 16 <= end && this.#wantsEtherType(bytes, offset + 16, end, readUint16(bytes, offset + 14))
        );
      case LinkType.linuxCooked2:
        return offset + 20 <= end && this.#wantsEtherType(bytes, offset + 20, end, readUint16(bytes, offset));
      case LinkType.rawIp:
        return this.#wantsIpv4(bytes, offset, end) || this.#wantsIpv6(bytes, offset, end);
      case LinkType.loopback: {
        if (offset + 4 > end) return false;
        const family = loopbackFamily(bytes, offset);
        if (family === LoopbackFamily.ipv4) return this.#wantsIpv4(bytes, offset + 4, end);
        return family === LoopbackFamily.ipv6 && this.#wantsIpv6(bytes, offset + 4, end);
      }
    }
  }

  #wantsEtherType(bytes: Uint8Array, start: number, end: number, etherType: number): boolean {
    let position = start;
    let type = etherType;
    for (let tags = 0; tags < vlanTagsSeen && isVlanTag(type); tags++) {
      if (position + 4 > end) return false;
      type = readUint16(bytes, position + 2);
      position += 4;
    }
    if (type === etherTypeIpv4) return this.#wantsIpv4(bytes, position, end);
    return type === etherTypeIpv6 && this.#wantsIpv6(bytes, position, end);
  }

  #wantsIpv4(bytes: Uint8Array, start: number, end: number): boolean {
    if (start + 12 > end) return false;
    const headerWords = bytes[start]! & 0x0f;
    if (bytes[start]! >> 4 !== 4 || headerWords < 5) return false;
    if ((readUint16(bytes, start + 6) & moreFragmentsOrOffset) !== 0) return true;
    return this.#wantsTransport(bytes, start + headerWords * 4, end, bytes[start + 9]!);
  }

  #wantsIpv6(bytes: Uint8Array, start: number, end: number): boolean {
    if (start + 8 > end || bytes[start]! >> 4 !== 6) return false;
    let next = bytes[start + 6]!;
    let position = start + 40;
    for (let headers = 0; headers <= maxExtensionHeaders; headers++) {
      if (next === nextHeaderFragment) return true;
      if (!extensionHeaders.includes(next)) return this.#wantsTransport(bytes, position, end, next);
      if (position + 2 > end) return false;
      const length = extensionLength(next, bytes[position + 1]!);
      next = bytes[position]!;
      position += length;
    }
    return false;
  }

  #wantsTransport(bytes: Uint8Array, start: number, end: number, protocol: number): boolean {
    if (protocol !== protocolUdp && protocol !== protocolTcp && protocol !== protocolSctp) return false;
    if (start + 4 > end) return false;
    if (this.#hasPort(readUint16(bytes, start)) || this.#hasPort(readUint16(bytes, start + 2))) return true;
    return (
      this.#isDetecting && protocol === protocolUdp && beginsLikeSip(bytes, start + udpHeaderLength, end)
    );
  }

  #hasPort(port: number): boolean {
    return ((this.#portBitmap[port >> 3]! >> (port & 7)) & 1) === 1;
  }
}

/** Whether the bytes from `start` begin like a SIP message of a known method, or a status line. */
export function beginsLikeSip(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + minPayloadLength > end) return false;
  for (let i = 0; i < beginnings.length; i++) {
    const text = beginnings[i]!;
    let matching = 0;
    while (matching < text.length && start + matching < end && bytes[start + matching] === text[matching]) {
      matching++;
    }
    if (matching === text.length) return true;
  }
  return false;
}
