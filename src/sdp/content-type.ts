// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import { beginsWith, closingQuote, namedValue, valueEnds } from '../sip/parameters.ts';
import { skipSpaces } from './tokens.ts';

const SP = 0x20;
const QUOTE = 0x22;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;

/** What a body is, as far as it matters here. */
export const ContentKind = { other: 0, sdp: 1, multipart: 2 } as const;
export type ContentKind = (typeof ContentKind)[keyof typeof ContentKind];

const application = ascii('application');
const sdp = ascii('sdp');
const multipart = ascii('multipart');
const boundaryName = ascii('boundary');
const session = ascii('session');

/** What the value of a Content-Type says, from `p` to `end` (RFC 3261 §20.15, RFC 2045 §5.1). */
export function contentKindAt(bytes: Uint8Array, p: number, end: number): ContentKind {
  const subtype = subtypeBehind(bytes, p, end, application);
  if (subtype >= 0) return isTokenAt(bytes, subtype, end, sdp) ? ContentKind.sdp : ContentKind.other;
  return subtypeBehind(bytes, p, end, multipart) >= 0 ? ContentKind.multipart : ContentKind.other;
}

/** Whether a Content-Disposition says that the part describes the session, as SDP does where there is none (RFC 3261 §20.11). */
export function isSessionDisposition(bytes: Uint8Array, p: number, end: number): boolean {
  return isTokenAt(bytes, p, end, session);
}

/** Where the boundary in a Content-Type begins, behind its quote if it has one; -1 without one (RFC 2046 §5.1.1). */
export function boundaryStart(bytes: Uint8Array, p: number, end: number): number {
  for (; p < end; p++) {
    if (bytes[p] === QUOTE) p = closingQuote(bytes, p, end);
    if (p >= end || bytes[p] !== SEMICOLON) continue;
    const value = namedValue(bytes, p + 1, end, boundaryName);
    if (value >= 0 && value < end) return bytes[value] === QUOTE ? value + 1 : value;
  }
  return -1;
}

/** Where the boundary that begins at `start` ends. */
export function boundaryEnd(bytes: Uint8Array, start: number, end: number): number {
  let p = start;
  if (bytes[start - 1] === QUOTE) while (p < end && bytes[p] !== QUOTE) p++;
  else while (p < end && bytes[p]! > SP && bytes[p] !== SEMICOLON) p++;
  return p;
}

/** Where the subtype of a value with the type `type` begins, or -1: white space may stand around the slash (RFC 3261 §25.1). */
function subtypeBehind(bytes: Uint8Array, p: number, end: number, type: Uint8Array): number {
  if (!beginsWith(bytes, p, end, type)) return -1;
  const slash = skipSpaces(bytes, p + type.length, end);
  return slash < end && bytes[slash] === SLASH ? skipSpaces(bytes, slash + 1, end) : -1;
}

/** Whether the token at `p` is `text`. */
function isTokenAt(bytes: Uint8Array, p: number, end: number, text: Uint8Array): boolean {
  if (!beginsWith(bytes, p, end, text)) return false;
  const next = p + text.length;
  return next === end || valueEnds[bytes[next]!] === 1;
}
