// SPDX-License-Identifier: Apache-2.0
import type { RtpHeader } from './rtp-header.ts';

/** What a UDP payload between endpoints of media is. */
export const RtpResult = {
  packet: 0,
  /** Less than a fixed header, or less was captured. */
  tooShort: 1,
  /** Its contributing sources or its extension reach beyond its end. */
  badLength: 2,
  rtcp: 3,
  stun: 4,
  zrtp: 5,
  dtls: 6,
  turnChannel: 7,
  /** None of what RFC 7983 lets share a port, such as RTP of another version. */
  other: 8,
} as const;
export type RtpResult = (typeof RtpResult)[keyof typeof RtpResult];

/** Names of the results, by `RtpResult`. */
export const rtpResultNames: readonly string[] = [
  'packet',
  'too_short',
  'bad_length',
  'rtcp',
  'stun',
  'zrtp',
  'dtls',
  'turn_channel',
  'other',
];

const FIXED_HEADER_BYTES = 12;
const PADDING = 0x20;
const EXTENSION = 0x10;

/**
 * Reads the header of a UDP payload of `wireLength` bytes, of which the first `capturedLength` are in `view` from `offset`:
 * a snapshot of the headers is enough. The first byte tells what shares the port (RFC 7983 §7), the second RTCP from
 * RTP (RFC 5761 §4). Fills `header` for `RtpResult.packet` only.
 *
 * Padding is left out of `payloadBytes` where its count was captured and can be right. A wrong one refuses no packet: in
 * SRTP the last byte is of the authentication tag (RFC 3711 §3.1).
 */
export function parseRtpHeader(
  view: DataView,
  offset: number,
  capturedLength: number,
  wireLength: number,
  header: RtpHeader,
): RtpResult {
  const captured = Math.min(capturedLength, wireLength);
  if (captured < 2) return RtpResult.tooShort;
  const first = view.getUint8(offset);
  if (first >> 6 !== 2) return sharedBy(first);
  const second = view.getUint8(offset + 1);
  if (second >= 192 && second <= 223) return RtpResult.rtcp;
  if (captured < FIXED_HEADER_BYTES) return RtpResult.tooShort;
  let headerBytes = FIXED_HEADER_BYTES + ((first & 0xf) << 2);
  if ((first & EXTENSION) !== 0) {
    headerBytes += 4;
    // What was not captured is taken to be payload.
    if (headerBytes <= captured) headerBytes += view.getUint16(offset + headerBytes - 2) << 2;
  }
  let payloadBytes = wireLength - headerBytes;
  if (payloadBytes < 0) return RtpResult.badLength;
  if ((first & PADDING) !== 0 && captured === wireLength) {
    const padding = view.getUint8(offset + wireLength - 1);
    if (padding <= payloadBytes) payloadBytes -= padding;
  }
  header.marker = second >= 128;
  header.payloadType = second & 0x7f;
  header.sequenceNumber = view.getUint16(offset + 2);
  header.timestamp = view.getInt32(offset + 4);
  header.ssrc = view.getInt32(offset + 8);
  header.payloadBytes = payloadBytes;
  return RtpResult.packet;
}

function sharedBy(first: number): RtpResult {
  if (first <= 3) return RtpResult.stun;
  if (first >= 16 && first <= 19) return RtpResult.zrtp;
  if (first >= 20 && first <= 63) return RtpResult.dtls;
  if (first >= 64 && first <= 79) return RtpResult.turnChannel;
  return RtpResult.other;
}
