// SPDX-License-Identifier: Apache-2.0
import type { PortCounts } from '../base/port-counts.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';

/** What a UDP payload is, by its ports and how it begins. */
export const MediaKind = { none: 0, rtp: 1, rtcp: 2 } as const;
export type MediaKind = (typeof MediaKind)[keyof typeof MediaKind];

const rtpHeaderLength = 12;
/** Reports have at least the word of their header and the SSRC of their sender. */
const minRtcpLength = 8;
const maxContributingSources = 15;

/**
 * Bytes of the payload of an RTP packet that the filter in the kernel lets through: the fixed header, the longest list of
 * contributing sources and the first word of an extension (RFC 3550 §5.1, §5.3.1). As in bpf/sip_capture.bpf.c.
 */
export const rtpSnapshotLength: number = rtpHeaderLength + 4 * maxContributingSources + 4;

const udpHeaderLength = 8;

// Where detection is strict: payload types that are assigned (RFC 3551 §6), reports that are in use, user ports (RFC 6335 §6).
const lastStaticType = 34;
const firstDynamicType = 96;
const firstReportType = 200;
const lastReportType = 207;
const firstUserPort = 1024;

/**
 * Which UDP datagrams are media: the rule of bpf/sip_capture.bpf.c, and test/kernel/filter-cases.ts holds both to it. RTP
 * and RTCP begin with version 2, which neither STUN, DTLS, TURN nor ZRTP does (RFC 9443 §3), nor any SIP message; the second
 * byte tells one from the other (RFC 5761 §4). The ports are those that signalling announced; with detection any, but then
 * what is there must look more like it.
 */
export class RtpPorts {
  readonly #learned: PortCounts;
  readonly #isDetecting: boolean;

  constructor(learned: PortCounts, isDetecting: boolean) {
    this.#learned = learned;
    this.#isDetecting = isDetecting;
  }

  /** What a datagram that was decoded, its beginning only or whole, is. Never throws, allocates nothing. */
  kindOf(datagram: Datagram): MediaKind {
    const { bytes, payloadOffset, payloadLength, sourcePort, destinationPort, wirePayloadLength } = datagram;
    const end = payloadOffset + payloadLength;
    return this.#kind(bytes, payloadOffset, end, sourcePort, destinationPort, wirePayloadLength);
  }

  /** The same of a UDP header at index `start`, which nobody checked, in bytes that end at `end`. */
  kindAt(bytes: Uint8Array, start: number, end: number): MediaKind {
    const payload = start + udpHeaderLength;
    if (payload > end) return MediaKind.none;
    const length = readUint16(bytes, start + 4) - udpHeaderLength;
    return this.#kind(bytes, payload, end, readUint16(bytes, start), readUint16(bytes, start + 2), length);
  }

  /** Whether a datagram of which only the beginning is there is what the filter in the kernel makes of RTP. */
  isSnapshot(datagram: Datagram): boolean {
    return datagram.payloadLength >= rtpSnapshotLength && this.kindOf(datagram) === MediaKind.rtp;
  }

  /** Of a payload of `length` bytes from `start`, of which those before `end` may be read. */
  #kind(
    bytes: Uint8Array,
    start: number,
    end: number,
    sourcePort: number,
    destinationPort: number,
    length: number,
  ): MediaKind {
    const isLearned = this.#learned.has(destinationPort) || this.#learned.has(sourcePort);
    if (!isLearned && !this.#isDetecting) return MediaKind.none;
    if (start + 4 > end || bytes[start]! >> 6 !== 2) return MediaKind.none;
    const second = bytes[start + 1]!;
    const isReport = second >= 192 && second <= 223;
    if (length < (isReport ? minRtcpLength : rtpHeaderLength)) return MediaKind.none;
    if (!isLearned) {
      if (sourcePort < firstUserPort || destinationPort < firstUserPort) return MediaKind.none;
      const isLikely = isReport
        ? isLikelyReport(second, readUint16(bytes, start + 2), length)
        : isLikelyPacket(bytes[start]!, second & 0x7f, length);
      if (!isLikely) return MediaKind.none;
    }
    return isReport ? MediaKind.rtcp : MediaKind.rtp;
  }
}

/** The length of a report is in words, that of its header not counted (RFC 3550 §6.4.1). */
function isLikelyReport(type: number, words: number, length: number): boolean {
  return type >= firstReportType && type <= lastReportType && 4 + words * 4 <= length;
}

function isLikelyPacket(firstByte: number, type: number, length: number): boolean {
  if (type > lastStaticType && type < firstDynamicType) return false;
  return rtpHeaderLength + (firstByte & 0x0f) * 4 <= length;
}
