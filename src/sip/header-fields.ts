// SPDX-License-Identifier: Apache-2.0
import { findTag, tagLength } from './address-tag.ts';
import { findFieldEnd, tokenBytes } from './lines.ts';
import type { SipMessage } from './message.ts';
import { Method, methodAt } from './method.ts';
import { CASE_BITS } from './parameters.ts';
import { parseVia } from './via.ts';

const HT = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;

/** `SipMessage.cseqNumber` and `contentLength` of a field that is absent or not a number. */
export const ABSENT = -1;
export const MALFORMED = -2;

/** Up to four lower-case letters as a big-endian word. */
const word = (text: string): number => [...text].reduce((value, c) => (value << 8) | c.charCodeAt(0), 0);
const VIA = word('via');
const FROM = word('from');
const TO = word('to');
const CALL = word('call');
const CALL_ID_END = word('l-id');
const CSEQ = word('cseq');
const CONT = word('cont');
const CONTENT_LENGTH_MIDDLE = word('ent-');
const CONTENT_LENGTH_END = word('leng');

/** The fields read here, as their compact forms (RFC 3261 §7.3.3); `c` stands for CSeq, which has none. */
const FieldLetter = {
  via: 0x76,
  from: 0x66,
  to: 0x74,
  callId: 0x69,
  cseq: 0x63,
  contentLength: 0x6c,
} as const;

/**
 * Reads the header fields from `p` on; returns where the body begins, or -1 when the bytes end before the empty line.
 * The first four bytes of a name are compared as one word: most fields of real messages are passed over without another
 * look.
 */
export function parseHeaderFields(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  message: SipMessage,
): number {
  p |= 0;
  end |= 0;
  for (let next = p; ; ) {
    p = next;
    // No field with an empty line behind it is shorter than four bytes. The word is read before the field's end is
    // looked for: TurboFan then checks the view once a line, not once a word (80 ns, bench scan/invite-480).
    if (p + 4 > end) break;
    const name = view.getInt32(p) | CASE_BITS;
    const first = bytes[p]!;
    if (first === LF || (first === CR && bytes[p + 1] === LF)) break;
    let fieldEnd = findFieldEnd(bytes, view, p, end);
    if (fieldEnd >= end) return -1;
    next = fieldEnd + 1;

    let letter = name >>> 24;
    if (name >>> 8 === VIA) p += 3;
    else if (name === FROM) p += 4;
    else if (name >>> 16 === TO) p += 2;
    else if (name === CSEQ) p += 4;
    else if (name === CALL) {
      if (!isCallId(view, p, end)) continue;
      letter = FieldLetter.callId;
      p += 7;
    } else if (name === CONT) {
      if (!isContentLength(bytes, view, p, end)) continue;
      letter = FieldLetter.contentLength;
      p += 14;
    } else {
      // A compact form, or none of ours; `c` is Content-Type.
      if (letter === FieldLetter.cseq) continue;
      p++;
    }
    // HCOLON: white space may stand before the colon (RFC 3261 §25.1).
    while (bytes[p] === SP || bytes[p] === HT) p++;
    if (bytes[p] !== COLON) continue;
    p++;
    while (p < fieldEnd && bytes[p]! <= SP) p++;
    while (fieldEnd > p && bytes[fieldEnd - 1]! <= SP) fieldEnd--;
    switch (letter) {
      case FieldLetter.via:
        parseVia(bytes, view, p, fieldEnd, message);
        break;
      case FieldLetter.from:
        parseFrom(bytes, view, p, fieldEnd, message);
        break;
      case FieldLetter.to:
        parseTo(bytes, view, p, fieldEnd, message);
        break;
      case FieldLetter.callId:
        parseCallId(p, fieldEnd, message);
        break;
      case FieldLetter.cseq:
        parseCSeq(bytes, p, fieldEnd, message);
        break;
      case FieldLetter.contentLength:
        parseContentLength(bytes, p, fieldEnd, message);
        break;
    }
  }
  if (p < end && bytes[p] === LF) return p + 1;
  return p + 1 < end && bytes[p] === CR && bytes[p + 1] === LF ? p + 2 : -1;
}

/** Whether the bytes from `p`, which begin with `call`, are `call-id` in any case. */
function isCallId(view: DataView, p: number, end: number): boolean {
  return p + 7 <= end && (view.getInt32(p + 3) | 0x20002020) === CALL_ID_END;
}

/** Whether the bytes from `p`, which begin with `cont`, are `content-length` in any case. */
function isContentLength(bytes: Uint8Array, view: DataView, p: number, end: number): boolean {
  return (
    p + 14 <= end &&
    (view.getInt32(p + 4) | 0x20202000) === CONTENT_LENGTH_MIDDLE &&
    (view.getInt32(p + 8) | CASE_BITS) === CONTENT_LENGTH_END &&
    (bytes[p + 12]! | 0x20) === 0x74 &&
    (bytes[p + 13]! | 0x20) === 0x68
  );
}

function parseFrom(bytes: Uint8Array, view: DataView, p: number, end: number, message: SipMessage): void {
  if (message.hasFrom) return;
  message.hasFrom = p < end;
  const tag = findTag(bytes, view, p, end);
  if (tag < 0) return;
  message.fromTagOffset = tag;
  message.fromTagLength = tagLength(bytes, tag, end);
}

function parseTo(bytes: Uint8Array, view: DataView, p: number, end: number, message: SipMessage): void {
  if (message.hasTo) return;
  message.hasTo = p < end;
  const tag = findTag(bytes, view, p, end);
  if (tag < 0) return;
  message.toTagOffset = tag;
  message.toTagLength = tagLength(bytes, tag, end);
}

/** Call-ID (RFC 3261 §20.8): the whole value, case-sensitive. */
function parseCallId(p: number, end: number, message: SipMessage): void {
  if (message.callIdLength !== 0) return;
  message.callIdOffset = p;
  message.callIdLength = end - p;
}

/**
 * CSeq (RFC 3261 §20.16): a number below 2^31 and a method. Of a request the method must be the request's own,
 * byte for byte (§8.1.1.5); of a response it tells the method.
 */
function parseCSeq(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  p |= 0;
  end |= 0;
  if (message.cseqNumber !== ABSENT) return;
  const digitsEnd = skipDigits(bytes, p, end);
  let method = digitsEnd;
  while (method < end && bytes[method]! <= SP) method++;
  // What is the request's method, or a known one, is a token: only the rest is looked at byte by byte.
  let tokenEnd = method;
  if (!message.isRequest) {
    message.method = methodAt(bytes, method, end - method);
    if (message.method !== Method.other) tokenEnd = end;
  } else if (end - method === message.methodLength) {
    const distance = message.methodOffset - method;
    while (tokenEnd < end && bytes[tokenEnd] === bytes[tokenEnd + distance]) tokenEnd++;
    message.cseqMethodMatches = tokenEnd === end;
  }
  while (tokenEnd < end && tokenBytes[bytes[tokenEnd]!] === 1) tokenEnd++;
  const isMalformed = method === digitsEnd || method === end || tokenEnd < end;
  message.cseqNumber = isMalformed ? MALFORMED : parseNumber(bytes, p, digitsEnd);
}

/** Content-Length (RFC 3261 §20.14). */
function parseContentLength(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  if (message.contentLength !== ABSENT) return;
  message.contentLength = skipDigits(bytes, p, end) === end ? parseNumber(bytes, p, end) : MALFORMED;
}

function skipDigits(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  while (p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p++;
  return p;
}

/** The number whose digits are from `p` to `end`: 0..2^31-1, or `MALFORMED` when there is none or it is larger. */
function parseNumber(bytes: Uint8Array, p: number, end: number): number {
  if (p === end) return MALFORMED;
  let number = 0;
  for (p |= 0; p < end; p++) number = number * 10 + bytes[p]! - 0x30;
  return number <= 0x7fffffff ? number : MALFORMED;
}
