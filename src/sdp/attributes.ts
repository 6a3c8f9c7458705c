// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { Codec } from '../rtp/codec.ts';
import { beginsWith, CASE_BITS } from '../sip/parameters.ts';
import { bundleOf, noteBundle } from './bundle.ts';
import { parseCandidate } from './candidate.ts';
import { isNull, readConnectionData } from './connection-data.ts';
import { codecOfName, findEncodingName, ratedCodecOfName } from './encoding-name.ts';
import { noteFormatParameters } from './format-parameters.ts';
import {
  type MediaDescription,
  MediaDirection,
  MediaKind,
  Said,
  type SessionDescription,
} from './session-description.ts';
import { nextToken, numberAt, skipSpaces, tokenEnd } from './tokens.ts';

const SLASH = 0x2f;
const COLON = 0x3a;
const MAX_PORT = 0xffff;
const MAX_CLOCK_RATE = 1_000_000;
const MAX_PACKET_TIME_MILLIS = 0xffff;
const OPUS_CLOCK_RATE = 48_000;
const G722_CLOCK_RATE = 8000;

const name = {
  rtpmap: ascii('rtpmap'),
  fmtp: ascii('fmtp'),
  rtcp: ascii('rtcp'),
  rtcpMux: ascii('rtcp-mux'),
  rtcpMuxOnly: ascii('rtcp-mux-only'),
  ptime: ascii('ptime'),
  candidate: ascii('candidate'),
  sendrecv: ascii('sendrecv'),
  sendonly: ascii('sendonly'),
  recvonly: ascii('recvonly'),
  inactive: ascii('inactive'),
  sdes: ascii('crypto'),
  fingerprint: ascii('fingerprint'),
  iceUfrag: ascii('ice-ufrag'),
  group: ascii('group'),
  mid: ascii('mid'),
  bundleOnly: ascii('bundle-only'),
} as const;
/** The first four bytes of a name, as a big-endian word. */
const word = (text: Uint8Array): number => new DataView(text.buffer).getInt32(0);
const RTPMAP = word(name.rtpmap);
const FMTP = word(name.fmtp);
const RTCP = word(name.rtcp);
const PTIME = word(name.ptime);
const CANDIDATE = word(name.candidate);
const SEND = word(name.sendrecv);
const RECVONLY = word(name.recvonly);
const INACTIVE = word(name.inactive);
const SDES = word(name.sdes);
const FINGERPRINT = word(name.fingerprint);
const ICE = word(name.iceUfrag);
const GROUP = word(name.group);
const MID = word(ascii('mid:'));
const BUNDLE_ONLY = word(name.bundleOnly);

const address = new Int32Array(4);

/**
 * An attribute (RFC 8866 §5.13), the bytes from `p` to `end` behind `a=`, into what it holds for: a media line, or the
 * session. Names are taken in any case. Nearly all attributes are passed over with one look at their first four bytes.
 */
export function parseAttribute(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  media: MediaDescription,
  into: SessionDescription,
): void {
  if (p + 4 > end) return;
  let value = -1;
  switch (view.getInt32(p) | CASE_BITS) {
    case RTPMAP:
      value = valueBehind(bytes, p, end, name.rtpmap);
      if (value >= 0) parseRtpMap(bytes, value, end, media);
      break;
    case FMTP:
      value = valueBehind(bytes, p, end, name.fmtp);
      if (value >= 0) noteFormatParameters(bytes, value, end, media, into);
      break;
    case RTCP:
      value = valueBehind(bytes, p, end, name.rtcp);
      if (value >= 0) parseRtcp(bytes, value, end, media);
      else if (isFlag(bytes, p, end, name.rtcpMux) || isFlag(bytes, p, end, name.rtcpMuxOnly))
        media.isRtcpMux = true;
      break;
    case PTIME:
      value = valueBehind(bytes, p, end, name.ptime);
      if (value >= 0) parsePacketTime(bytes, value, end, media);
      break;
    case CANDIDATE:
      value = valueBehind(bytes, p, end, name.candidate);
      if (value >= 0) parseCandidate(bytes, value, end, media, into);
      break;
    case SEND:
      if (isFlag(bytes, p, end, name.sendrecv)) media.direction = MediaDirection.sendrecv;
      else if (isFlag(bytes, p, end, name.sendonly)) media.direction = MediaDirection.sendonly;
      break;
    case RECVONLY:
      if (isFlag(bytes, p, end, name.recvonly)) media.direction = MediaDirection.recvonly;
      break;
    case INACTIVE:
      if (isFlag(bytes, p, end, name.inactive)) media.direction = MediaDirection.inactive;
      break;
    case SDES:
      if (valueBehind(bytes, p, end, name.sdes) >= 0) media.said |= Said.keys;
      break;
    case FINGERPRINT:
      if (valueBehind(bytes, p, end, name.fingerprint) >= 0) media.said |= Said.fingerprint;
      break;
    case ICE:
      if (valueBehind(bytes, p, end, name.iceUfrag) >= 0) media.said |= Said.ice;
      break;
    case GROUP:
      value = valueBehind(bytes, p, end, name.group);
      if (value >= 0 && media === into.session) noteBundle(bytes, value, end, into);
      break;
    case MID:
      value = valueBehind(bytes, p, end, name.mid);
      if (value >= 0 && media !== into.session) media.bundle = bundleOf(bytes, value, end);
      break;
    case BUNDLE_ONLY:
      if (isFlag(bytes, p, end, name.bundleOnly)) media.isBundleOnly = true;
      break;
  }
}

/** Where the value of the attribute at `p` begins when `text` is its name, else -1. */
function valueBehind(bytes: Uint8Array, p: number, end: number, text: Uint8Array): number {
  const colon = p + text.length;
  if (colon >= end || bytes[colon] !== COLON || !beginsWith(bytes, p, end, text)) return -1;
  return skipSpaces(bytes, colon + 1, end);
}

/** Whether the attribute at `p` is `text` and has no value. */
function isFlag(bytes: Uint8Array, p: number, end: number, text: Uint8Array): boolean {
  return end - p === text.length && beginsWith(bytes, p, end, text);
}

/**
 * `a=rtpmap` (RFC 8866 §6.6): codec and clock rate of one of the payload types of its line; others have no meaning. The
 * clock of G.722 is 8000 Hz (RFC 3551 §4.5.2) and that of Opus 48,000 Hz (RFC 7587 §4.1), whatever the peer writes.
 *
 *     101 telephone-event/8000
 */
function parseRtpMap(bytes: Uint8Array, p: number, end: number, media: MediaDescription): void {
  const payloadType = numberAt(bytes, p, end);
  const index = media.indexOf(payloadType);
  if (index < 0) return;
  const encoding = nextToken(bytes, p, end);
  let encodingEnd = encoding;
  while (encodingEnd < end && bytes[encodingEnd]! > 0x20 && bytes[encodingEnd] !== SLASH) encodingEnd++;
  if (encodingEnd === encoding) return;
  const found = findEncodingName(bytes, encoding, encodingEnd);
  if (media.kind !== MediaKind.video || codecOfName(found) === Codec.rtx) {
    media.codecs[index] = codecOfName(found);
    media.ratedCodecs[index] = ratedCodecOfName(found);
  }
  const codec = media.codecs[index];
  const clockRate = numberAt(bytes, encodingEnd + 1, end);
  if (codec === Codec.g722) media.clockRates[index] = G722_CLOCK_RATE;
  else if (codec === Codec.opus) media.clockRates[index] = OPUS_CLOCK_RATE;
  else if (clockRate > 0 && clockRate <= MAX_CLOCK_RATE) media.clockRates[index] = clockRate;
}

/**
 * `a=rtcp` (RFC 3605 §2.1).
 *
 *     53020 IN IP6 2001:db8::1
 */
function parseRtcp(bytes: Uint8Array, p: number, end: number, media: MediaDescription): void {
  const port = numberAt(bytes, p, end);
  if (port <= 0 || port > MAX_PORT) return;
  media.rtcpPort = port;
  media.said |= Said.rtcpPort;
  if (!readConnectionData(bytes, nextToken(bytes, p, end), end, address) || isNull(address)) return;
  media.rtcpAddress.set(address);
  media.said |= Said.rtcpAddress;
}

/** `a=ptime` (RFC 8866 §6.4): what stands behind a decimal point is left out. */
function parsePacketTime(bytes: Uint8Array, p: number, end: number, media: MediaDescription): void {
  const millis = numberAt(bytes, p, tokenEnd(bytes, p, end));
  if (millis > 0) media.packetTimeMillis = Math.min(millis, MAX_PACKET_TIME_MILLIS);
}
