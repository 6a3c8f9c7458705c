// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { findFieldEnd, findLineFeed, tokenBytes } from './lines.ts';
import { Method, methodAt } from './method.ts';
import { beginsWith, skipDigits } from './parameters.ts';

// Where a message ends in a stream: behind the empty line and as many bytes as Content-Length says (RFC 3261 §18.3).

const HT = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;
const contentLength = ascii('content-length');
/** The compact form, `l`. */
const COMPACT = 0x6c;
const sipVersion = ascii('sip/2.0');
const UPPER_S = 0x53;
/** `SIP/2.0 200`. */
const STATUS_BYTES = 11;
/** SUBSCRIBE. */
const LONGEST_METHOD = 9;
/** The longest name of a header field, white space behind it included. */
const MAX_NAME_BYTES = 128;
/** The largest length that is one: above, it is as malformed as for the parser. */
const MAX_LENGTH = 0x7fffffff;

/**
 * Looks from `p` to `end` for the empty line that ends the header fields; returns where the body begins, or -1. Lines
 * may end in LF alone. Who comes again with more bytes may begin three bytes before the old end.
 */
export function findBody(bytes: Uint8Array, view: DataView, p: number, end: number): number {
  for (;;) {
    p = findLineFeed(bytes, view, p, end) + 1;
    if (p >= end) return -1;
    if (bytes[p] === LF) return p + 1;
    if (bytes[p] === CR && p + 1 < end && bytes[p + 1] === LF) return p + 2;
  }
}

/** The length that the first Content-Length from `p` to `body` gives; 0 when it is none or not there. */
export function bodyLengthOf(bytes: Uint8Array, view: DataView, p: number, body: number): number {
  for (let next = p; p < body; p = next) {
    const fieldEnd = findFieldEnd(bytes, view, p, body);
    next = fieldEnd + 1;
    const value = contentLengthValue(bytes, p, fieldEnd);
    if (value >= 0) return lengthAt(bytes, value, fieldEnd);
  }
  return 0;
}

/**
 * Whether a line begins like a header field: a name and a colon. -1 when the bytes end before that is clear; a name that
 * is longer than any is none.
 */
export function isFieldBeginning(bytes: Uint8Array, p: number, end: number): -1 | 0 | 1 {
  const nameEnd = Math.min(end, p + MAX_NAME_BYTES);
  const first = p;
  while (p < nameEnd && tokenBytes[bytes[p]!] === 1) p++;
  if (p === end) return -1;
  if (p === first) return 0;
  while (p < nameEnd && (bytes[p] === SP || bytes[p] === HT)) p++;
  if (p === end) return -1;
  return bytes[p] === COLON ? 1 : 0;
}

/**
 * Where in a line, which is no start line itself, one may begin all the same: behind the end of a body that has no line
 * end. Of a Status-Line its version tells, of a Request-Line the version at its end and a known method. -1 without one.
 */
export function startLineWithin(bytes: Uint8Array, p: number, end: number): number {
  while (end > p && bytes[end - 1]! <= SP) end--;
  const version = end - sipVersion.length;
  if (version > p && bytes[version - 1] === SP && beginsWith(bytes, version, end, sipVersion)) {
    return requestLineBefore(bytes, p, version - 1);
  }
  for (let status = p + 1; status + STATUS_BYTES <= end; status++) {
    if (bytes[status] !== UPPER_S || !beginsWith(bytes, status, end, sipVersion)) continue;
    const code = status + sipVersion.length + 1;
    if (bytes[code - 1] === SP && skipDigits(bytes, code, code + 3) === code + 3) return status;
  }
  return -1;
}

/** Where a known method begins that stands before the Request-URI which ends at `uriEnd`. */
function requestLineBefore(bytes: Uint8Array, p: number, uriEnd: number): number {
  let methodEnd = uriEnd - 1;
  while (methodEnd > p && bytes[methodEnd] !== SP) methodEnd--;
  for (let length = LONGEST_METHOD; length > 2; length--) {
    const method = methodEnd - length;
    if (method > p && methodAt(bytes, method, length) !== Method.other) return method;
  }
  return -1;
}

/** Where the value of a field begins that is Content-Length or its compact form, else -1. */
function contentLengthValue(bytes: Uint8Array, p: number, end: number): number {
  if (p < end && (bytes[p]! | 0x20) === COMPACT) p++;
  else if (beginsWith(bytes, p, end, contentLength)) p += contentLength.length;
  else return -1;
  while (p < end && (bytes[p] === SP || bytes[p] === HT)) p++;
  return p < end && bytes[p] === COLON ? p + 1 : -1;
}

function lengthAt(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p]! <= SP) p++;
  while (end > p && bytes[end - 1]! <= SP) end--;
  if (skipDigits(bytes, p, end) !== end) return 0;
  let length = 0;
  for (; p < end; p++) length = length * 10 + bytes[p]! - 0x30;
  return length <= MAX_LENGTH ? length : 0;
}
