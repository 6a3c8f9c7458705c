// SPDX-License-Identifier: Apache-2.0
import { findLineFeed } from '../sip/lines.ts';
import { parseAttribute } from './attributes.ts';
import { forgetBundles } from './bundle.ts';
import { isNull, readConnectionData } from './connection-data.ts';
import { rateFormats } from './format-parameters.ts';
import { parseMediaLine } from './media-line.ts';
import type { SdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import {
  copyAddress,
  type MediaDescription,
  MediaSecurity,
  Said,
  type SessionDescription,
} from './session-description.ts';
import { skipSpaces } from './tokens.ts';

const SP = 0x20;
const ZERO = 0x30;
const EQUALS = 0x3d;
const LOWER_A = 0x61;
const LOWER_C = 0x63;
const LOWER_M = 0x6d;
const LOWER_V = 0x76;
const MAX_PORT = 0xffff;

/**
 * Reads one session description (RFC 8866), the `length` bytes from `offset`, into the reused `into`, which has room for
 * `limits.maxMedia` media lines. `view` is a view of the same memory as `bytes`. Reads nothing outside, never throws,
 * allocates nothing, and takes time linear in `length`. Unless the result is `description`, `into` holds no media.
 *
 * Lenient where real peers are: LF without CR, missing lines, lines in any order within their level, garbage between them,
 * attributes in any case. Of lines that may stand once only, the first `c=` and the last attribute count.
 *
 *     v=0                                   version, the first line
 *     o=alice 2890844526 2890844527 IN IP4 host.example.com
 *     c=IN IP4 192.0.2.1                    session level: holds for all media that say nothing else
 *     a=sendrecv
 *     m=audio 49170 RTP/AVP 0 101           media level, up to the next m=
 *     c=IN IP6 2001:db8::1
 *     a=rtpmap:101 telephone-event/8000
 */
export function parseSessionDescription(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  length: number,
  limits: SdpLimits,
  into: SessionDescription,
): SdpResult {
  into.clear();
  if (length > limits.maxBytes) return SdpResult.tooLong;
  const end = offset + length;
  const first = skipSpaces(bytes, offset, end);
  if (first + 2 > end || bytes[first] !== LOWER_V || bytes[first + 1] !== EQUALS) return SdpResult.notSdp;
  const firstEnd = findLineFeed(bytes, view, first, end);
  if (!isVersionZero(bytes, first + 2, firstEnd)) return SdpResult.unsupportedVersion;

  forgetBundles();
  let level = into.session;
  let next = firstEnd + 1;
  while (next < end) {
    const p = next;
    let lineEnd = findLineFeed(bytes, view, p, end);
    next = lineEnd + 1;
    while (lineEnd > p && bytes[lineEnd - 1]! <= SP) lineEnd--;
    if (lineEnd - p < 2 || bytes[p + 1] !== EQUALS) continue;
    const type = bytes[p]!;
    if (type === LOWER_A) parseAttribute(bytes, view, p + 2, lineEnd, level, into);
    else if (type === LOWER_M) {
      rateFormats(bytes, level);
      level = nextMedia(into, limits);
      if (parseMediaLine(bytes, p + 2, lineEnd, level, into)) continue;
      into.clear();
      return SdpResult.badMediaLine;
    } else if (type === LOWER_C) parseConnection(bytes, p + 2, lineEnd, level);
    // Another description, as a file may hold (RFC 8866 §5); a message has one.
    else if (type === LOWER_V) break;
  }
  rateFormats(bytes, level);
  for (let i = 0; i < into.mediaCount; i++) finishMedia(into.media[i]!);
  return SdpResult.description;
}

function isVersionZero(bytes: Uint8Array, p: number, end: number): boolean {
  return p < end && bytes[p] === ZERO && skipSpaces(bytes, p + 1, end) === end;
}

/** What the next media line is read into: one that is kept, or one that is overwritten by the next and counted. */
function nextMedia(into: SessionDescription, limits: SdpLimits): MediaDescription {
  const index = into.mediaCount;
  const isKept = index < limits.maxMedia && index < into.media.length;
  const media = isKept ? into.media[index]! : into.beyond;
  media.clear(into.session);
  if (isKept) into.mediaCount = index + 1;
  else into.leftOut++;
  return media;
}

/** `c=` (RFC 8866 §5.7): that of a media line instead of the session's; of several, as layers have, the first. */
function parseConnection(bytes: Uint8Array, p: number, end: number, level: MediaDescription): void {
  if ((level.said & Said.connection) !== 0) return;
  level.said |= Said.connection;
  level.hasAddress = readConnectionData(bytes, p, end, level.address);
}

/** What follows of all lines together. */
function finishMedia(media: MediaDescription): void {
  const { said } = media;
  media.security = securityOf(said);
  if (media.hasAddress && isNull(media.address)) {
    if ((said & Said.ice) !== 0) media.hasAddress = false;
    else media.isNullAddress = true;
  }
  if (media.port === 0) media.rtcpPort = 0;
  else if ((said & Said.rtcpPort) === 0) media.rtcpPort = media.port < MAX_PORT ? media.port + 1 : 0;
  if ((said & Said.rtcpAddress) === 0) copyAddress(media.address, media.rtcpAddress);
}

/**
 * A transport over DTLS says it; else keys (RFC 4568), else a fingerprint (RFC 8643 offers it with RTP/AVP). SRTP without
 * either has its keys from elsewhere, such as MIKEY.
 */
function securityOf(said: number): MediaSecurity {
  if ((said & Said.dtlsTransport) !== 0) return MediaSecurity.dtls;
  if ((said & Said.keys) !== 0) return MediaSecurity.sdes;
  if ((said & Said.fingerprint) !== 0) return MediaSecurity.dtls;
  return (said & Said.secureProfile) !== 0 ? MediaSecurity.sdes : MediaSecurity.none;
}
