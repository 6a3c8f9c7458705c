// SPDX-License-Identifier: Apache-2.0
import { findTag, tagLength } from './address-tag.ts';
import { findFieldEnd, tokenBytes } from './lines.ts';
import type { SipMessage } from './message.ts';
import { Method, methodAt } from './method.ts';
import { CASE_BITS, skipDigits } from './parameters.ts';
import { ParseResult } from './parse-result.ts';
import type { ParserLimits } from './parser-limits.ts';
import { isRareExtension, isRareField, parseRareField, parseSessionExpires } from './rare-fields.ts';
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
const CONTACT_END = word('tact');
// `content-length` and `content-type` behind their first word; the last two of the former share `ng`.
const ENT_ = word('ent-');
const TYPE = word('type');
const USER = word('user');
const AGENT_BEGIN = word('-age');
const LENG = word('leng');
const NGTH = word('ngth');

/** The second byte of a name's word, and the least it can be in a name that is not a compact form. */
const SECOND_BYTE = 0xff0000;
const SECOND_LETTER = 0x600000;

/** The fields read here, as their compact forms (RFC 3261 §7.3.3, RFC 4028 §4). CSeq has none: a byte no word begins with. */
const Field = {
  cseq: 1,
  via: 0x76,
  from: 0x66,
  to: 0x74,
  callId: 0x69,
  contact: 0x6d,
  contentLength: 0x6c,
  contentType: 0x63,
  sessionExpires: 0x78,
} as const;

/**
 * Reads the header fields from `p` on; returns where the body begins or, negated, the `ParseResult` that says what is
 * wrong. The first four bytes of a name are compared as one word: most fields of real messages are passed over without
 * another look. What is small stands here and not in functions: TurboFan inlines 920 bytes of bytecode, and those are
 * better spent on the loops over bytes (25 ns, bench scan/full-calls).
 */
export function parseHeaderFields(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  limits: ParserLimits,
  message: SipMessage,
): number {
  p |= 0;
  end |= 0;
  const maxHeaderBytes = limits.maxHeaderBytes;
  let headersLeft = limits.maxHeaders;
  for (let next = p; ; ) {
    p = next;
    // No field with an empty line behind it is shorter than four bytes. The word is read before the field's end is
    // looked for: TurboFan then checks the view once a line, not once a word (80 ns, bench scan/invite-480).
    if (p + 4 > end) break;
    const name = view.getInt32(p) | CASE_BITS;
    const first = bytes[p]!;
    if (first === LF || (first === CR && bytes[p + 1] === LF)) break;
    let fieldEnd = findFieldEnd(bytes, view, p, end);
    if (fieldEnd >= end) return -ParseResult.unterminatedHeaders;
    next = fieldEnd + 1;
    if (next - p > maxHeaderBytes) return -ParseResult.headerTooLong;
    if (--headersLeft < 0) return -ParseResult.tooManyHeaders;

    let field = name >>> 24;
    if (name >>> 8 === VIA) p += 3;
    else if (name === FROM) p += 4;
    else if (name >>> 16 === TO) p += 2;
    else if (name === CSEQ) {
      field = Field.cseq;
      p += 4;
    } else if (name === CALL) {
      if (p + 7 > end || (view.getInt32(p + 3) | 0x20002020) !== CALL_ID_END) continue;
      field = Field.callId;
      p += 7;
    } else if (name === CONT) {
      if (p + 7 <= end && (view.getInt32(p + 3) | CASE_BITS) === CONTACT_END) {
        field = Field.contact;
        p += 7;
      } else if (p + 14 <= end && (view.getInt32(p + 4) | 0x20202000) === ENT_) {
        const last = view.getInt32(p + 8) | CASE_BITS;
        if (last === TYPE) {
          field = Field.contentType;
          p += 12;
        } else if (last === LENG && (view.getInt32(p + 10) | CASE_BITS) === NGTH) {
          field = Field.contentLength;
          p += 14;
        } else continue;
      } else continue;
    } else if ((name & SECOND_BYTE) >= SECOND_LETTER) {
      if (isRareField(name)) parseRareField(name, bytes, p, fieldEnd, message);
      else if (name === USER && p + 8 <= end && (view.getInt32(p + 4) | CASE_BITS) === AGENT_BEGIN) {
        if (message.userAgentField < 0) message.userAgentField = p;
      }
      continue;
    } else p++;
    // HCOLON: white space may stand before the colon (RFC 3261 §25.1).
    while (bytes[p] === SP || bytes[p] === HT) p++;
    if (bytes[p] !== COLON) {
      if (isRareExtension(name)) parseRareField(name, bytes, p - 1, fieldEnd, message);
      continue;
    }
    p++;
    while (p < fieldEnd && bytes[p]! <= SP) p++;
    while (fieldEnd > p && bytes[fieldEnd - 1]! <= SP) fieldEnd--;
    switch (field) {
      case Field.via:
        parseVia(bytes, view, p, fieldEnd, message);
        if (message.viaCount > limits.maxVias) return -ParseResult.tooManyVias;
        break;
      case Field.from:
        parseFrom(bytes, view, p, fieldEnd, message);
        break;
      case Field.to:
        if (message.hasTo) break;
        message.hasTo = p < fieldEnd;
        message.toOffset = p;
        message.toLength = fieldEnd - p;
        parseTo(bytes, view, p, fieldEnd, message);
        break;
      case Field.callId:
        // RFC 3261 §20.8: the whole value, case-sensitive.
        if (message.callIdLength !== 0) break;
        message.callIdOffset = p;
        message.callIdLength = fieldEnd - p;
        break;
      case Field.cseq:
        parseCSeq(bytes, p, fieldEnd, message);
        break;
      case Field.contact:
        if (message.contactLength !== 0) break;
        message.contactOffset = p;
        message.contactLength = fieldEnd - p;
        break;
      case Field.contentLength:
        parseContentLength(bytes, p, fieldEnd, message);
        break;
      case Field.contentType:
        if (message.contentTypeLength !== 0) break;
        message.contentTypeOffset = p;
        message.contentTypeLength = fieldEnd - p;
        break;
      case Field.sessionExpires:
        parseSessionExpires(bytes, p, fieldEnd, message);
        break;
    }
  }
  if (p < end && bytes[p] === LF) return p + 1;
  return p + 1 < end && bytes[p] === CR && bytes[p + 1] === LF ? p + 2 : -ParseResult.unterminatedHeaders;
}

function parseFrom(bytes: Uint8Array, view: DataView, p: number, end: number, message: SipMessage): void {
  if (message.hasFrom) return;
  message.hasFrom = p < end;
  const tag = findTag(bytes, view, p, end);
  if (tag < 0) return;
  message.fromTagOffset = tag;
  message.fromTagLength = tagLength(bytes, view, tag, end);
}

function parseTo(bytes: Uint8Array, view: DataView, p: number, end: number, message: SipMessage): void {
  const tag = findTag(bytes, view, p, end);
  if (tag < 0) return;
  message.toTagOffset = tag;
  message.toTagLength = tagLength(bytes, view, tag, end);
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
  const named = methodAt(bytes, method, end - method);
  if (!message.isRequest) message.method = named;
  else if (named !== Method.other) message.cseqMethodMatches = named === message.method;
  else message.cseqMethodMatches = isMethodOf(message, bytes, method, end);
  // What is a known method is a token: only the rest is looked at byte by byte.
  let tokenEnd = named === Method.other ? method : end;
  while (tokenEnd < end && tokenBytes[bytes[tokenEnd]!] === 1) tokenEnd++;
  const isMalformed = method === digitsEnd || method === end || tokenEnd < end;
  message.cseqNumber = isMalformed ? MALFORMED : parseNumber(bytes, p, digitsEnd);
}

/** Whether the bytes from `p` to `end` are the method of the request. */
function isMethodOf(message: SipMessage, bytes: Uint8Array, p: number, end: number): boolean {
  if (end - p !== message.methodLength) return false;
  const distance = message.methodOffset - p;
  while (p < end && bytes[p] === bytes[p + distance]) p++;
  return p === end;
}

/** Content-Length (RFC 3261 §20.14). */
function parseContentLength(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  if (message.contentLength !== ABSENT) return;
  message.contentLength = skipDigits(bytes, p, end) === end ? parseNumber(bytes, p, end) : MALFORMED;
}

/** The number whose digits are from `p` to `end`: 0..2^31-1, or `MALFORMED` when there is none or it is larger. */
function parseNumber(bytes: Uint8Array, p: number, end: number): number {
  if (p === end) return MALFORMED;
  let number = 0;
  // Nine digits are always below 2^31: an int32, which is faster than a number that may become a double.
  if (end - p <= 9) {
    for (p |= 0; p < end; p++) number = (Math.imul(number, 10) + bytes[p]! - 0x30) | 0;
    return number;
  }
  for (p |= 0; p < end; p++) number = number * 10 + bytes[p]! - 0x30;
  return number <= 0x7fffffff ? number : MALFORMED;
}
