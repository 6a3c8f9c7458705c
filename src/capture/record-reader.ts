// SPDX-License-Identifier: Apache-2.0
import { type Frame, LinkType, PacketType } from '../base/frame.ts';

/** What a reader found. */
export const ReadStep = {
  /** A packet: the frame is filled. */
  packet: 0,
  /** A packet with a link header that ringtap does not know; `frame.protocol` is its LINKTYPE_ number. */
  unknownLink: 1,
  /** The window must be filled to `neededBytes` first; when that fails, this was the last record. */
  needsBytes: 2,
} as const;
export type ReadStep = (typeof ReadStep)[keyof typeof ReadStep];

/** Walks the records of a capture file in a `ByteWindow`. */
export interface RecordReader {
  /** After `needsBytes`: bytes the window must have from its start. */
  readonly neededBytes: number;
  /** Bytes to be passed over before the next record; they are not in the window yet. */
  readonly bytesToSkip: number;
  /** Finds the next packet. It is lent until the next call. Throws CaptureFileError for what is no such file. */
  next(frame: Frame): ReadStep;
}

/** The longest packet: libpcap writes none above it (MAXIMUM_SNAPLEN). */
export const MAX_PACKET_BYTES: number = 256 << 10;

/** The highest packet time, microseconds: up to there a double is exact. Year 2255. */
const MAX_MICROS = Number.MAX_SAFE_INTEGER;

/** What a file says of the link header of a packet, ready for a frame. */
export interface LinkHeader {
  /** LINKTYPE_ number of tcpdump.org. */
  readonly number: number;
  readonly linkType: LinkType | undefined;
}

/** Finds out what a LINKTYPE_ number means to ringtap. */
export function linkHeaderOf(number: number): LinkHeader {
  return { number, linkType: linkTypes.get(number) };
}

const linkTypes: ReadonlyMap<number, LinkType> = new Map([
  [0, LinkType.loopback], // NULL
  [1, LinkType.ethernet],
  [12, LinkType.rawIp], // DLT_RAW of most systems
  [14, LinkType.rawIp], // DLT_RAW of OpenBSD
  [101, LinkType.rawIp], // RAW
  [108, LinkType.loopback], // LOOP
  [113, LinkType.linuxCooked], // LINUX_SLL
  [228, LinkType.rawIp], // IPV4
  [229, LinkType.rawIp], // IPV6
  [276, LinkType.linuxCooked2], // LINUX_SLL2
]);

/** Packet time of a frame, kept within what every later computation is exact for. */
export function setArrival(frame: Frame, seconds: number, micros: number): void {
  const arrival = seconds * 1e6 + micros;
  frame.arrivalMicros = Math.min(Math.max(arrival, 0), MAX_MICROS);
}

/**
 * Completes a frame whose bytes and lengths are set. `packetType` is what the file says beside the packet; a Linux
 * cooked header says it too. Returns the step to report.
 */
export function completeFrame(frame: Frame, link: LinkHeader, packetType: number): ReadStep {
  const { linkType } = link;
  if (linkType === undefined) {
    frame.protocol = link.number;
    return ReadStep.unknownLink;
  }
  frame.linkType = linkType;
  frame.protocol = 0;
  frame.packetType = knownPacketType(packetType);
  const { bytes, offset, capturedLength } = frame;
  if (linkType === LinkType.linuxCooked && capturedLength >= 2) {
    frame.packetType = knownPacketType((bytes[offset]! << 8) | bytes[offset + 1]!);
  } else if (linkType === LinkType.linuxCooked2 && capturedLength >= 11) {
    frame.packetType = knownPacketType(bytes[offset + 10]!);
  }
  return ReadStep.packet;
}

function knownPacketType(value: number): PacketType {
  return value <= PacketType.outgoing ? (value as PacketType) : PacketType.unknown;
}
