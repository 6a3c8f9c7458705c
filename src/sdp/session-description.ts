// SPDX-License-Identifier: Apache-2.0
import { Codec } from '../rtp/codec.ts';

/** What a media line is of (RFC 8866 §5.14). */
export const MediaKind = { audio: 0, video: 1, image: 2, other: 3 } as const;
export type MediaKind = (typeof MediaKind)[keyof typeof MediaKind];

/** Which way media is to flow, as seen by who wrote the description (RFC 8866 §6.7). */
export const MediaDirection = { sendrecv: 0, sendonly: 1, recvonly: 2, inactive: 3 } as const;
export type MediaDirection = (typeof MediaDirection)[keyof typeof MediaDirection];

/** How media is encrypted; the headers of SRTP stay readable (RFC 3711, RFC 4568, RFC 5763). */
export const MediaSecurity = { none: 0, sdes: 1, dtls: 2 } as const;
export type MediaSecurity = (typeof MediaSecurity)[keyof typeof MediaSecurity];

/** What lines said that is judged at the end; bits. */
export const Said = {
  /** `c=` at this level. */
  connection: 1,
  /** `a=rtcp` with a port, and with an address of its own. */
  rtcpPort: 2,
  rtcpAddress: 4,
  /** `a=crypto` (RFC 4568 §4). */
  keys: 8,
  /** `a=fingerprint` (RFC 8122 §5). */
  fingerprint: 16,
  /** A profile of SRTP: RTP/SAVP or RTP/SAVPF. */
  secureProfile: 32,
  /** A transport that begins with UDP/TLS (RFC 5764 §8). */
  dtlsTransport: 64,
  /** `a=ice-ufrag` (RFC 8839 §5.4). */
  ice: 128,
} as const;

const inherited = Said.keys | Said.fingerprint | Said.ice;

/** Formats of one media line that are kept; what is beyond is counted by the parser. */
export const maxFormats = 32;
/** ICE candidates of one media line that are kept. */
export const maxCandidates = 16;

/** Copies the four words of an address. */
export function copyAddress(from: Int32Array, to: Int32Array): void {
  to[0] = from[0]!;
  to[1] = from[1]!;
  to[2] = from[2]!;
  to[3] = from[3]!;
}

/** One media line with all that holds for it, from the session's level too. Reused. */
export class MediaDescription {
  kind: MediaKind = MediaKind.other;
  /** Whether it is RTP by its transport: RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVPF and the like. */
  isRtp = false;
  /** Where media is to be sent to, 0..65535; 0 for a line that is rejected or off (RFC 3264 §6, §8.2). */
  port = 0;
  /** Effective `c=`: four big-endian words, IPv4 in mapped form as in `Datagram`; of no meaning without `hasAddress`. */
  readonly address: Int32Array = new Int32Array(4);
  /** False for a name that is none of an address, for 0.0.0.0 and :: with ICE, and where there is no `c=`. */
  hasAddress = false;
  direction: MediaDirection = MediaDirection.sendrecv;
  /** Held the old way, by 0.0.0.0 or :: (RFC 3264 §8.4). With ICE those mean that candidates are still to come (RFC 8840). */
  isNullAddress = false;
  /**
   * Where RTCP is to be sent to: `a=rtcp`, or the port above `port`; 0 with port 0 (RFC 3605 §2.1, RFC 3550 §11). With
   * rtcp-mux in both descriptions it is `port`, and this where it goes if the other side does not do it (RFC 5761 §5.1.1).
   */
  rtcpPort = 0;
  /** As `address`. */
  readonly rtcpAddress: Int32Array = new Int32Array(4);
  /** `a=rtcp-mux` or `a=rtcp-mux-only` (RFC 5761, RFC 8858). */
  isRtcpMux = false;
  security: MediaSecurity = MediaSecurity.none;
  /** Number of the BUNDLE group it is in, from 1 on; 0 for none: all lines of one share the address of one of them (RFC 9143). */
  bundle = 0;
  /** `a=bundle-only`: in a group its port of 0 does not mean that it is off (RFC 9143 §6). */
  isBundleOnly = false;
  /** `a=ptime`, milliseconds; 0 when absent. */
  packetTimeMillis = 0;

  formatCount = 0;
  /** Payload types of RTP in the order of preference, and what `a=rtpmap`, or RFC 3551, says of each. */
  readonly payloadTypes: Uint8Array = new Uint8Array(maxFormats);
  readonly codecs: Uint8Array = new Uint8Array(maxFormats);
  /** `RatedCodec` of each, with `REDUNDANT`: what `a=fmtp` says of its sound. */
  readonly ratedCodecs: Uint8Array = new Uint8Array(maxFormats);
  /** Hz, as the RTP timestamp counts, 1 to 1,000,000; 8000, or 90,000 of video, where nothing is known. */
  readonly clockRates: Int32Array = new Int32Array(maxFormats);

  /** ICE candidates by UDP with an address and not a name (RFC 8839 §5.1), in the order they stand. */
  candidateCount = 0;
  /** Four words each, as `address`. */
  readonly candidateAddresses: Int32Array = new Int32Array(maxCandidates * 4);
  readonly candidatePorts: Uint16Array = new Uint16Array(maxCandidates);
  /** 1 for RTP, 2 for RTCP (RFC 8839 §5.1). */
  readonly candidateComponents: Uint8Array = new Uint8Array(maxCandidates);

  /** `Said` bits, for the parser: what is only judged when all lines are known. */
  said = 0;

  /** Forgets the line before; what `session` says holds. */
  clear(session?: MediaDescription): void {
    this.kind = MediaKind.other;
    this.isRtp = false;
    this.port = 0;
    this.hasAddress = session?.hasAddress ?? false;
    if (session !== undefined) copyAddress(session.address, this.address);
    this.direction = session?.direction ?? MediaDirection.sendrecv;
    this.isNullAddress = false;
    this.rtcpPort = 0;
    this.isRtcpMux = session?.isRtcpMux ?? false;
    this.security = MediaSecurity.none;
    this.bundle = 0;
    this.isBundleOnly = false;
    this.packetTimeMillis = session?.packetTimeMillis ?? 0;
    this.formatCount = 0;
    this.candidateCount = 0;
    this.said = session === undefined ? 0 : session.said & inherited;
  }

  /** Whether the line is rejected, or off (RFC 3264 §6, §8.2). */
  get isOff(): boolean {
    return this.port === 0 && !(this.isBundleOnly && this.bundle !== 0);
  }

  /** Where a payload type is listed, or -1. */
  indexOf(payloadType: number): number {
    const { payloadTypes, formatCount } = this;
    for (let i = 0; i < formatCount; i++) if (payloadTypes[i] === payloadType) return i;
    return -1;
  }

  /** The codec of a payload type, 0..127; `Codec.other` when it is not listed. */
  codecOf(payloadType: number): Codec {
    const index = this.indexOf(payloadType);
    return index < 0 ? Codec.other : (this.codecs[index] as Codec);
  }
}

/** One SDP body (RFC 8866): numbers only, nothing of it points at the bytes it was read from. Reused. */
export class SessionDescription {
  /** For the parser: what stands before the first media line, and the line last left out. */
  readonly session: MediaDescription = new MediaDescription();
  readonly beyond: MediaDescription = new MediaDescription();
  /** Media lines that are kept, in their order, rejected ones too: an answer's stand at the places of the offer's. */
  mediaCount = 0;
  readonly media: readonly MediaDescription[];
  /** More media lines, formats or their parameters, candidates or tags of BUNDLE groups than are kept; 0 for none. */
  leftOut = 0;

  /** `maxMedia` as in `SdpLimits`. */
  constructor(maxMedia: number) {
    this.media = Array.from({ length: maxMedia }, () => new MediaDescription());
  }

  /** Forgets the description before. */
  clear(): void {
    this.session.clear();
    this.mediaCount = 0;
    this.leftOut = 0;
  }
}
