// SPDX-License-Identifier: Apache-2.0
import { findLineFeed, tokenBytes } from './lines.ts';
import type { SipMessage } from './message.ts';
import { methodAt } from './method.ts';
import { ParseResult } from './parse-result.ts';

const SP = 0x20;

// `SIP/2.0 ` and ` SIP/2.0` as peers write it: two words each, looked for first.
const SIP_SLASH_UPPER = 0x5349502f;
const VERSION_2_SP = 0x322e3020;
const SP_SIP = 0x20534950;

// `SIP/2.0` as two words that share the slash; letters in any case.
const SIP_SLASH = 0x7369702f;
const SIP_CASE_BITS = 0x20202000;
const SLASH_2_0 = 0x2f322e30;

/**
 * Reads the Request-Line or Status-Line at `p` into `message` (RFC 3261 §7.1, §7.2). SIP-Version is compared
 * ignoring case, as the section says. Further spaces between the parts and behind the last are tolerated.
 */
export function parseStartLine(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  message: SipMessage,
): ParseResult {
  p |= 0;
  let lineEnd = findLineFeed(bytes, view, p, end);
  message.headersOffset = lineEnd + 1;
  if (p + 12 <= lineEnd && view.getInt32(p) === SIP_SLASH_UPPER && view.getInt32(p + 4) === VERSION_2_SP) {
    return parseStatus(bytes, p + 8, lineEnd, message);
  }
  while (lineEnd > p && bytes[lineEnd - 1]! <= SP) lineEnd--;
  if (isSip(view, p, lineEnd)) return parseStatusLine(bytes, view, p, lineEnd, message);
  return parseRequestLine(bytes, view, p, lineEnd, message);
}

/** `SIP/2.0 200 OK`; the reason phrase may be empty. */
function parseStatusLine(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  message: SipMessage,
): ParseResult {
  p |= 0;
  let versionEnd = p;
  while (versionEnd < end && bytes[versionEnd]! > SP) versionEnd++;
  if (!isVersion2(view, p, versionEnd)) return ParseResult.unsupportedVersion;
  p = versionEnd;
  return parseStatus(bytes, p, end, message);
}

/** The status code behind the version, and what follows it. */
function parseStatus(bytes: Uint8Array, p: number, end: number, message: SipMessage): ParseResult {
  p |= 0;
  while (p < end && bytes[p] === SP) p++;
  if (p + 3 > end || (p + 3 < end && bytes[p + 3]! > SP)) return ParseResult.badStatusLine;
  const hundreds = bytes[p]! - 0x30;
  const tens = bytes[p + 1]! - 0x30;
  const ones = bytes[p + 2]! - 0x30;
  if (hundreds < 1 || hundreds > 6 || tens < 0 || tens > 9 || ones < 0 || ones > 9)
    return ParseResult.badStatusLine;
  message.statusCode = hundreds * 100 + tens * 10 + ones;
  return ParseResult.message;
}

/** `INVITE sip:bob@example.com SIP/2.0`: the method ends at the first space, the version begins behind the last. */
function parseRequestLine(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  message: SipMessage,
): ParseResult {
  p |= 0;
  const methodOffset = p;
  while (p < end && tokenBytes[bytes[p]!] === 1) p++;
  const methodLength = p - methodOffset;
  if (p >= end || bytes[p] !== SP) return ParseResult.notSip;
  while (p < end && bytes[p] === SP) p++;
  const requestUriOffset = p;
  let version = (end - 7) | 0;
  if (version <= p || view.getInt32(version - 1) !== SP_SIP || view.getInt32(end - 4) !== SLASH_2_0) {
    version = end | 0;
    while (version > requestUriOffset && bytes[version - 1] !== SP) version--;
    if (!isSip(view, version, end)) return ParseResult.notSip;
    if (!isVersion2(view, version, end)) return ParseResult.unsupportedVersion;
  }
  let requestUriEnd = version;
  while (requestUriEnd > requestUriOffset && bytes[requestUriEnd - 1] === SP) requestUriEnd--;
  if (methodLength === 0 || requestUriEnd === requestUriOffset) return ParseResult.badRequestLine;
  message.isRequest = true;
  message.method = methodAt(bytes, methodOffset, methodLength);
  message.methodOffset = methodOffset;
  message.methodLength = methodLength;
  message.requestUriOffset = requestUriOffset;
  message.requestUriLength = requestUriEnd - requestUriOffset;
  return ParseResult.message;
}

function isSip(view: DataView, p: number, end: number): boolean {
  return p + 4 <= end && (view.getInt32(p) | SIP_CASE_BITS) === SIP_SLASH;
}

/** Whether the SIP-Version from `p` to `end`, which begins with `SIP/`, is 2.0. */
function isVersion2(view: DataView, p: number, end: number): boolean {
  return end - p === 7 && view.getInt32(p + 3) === SLASH_2_0;
}
