// SPDX-License-Identifier: Apache-2.0
import { readUint16 } from './big-endian.ts';
import {
  erspan2HeaderLength,
  erspan3FrameType,
  erspan3HeaderLength,
  erspan3HeaderLengthOf,
  erspanFrameTypeIp,
} from './erspan.ts';
import {
  etherTypeErspan,
  etherTypeErspan3,
  etherTypeEthernet,
  etherTypeIpv4,
  etherTypeIpv6,
  etherTypeMpls,
  etherTypeMplsUpstream,
  etherTypeOldQinq,
  etherTypePppoeSession,
  etherTypeServiceVlan,
  etherTypeVlan,
} from './ether-type-numbers.ts';
import { geneveHeaderLength, isGeneve } from './geneve.ts';
import { greHeaderLength, hasGreSequence, isGreRead } from './gre.ts';
import {
  gtpuHasExtensions,
  gtpuHasOptions,
  gtpuMinHeaderLength,
  gtpuOptionsLength,
  gtpuUserPacket,
  isGtpu,
} from './gtpu.ts';
import { extensionLength } from './ipv6.ts';
import { pppIpv4, pppIpv6 } from './pppoe.ts';
import {
  protocolGre,
  protocolIpv4,
  protocolIpv6,
  protocolSctp,
  protocolTcp,
  protocolUdp,
} from './transport.ts';
import { TunnelKind } from './tunnel-kind.ts';
import { tunnelOfPort } from './udp-tunnel.ts';
import { isVxlan, vxlanHeaderLength } from './vxlan.ts';

/** Headers looked through in one packet, MAX_HEADERS of bpf/walk.h. */
export const maxHeadersWalked = 12;

/** How a walk ends: `enum walk_end` of bpf/walk.h. */
export const WalkEnd = { nothing: 0, fragment: 1, transport: 2, unfinished: 3 } as const;
export type WalkEnd = (typeof WalkEnd)[keyof typeof WalkEnd];

const protocolFlag = 0x10000;
/** What a header is, besides EtherTypes: an IP protocol number with `protocolFlag`, or one of these. */
const ipOfItsVersion = 0x20000;
const behindLabels = 0x20001;
const gtpuExtension = 0x20002;

const udpWalked = protocolFlag | protocolUdp;
const tcpWalked = protocolFlag | protocolTcp;
const sctpWalked = protocolFlag | protocolSctp;
const authentication = 51;
const moreFragmentsOrOffset = 0x3fff;
const udpHeaderLength = 8;

/**
 * The way of bpf/walk.h through the headers of a packet to the innermost transport header, so that a replay takes what a
 * live capture would. It is lenient and reads captured bytes only; what it finds is for the decoder to judge.
 */
export class HeaderWalk {
  /** Index of the transport header, after `WalkEnd.transport`. */
  position = 0;
  readonly #tunnels: number;
  #next = 0;

  /** `tunnels` are bits of `TunnelKind`: what is looked into. */
  constructor(tunnels: number) {
    this.#tunnels = tunnels;
  }

  /** Whether the transport header found is that of UDP. */
  get isUdp(): boolean {
    return this.#next === udpWalked;
  }

  /** Walks on from index `start`, where an Ethernet frame begins. */
  ethernet(bytes: Uint8Array, start: number, end: number): WalkEnd {
    if (start + 14 > end) return WalkEnd.nothing;
    return this.etherType(bytes, start + 14, end, readUint16(bytes, start + 12));
  }

  /** Walks on from an IP packet of either version. */
  ip(bytes: Uint8Array, start: number, end: number): WalkEnd {
    return this.etherType(
      bytes,
      start,
      end,
      start < end && bytes[start]! >> 4 === 6 ? etherTypeIpv6 : etherTypeIpv4,
    );
  }

  /** Walks on from what an EtherType announces. `end` is the captured end. */
  etherType(bytes: Uint8Array, start: number, end: number, etherType: number): WalkEnd {
    this.position = start;
    this.#next = etherType;
    for (let headers = 0; headers < maxHeadersWalked; headers++) {
      const walked = this.#header(bytes, end);
      if (walked !== WalkEnd.unfinished) return walked;
    }
    return WalkEnd.unfinished;
  }

  /** Goes past one header; `unfinished` is "go on". */
  #header(bytes: Uint8Array, end: number): WalkEnd {
    const start = this.position;
    switch (this.#next) {
      case etherTypeIpv4: {
        if (start + 12 > end) return WalkEnd.nothing;
        const headerWords = bytes[start]! & 0x0f;
        if (bytes[start]! >> 4 !== 4 || headerWords < 5) return WalkEnd.nothing;
        if ((readUint16(bytes, start + 6) & moreFragmentsOrOffset) !== 0) return WalkEnd.fragment;
        return this.#goOn(start + headerWords * 4, protocolFlag | bytes[start + 9]!);
      }
      case etherTypeIpv6:
        if (start + 8 > end || bytes[start]! >> 4 !== 6) return WalkEnd.nothing;
        return this.#goOn(start + 40, protocolFlag | bytes[start + 6]!);
      case udpWalked:
        return start + 4 > end ? WalkEnd.nothing : this.#udp(bytes, end);
      case tcpWalked:
      case sctpWalked:
        return start + 4 > end ? WalkEnd.nothing : WalkEnd.transport;
      // Hop-by-hop, routing, authentication, destination options, mobility, host identity, shim6.
      case protocolFlag | 0:
      case protocolFlag | 43:
      case protocolFlag | authentication:
      case protocolFlag | 60:
      case protocolFlag | 135:
      case protocolFlag | 139:
      case protocolFlag | 140: {
        if (start + 2 > end) return WalkEnd.nothing;
        const length = extensionLength(this.#next - protocolFlag, bytes[start + 1]!);
        return this.#goOn(start + length, protocolFlag | bytes[start]!);
      }
      case protocolFlag | 44:
        return WalkEnd.fragment;
      case protocolFlag | protocolIpv4:
        return this.#opens(TunnelKind.ipip) ? this.#goOn(start, etherTypeIpv4) : WalkEnd.nothing;
      case protocolFlag | protocolIpv6:
        return this.#opens(TunnelKind.sixInFour) ? this.#goOn(start, etherTypeIpv6) : WalkEnd.nothing;
      case protocolFlag | protocolGre:
        return this.#gre(bytes, end);
      case etherTypeVlan:
      case etherTypeServiceVlan:
      case etherTypeOldQinq:
        if (start + 4 > end) return WalkEnd.nothing;
        return this.#goOn(start + 4, readUint16(bytes, start + 2));
      case etherTypeEthernet:
        if (start + 14 > end) return WalkEnd.nothing;
        return this.#goOn(start + 14, readUint16(bytes, start + 12));
      case etherTypePppoeSession: {
        if (!this.#opens(TunnelKind.pppoe) || start + 8 > end) return WalkEnd.nothing;
        const protocol = readUint16(bytes, start + 6);
        if (protocol !== pppIpv4 && protocol !== pppIpv6) return WalkEnd.nothing;
        return this.#goOn(start + 8, protocol === pppIpv4 ? etherTypeIpv4 : etherTypeIpv6);
      }
      case etherTypeMpls:
      case etherTypeMplsUpstream:
        if (!this.#opens(TunnelKind.mpls) || start + 4 > end) return WalkEnd.nothing;
        return this.#goOn(start + 4, (bytes[start + 2]! & 1) === 0 ? this.#next : behindLabels);
      case behindLabels:
      case ipOfItsVersion: {
        if (start + 1 > end) return WalkEnd.nothing;
        const version = bytes[start]! >> 4;
        if (version === 4) return this.#goOn(start, etherTypeIpv4);
        if (version === 6) return this.#goOn(start, etherTypeIpv6);
        if (version !== 0 || this.#next !== behindLabels) return WalkEnd.nothing;
        return this.#goOn(start + 4, etherTypeEthernet);
      }
      case gtpuExtension: {
        // The byte before is the type of this extension header, 0 for none.
        if (start + 1 > end) return WalkEnd.nothing;
        if (bytes[start - 1] === 0) return this.#goOn(start, ipOfItsVersion);
        const words = bytes[start]!;
        return words === 0 ? WalkEnd.nothing : this.#goOn(start + words * 4, gtpuExtension);
      }
    }
    return WalkEnd.nothing;
  }

  #udp(bytes: Uint8Array, end: number): WalkEnd {
    const payload = this.position + udpHeaderLength;
    const kind = tunnelOfPort(readUint16(bytes, this.position + 2));
    if (kind === 0 || !this.#opens(kind) || payload + 8 > end) return WalkEnd.transport;
    const firstByte = bytes[payload]!;
    switch (kind) {
      case TunnelKind.gtpu: {
        if (!isGtpu(firstByte)) return WalkEnd.transport;
        if (bytes[payload + 1] !== gtpuUserPacket) return WalkEnd.nothing;
        const optionsLength = (firstByte & gtpuHasOptions) === 0 ? 0 : gtpuOptionsLength;
        const next = (firstByte & gtpuHasExtensions) === 0 ? ipOfItsVersion : gtpuExtension;
        return this.#goOn(payload + gtpuMinHeaderLength + optionsLength, next);
      }
      case TunnelKind.geneve:
        if (!isGeneve(firstByte)) return WalkEnd.transport;
        return this.#goOn(payload + geneveHeaderLength(firstByte), readUint16(bytes, payload + 2));
      default:
        if (!isVxlan(firstByte)) return WalkEnd.transport;
        return this.#goOn(payload + vxlanHeaderLength, etherTypeEthernet);
    }
  }

  #gre(bytes: Uint8Array, end: number): WalkEnd {
    const start = this.position;
    if ((this.#tunnels & (TunnelKind.gre | TunnelKind.erspan)) === 0 || start + 4 > end)
      return WalkEnd.nothing;
    const flags = readUint16(bytes, start);
    const type = readUint16(bytes, start + 2);
    if (!isGreRead(flags)) return WalkEnd.nothing;
    const payload = start + greHeaderLength(flags);
    if (type !== etherTypeErspan && type !== etherTypeErspan3) {
      return this.#opens(TunnelKind.gre) ? this.#goOn(payload, type) : WalkEnd.nothing;
    }
    if (!this.#opens(TunnelKind.erspan)) return WalkEnd.nothing;
    if (type === etherTypeErspan) {
      return this.#goOn(payload + (hasGreSequence(flags) ? erspan2HeaderLength : 0), etherTypeEthernet);
    }
    if (payload + erspan3HeaderLength > end) return WalkEnd.nothing;
    const isIp = erspan3FrameType(bytes, payload) === erspanFrameTypeIp;
    return this.#goOn(
      payload + erspan3HeaderLengthOf(bytes, payload),
      isIp ? ipOfItsVersion : etherTypeEthernet,
    );
  }

  #opens(kind: TunnelKind): boolean {
    return (this.#tunnels & kind) !== 0;
  }

  #goOn(position: number, next: number): WalkEnd {
    this.position = position;
    this.#next = next;
    return WalkEnd.unfinished;
  }
}
