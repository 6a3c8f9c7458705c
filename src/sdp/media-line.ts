// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { Codec } from '../rtp/codec.ts';
import { staticClockRates, staticCodecs } from '../rtp/static-payload-types.ts';
import { beginsWith } from '../sip/parameters.ts';
import {
  type MediaDescription,
  MediaKind,
  maxFormats,
  Said,
  type SessionDescription,
} from './session-description.ts';
import { nextToken, numberAt, skipSpaces, tokenEnd } from './tokens.ts';

const SP = 0x20;
const SLASH = 0x2f;
const LOWER_S = 0x73;
const MAX_PORT = 0xffff;
const MAX_PAYLOAD_TYPE = 127;
/** Of video where `a=rtpmap` says nothing (RFC 3551 §5). */
const VIDEO_CLOCK_RATE = 90_000;

const kinds: readonly (readonly [MediaKind, Uint8Array])[] = [
  [MediaKind.audio, ascii('audio')],
  [MediaKind.video, ascii('video')],
  [MediaKind.image, ascii('image')],
];
const rtp = ascii('rtp/');
const dtls = ascii('udp/tls/');

/**
 * A line `m=` (RFC 8866 §5.14), the bytes from `p` to `end`, into `media`. False when it is none. Formats are read of RTP
 * only, where they are payload types; `into` counts those beyond what is kept.
 *
 *     audio 49170/2 RTP/AVP 8 0 101      media, port, number of ports, transport, formats
 */
export function parseMediaLine(
  bytes: Uint8Array,
  p: number,
  end: number,
  media: MediaDescription,
  into: SessionDescription,
): boolean {
  p = skipSpaces(bytes, p, end);
  media.kind = kindAt(bytes, p, tokenEnd(bytes, p, end));
  p = nextToken(bytes, p, end);
  const port = numberAt(bytes, p, end);
  if (port < 0 || port > MAX_PORT) return false;
  while (p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p++;
  // The number of ports is of no use: they are those of layers (RFC 8866 §5.14).
  if (p >= end || (bytes[p]! > SP && bytes[p] !== SLASH)) return false;
  media.port = port;
  p = nextToken(bytes, p, end);
  if (p === end) return false;
  parseTransport(bytes, p, end, media);
  if (media.isRtp) parseFormats(bytes, nextToken(bytes, p, end), end, media, into);
  return true;
}

function kindAt(bytes: Uint8Array, p: number, end: number): MediaKind {
  for (let i = 0; i < kinds.length; i++) {
    const name = kinds[i]![1];
    if (end - p === name.length && beginsWith(bytes, p, end, name)) return kinds[i]![0];
  }
  return MediaKind.other;
}

/** RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVP and the like. RTP by TCP is none that is read, and so none here. */
function parseTransport(bytes: Uint8Array, p: number, end: number, media: MediaDescription): void {
  if (beginsWith(bytes, p, end, dtls)) {
    media.said |= Said.dtlsTransport;
    p += dtls.length;
  }
  media.isRtp = beginsWith(bytes, p, end, rtp);
  p += rtp.length;
  if (media.isRtp && p < end && (bytes[p]! | 0x20) === LOWER_S) media.said |= Said.secureProfile;
}

/** Payload types up to the end of the line; what is none is passed over. */
function parseFormats(
  bytes: Uint8Array,
  p: number,
  end: number,
  media: MediaDescription,
  into: SessionDescription,
): void {
  const isVideo = media.kind === MediaKind.video;
  let count = 0;
  while (p < end) {
    const formatEnd = tokenEnd(bytes, p, end);
    const payloadType = formatEnd - p <= 3 ? payloadTypeAt(bytes, p, formatEnd) : -1;
    p = skipSpaces(bytes, formatEnd, end);
    if (payloadType < 0) continue;
    if (count === maxFormats) {
      into.leftOut++;
      continue;
    }
    media.payloadTypes[count] = payloadType;
    media.codecs[count] = isVideo ? Codec.video : staticCodecs[payloadType]!;
    media.ratedCodecs[count] = media.codecs[count]!;
    media.clockRates[count] = isVideo ? VIDEO_CLOCK_RATE : staticClockRates[payloadType]!;
    count++;
  }
  media.formatCount = count;
}

/** The payload type that is all of the bytes from `p` to `end`, at least one: 0..127, or -1. */
function payloadTypeAt(bytes: Uint8Array, p: number, end: number): number {
  let payloadType = 0;
  for (; p < end; p++) {
    const digit = bytes[p]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    payloadType = payloadType * 10 + digit;
  }
  return payloadType <= MAX_PAYLOAD_TYPE ? payloadType : -1;
}
