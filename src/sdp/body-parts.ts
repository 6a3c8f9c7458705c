// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { findFieldEnd, findLineFeed } from '../sip/lines.ts';
import type { SipMessage } from '../sip/message.ts';
import { beginsWith } from '../sip/parameters.ts';
import {
  boundaryEnd,
  boundaryStart,
  ContentKind,
  contentKindAt,
  isSessionDisposition,
} from './content-type.ts';
import type { SdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import { skipSpaces } from './tokens.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const DASH = 0x2d;
const COLON = 0x3a;
const MAX_BOUNDARY_BYTES = 70;

const contentType = ascii('content-type');
const contentDisposition = ascii('content-disposition');

/** What a line of a multipart body is. */
const Line = { content: 0, delimiter: 1, close: 2 } as const;
type Line = (typeof Line)[keyof typeof Line];

/** Where in the bytes of a message its session description is. Reused. */
export class BodyPart {
  offset = 0;
  length = 0;
  /** Parts there were up to it, or in all. */
  partCount = 0;
}

/**
 * Finds the session description in a message's body, which is one (`application/sdp`) or has it among its parts
 * (RFC 5621 §3), also in a part that has parts. Of several the first counts; one with another disposition than `session`,
 * such as `early-session` (RFC 3959), is none. Without a Content-Type there is none. `description` when it was found.
 * Linear in the body's length, allocates nothing.
 *
 *     Content-Type: multipart/mixed;boundary="b1"
 *
 *     preamble
 *     --b1                              delimiter; the line end before it is its own
 *     Content-Type: application/sdp
 *                                       empty line: the part's body begins
 *     v=0 ...
 *     --b1--                            close; what is behind it is the epilogue
 */
export function findSessionDescription(message: SipMessage, limits: SdpLimits, into: BodyPart): SdpResult {
  into.length = 0;
  into.partCount = 0;
  if (message.contentTypeLength === 0 || message.bodyLength === 0) return SdpResult.none;
  const { bytes, view, bodyOffset, contentTypeOffset } = message;
  const typeEnd = contentTypeOffset + message.contentTypeLength;
  const kind = contentKindAt(bytes, contentTypeOffset, typeEnd);
  if (kind === ContentKind.sdp) {
    into.offset = bodyOffset;
    into.length = message.bodyLength;
    return SdpResult.description;
  }
  if (kind !== ContentKind.multipart) return SdpResult.none;
  const bodyEnd = bodyOffset + message.bodyLength;
  return findInMultipart(bytes, view, contentTypeOffset, typeEnd, bodyOffset, bodyEnd, limits, into, false);
}

/** The same in the parts of the body from `body` to `end`, whose Content-Type is from `type` to `typeEnd`. */
function findInMultipart(
  bytes: Uint8Array,
  view: DataView,
  type: number,
  typeEnd: number,
  body: number,
  end: number,
  limits: SdpLimits,
  into: BodyPart,
  isNested: boolean,
): SdpResult {
  const boundary = boundaryStart(bytes, type, typeEnd);
  if (boundary < 0) return SdpResult.badMultipart;
  const boundaryBytes = boundaryEnd(bytes, boundary, typeEnd) - boundary;
  if (boundaryBytes === 0 || boundaryBytes > MAX_BOUNDARY_BYTES) return SdpResult.badMultipart;
  let result: SdpResult = SdpResult.none;
  /** Where the part begins that the delimiter before opened. */
  let part = -1;
  for (let line = body; line <= end; ) {
    // The end of the body closes a part that nothing else does.
    const lineEnd = line < end ? findLineFeed(bytes, view, line, end) : end;
    const kind = line < end ? lineKind(bytes, line, lineEnd, boundary, boundaryBytes) : Line.close;
    if (kind !== Line.content) {
      if (part >= 0) {
        const partEnd = line < end ? beforeLineEnd(bytes, part, line) : end;
        const found = findInPart(bytes, view, part, partEnd, limits, into, isNested);
        if (found === SdpResult.description) return found;
        if (found !== SdpResult.none) result = found;
      } else if (line === end) return SdpResult.badMultipart;
      if (kind === Line.close) return result;
      part = Math.min(lineEnd + 1, end);
    }
    line = lineEnd + 1;
  }
  return result;
}

/** Whether the line from `p` to `end` is two dashes, the boundary, two more where it closes, and white space. */
function lineKind(bytes: Uint8Array, p: number, end: number, boundary: number, boundaryBytes: number): Line {
  if (end - p < boundaryBytes + 2 || bytes[p] !== DASH || bytes[p + 1] !== DASH) return Line.content;
  p += 2;
  for (let i = 0; i < boundaryBytes; i++) if (bytes[p + i] !== bytes[boundary + i]) return Line.content;
  p += boundaryBytes;
  const isClose = p + 1 < end && bytes[p] === DASH && bytes[p + 1] === DASH;
  if (isClose) p += 2;
  if (skipSpaces(bytes, p, end) < end) return Line.content;
  return isClose ? Line.close : Line.delimiter;
}

/** The end of what stands before the line at `line`, without the line end. */
function beforeLineEnd(bytes: Uint8Array, start: number, line: number): number {
  let end = line;
  if (end > start && bytes[end - 1] === LF) end--;
  if (end > start && bytes[end - 1] === CR) end--;
  return end;
}

/** The same in one part, from `p` to `end`: header fields, an empty line and a body (RFC 2046 §5.1). */
function findInPart(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  limits: SdpLimits,
  into: BodyPart,
  isNested: boolean,
): SdpResult {
  if (++into.partCount > limits.maxParts) return SdpResult.tooManyParts;
  let kind: ContentKind = ContentKind.other;
  let type = p;
  let typeEnd = p;
  let isSession = true;
  for (let next = p; ; ) {
    p = next;
    if (p >= end) return SdpResult.none;
    if (bytes[p] === LF) break;
    if (bytes[p] === CR && p + 1 < end && bytes[p + 1] === LF) break;
    let fieldEnd = findFieldEnd(bytes, view, p, end);
    next = fieldEnd + 1;
    while (fieldEnd > p && bytes[fieldEnd - 1]! <= SP) fieldEnd--;
    const value = fieldValue(bytes, p, fieldEnd, contentType);
    if (value >= 0) {
      type = value;
      typeEnd = fieldEnd;
      kind = contentKindAt(bytes, value, fieldEnd);
      continue;
    }
    const disposition = fieldValue(bytes, p, fieldEnd, contentDisposition);
    if (disposition >= 0) isSession = isSessionDisposition(bytes, disposition, fieldEnd);
  }
  const body = p + (bytes[p] === LF ? 1 : 2);
  if (kind === ContentKind.multipart) {
    if (isNested) return SdpResult.tooManyParts;
    return findInMultipart(bytes, view, type, typeEnd, body, end, limits, into, true);
  }
  if (kind !== ContentKind.sdp || !isSession || body >= end) return SdpResult.none;
  into.offset = body;
  into.length = end - body;
  return SdpResult.description;
}

/** Where the value of the field at `p` begins when `name` is its name, else -1. */
function fieldValue(bytes: Uint8Array, p: number, end: number, name: Uint8Array): number {
  if (!beginsWith(bytes, p, end, name)) return -1;
  const colon = skipSpaces(bytes, p + name.length, end);
  return colon < end && bytes[colon] === COLON ? skipSpaces(bytes, colon + 1, end) : -1;
}
