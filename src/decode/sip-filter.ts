// SPDX-License-Identifier: Apache-2.0
import { type Frame, LinkType } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import { etherTypeIpv4, etherTypeIpv6 } from './ether-type-numbers.ts';
import { capturedEnd } from './frame-bounds.ts';
import { HeaderWalk, WalkEnd } from './header-walk.ts';
import { LoopbackFamily, loopbackFamily } from './loopback.ts';
import { MediaKind, type RtpPorts } from './rtp-ports.ts';
import type { SipPorts } from './sip-ports.ts';

const udpHeaderLength = 8;

/**
 * Which packets of a file are taken: those that a live capture would take. This is the rule of bpf/sip_capture.bpf.c,
 * and test/kernel/filter-cases.ts holds both to it: UDP, TCP and SCTP with a port of the list at either end, every fragment,
 * with detection UDP on any port whose payload begins like SIP, and what has too many headers to tell. In tunnels, the
 * innermost packet decides. With `rtp`, RTP and RTCP are taken too, whole: what was captured before is not cut again.
 */
export class SipFilter {
  /** Whether what `wants` took last was taken as media only. */
  isMedia = false;

  readonly #ports: SipPorts;
  readonly #rtp: RtpPorts | undefined;
  readonly #walk: HeaderWalk;

  /** `tunnels` are bits of `TunnelKind`: what is looked into. */
  constructor(ports: SipPorts, tunnels: number, rtp?: RtpPorts) {
    this.#ports = ports;
    this.#rtp = rtp;
    this.#walk = new HeaderWalk(tunnels);
  }

  /** Whether a frame is taken. Never throws, allocates nothing, reads captured bytes only. */
  wants(frame: Frame): boolean {
    this.isMedia = false;
    const end = capturedEnd(frame);
    const walked = this.#walkFrame(frame, end);
    if (walked !== WalkEnd.transport) return walked !== WalkEnd.nothing;
    const { bytes } = frame;
    const { position, isUdp } = this.#walk;
    const ports = this.#ports;
    if (ports.has(readUint16(bytes, position)) || ports.has(readUint16(bytes, position + 2))) return true;
    if (!isUdp) return false;
    if (ports.detects(bytes, position + udpHeaderLength, end)) return true;
    this.isMedia = this.#rtp !== undefined && this.#rtp.kindAt(bytes, position, end) !== MediaKind.none;
    return this.isMedia;
  }

  #walkFrame(frame: Frame, end: number): WalkEnd {
    const { bytes, offset } = frame;
    const walk = this.#walk;
    switch (frame.linkType) {
      case LinkType.ethernet:
        return walk.ethernet(bytes, offset, end);
      case LinkType.network:
        return walk.etherType(bytes, offset, end, frame.protocol);
      case LinkType.linuxCooked:
        if (offset + 16 > end) return WalkEnd.nothing;
        return walk.etherType(bytes, offset + 16, end, readUint16(bytes, offset + 14));
      case LinkType.linuxCooked2:
        if (offset + 20 > end) return WalkEnd.nothing;
        return walk.etherType(bytes, offset + 20, end, readUint16(bytes, offset));
      case LinkType.rawIp:
        return walk.ip(bytes, offset, end);
      case LinkType.loopback: {
        if (offset + 4 > end) return WalkEnd.nothing;
        const family = loopbackFamily(bytes, offset);
        if (family === LoopbackFamily.ipv4) return walk.etherType(bytes, offset + 4, end, etherTypeIpv4);
        if (family === LoopbackFamily.ipv6) return walk.etherType(bytes, offset + 4, end, etherTypeIpv6);
        return WalkEnd.nothing;
      }
    }
  }
}
