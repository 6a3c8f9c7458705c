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

/** Formats of one media line that are kept; what is beyond is counted by the parser. */
export const maxFormats = 32;
/** ICE candidates of one media line that are kept. */
export const maxCandidates = 16;

/** One media line with all that holds for it, from the session's level too. Reused. */
export class MediaDescription {
  kind: MediaKind = MediaKind.other;
  /** Whether it is RTP by its transport: RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVPF and the like. */
  isRtp = false;
  /** Where media is to be sent to, 0..65535; 0 for a line that is rejected or off (RFC 3264 §6, §8.2). */
  port = 0;
  /** Effective `c=`: four big-endian words, IPv4 in mapped form as in `Datagram`; of no meaning without `hasAddress`. */
  readonly address: Int32Array = new Int32Array(4);
  /** False for a name that is none of an address, and where there is no `c=`. */
  hasAddress = false;
  direction: MediaDirection = MediaDirection.sendrecv;
  /** Held the old way, by 0.0.0.0 or :: (RFC 3264 §8.4). */
  isNullAddress = false;
  /** Where RTCP is to be sent to: port + 1, `a=rtcp`, or `port` with rtcp-mux (RFC 3605, RFC 5761). */
  rtcpPort = 0;
  readonly rtcpAddress: Int32Array = new Int32Array(4);
  isRtcpMux = false;
  security: MediaSecurity = MediaSecurity.none;
  /** `a=ptime`, milliseconds; 0 when absent. */
  packetTimeMillis = 0;

  formatCount = 0;
  /** Payload types in the order of preference, and what `a=rtpmap`, or the static table of RFC 3551, says of each. */
  readonly payloadTypes: Uint8Array = new Uint8Array(maxFormats);
  readonly codecs: Uint8Array = new Uint8Array(maxFormats);
  /** Hz, as the RTP timestamp counts. */
  readonly clockRates: Int32Array = new Int32Array(maxFormats);

  candidateCount = 0;
  /** Four words each, as `address`. */
  readonly candidateAddresses: Int32Array = new Int32Array(maxCandidates * 4);
  readonly candidatePorts: Uint16Array = new Uint16Array(maxCandidates);
  /** 1 for RTP, 2 for RTCP (RFC 8839 §5.1). */
  readonly candidateComponents: Uint8Array = new Uint8Array(maxCandidates);

  /** The codec of a payload type, 0..127; `Codec.other` when it is not listed. */
  codecOf(payloadType: number): Codec {
    const { payloadTypes, codecs } = this;
    for (let i = 0; i < this.formatCount; i++) if (payloadTypes[i] === payloadType) return codecs[i] as Codec;
    return Codec.other;
  }
}

/** One SDP body (RFC 8866): numbers only, nothing of it points at the bytes it was read from. Reused. */
export class SessionDescription {
  mediaCount = 0;
  readonly media: readonly MediaDescription[];
  /** Version of `o=` folded to an int32: an answer or refresh with the same one changes nothing (RFC 3264 §8). */
  originVersion = 0;
  /** More media lines, formats or candidates than are kept; 0 for none. */
  leftOut = 0;

  constructor(maxMedia: number) {
    this.media = Array.from({ length: maxMedia }, () => new MediaDescription());
  }
}
