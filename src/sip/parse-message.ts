// SPDX-License-Identifier: Apache-2.0
import { ABSENT, MALFORMED, parseHeaderFields } from './header-fields.ts';
import { keepAliveKind, skipLeadingLineEnds } from './keep-alive.ts';
import type { SipMessage } from './message.ts';
import { ParseResult } from './parse-result.ts';
import type { ParserLimits } from './parser-limits.ts';
import { parseStartLine } from './start-line.ts';

const SP = 0x20;

/**
 * Reads one SIP message from a datagram (RFC 3261 §7): the start line and the header fields ringtap needs, in one
 * pass from left to right, into the reused `message`. `view` is a view of the same memory as `bytes`. Reads nothing
 * outside `length` bytes from `offset`, never throws, allocates nothing, and takes time linear in `length`.
 *
 * Lenient where real peers are (LF without CR, compact forms, folding, white space before the colon, any case,
 * unknown fields, no tags, no magic cookie), strict where a field that identifies the message is missing.
 * Of a field that may stand once only, the first counts.
 */
export function parseMessage(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  length: number,
  limits: ParserLimits,
  message: SipMessage,
): ParseResult {
  message.clear(bytes, view);
  const end = offset + length;
  let start = offset;
  // Every message begins with a letter or another token byte; only else is there more to look at.
  if (length === 0 || bytes[offset]! < SP) {
    start = skipLeadingLineEnds(bytes, offset, end);
    const keepAlive = keepAliveKind(bytes, offset, start, end);
    if (keepAlive !== ParseResult.message) return keepAlive;
  }
  message.startOffset = start;
  const startLine = parseStartLine(bytes, view, start, end, message);
  if (startLine !== ParseResult.message) return startLine;
  if (length > limits.maxMessageBytes) return ParseResult.messageTooLarge;
  const bodyOffset = parseHeaderFields(bytes, view, message.headersOffset, end, limits, message);
  if (bodyOffset < 0) return -bodyOffset as ParseResult;
  return checkMessage(bodyOffset, end, message);
}

/**
 * The same of a stream (RFC 3261 §18.3), in which the message ends where its Content-Length says; it begins at `offset`,
 * and what is up to `end` may be too little of it (`unterminatedHeaders`, `bodyTruncated`) or more than it. Without a
 * Content-Length it has no body.
 */
export function parseStreamMessage(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  end: number,
  limits: ParserLimits,
  message: SipMessage,
): ParseResult {
  message.clear(bytes, view);
  message.startOffset = offset;
  const startLine = parseStartLine(bytes, view, offset, end, message);
  if (startLine !== ParseResult.message) return startLine;
  const bodyOffset = parseHeaderFields(bytes, view, message.headersOffset, end, limits, message);
  if (bodyOffset < 0) return -bodyOffset as ParseResult;
  const checked = checkMessage(bodyOffset, message.contentLength === ABSENT ? bodyOffset : end, message);
  if (checked !== ParseResult.message) return checked;
  const lengthBytes = message.bodyOffset + message.bodyLength - offset;
  return lengthBytes > limits.maxMessageBytes ? ParseResult.messageTooLarge : ParseResult.message;
}

/** Checks what every message must have and finds the body (RFC 3261 §8.1.1, §18.3, §20). */
function checkMessage(bodyOffset: number, end: number, message: SipMessage): ParseResult {
  if (message.sentByLength === 0) return ParseResult.missingVia;
  if (!message.hasFrom) return ParseResult.missingFrom;
  if (!message.hasTo) return ParseResult.missingTo;
  if (message.callIdLength === 0) return ParseResult.missingCallId;
  if (message.cseqNumber === ABSENT) return ParseResult.missingCSeq;
  if (message.cseqNumber === MALFORMED) return ParseResult.badCSeq;
  if (message.isRequest && !message.cseqMethodMatches) return ParseResult.cseqMethodMismatch;
  const left = end - bodyOffset;
  if (message.contentLength === MALFORMED) return ParseResult.badContentLength;
  if (message.contentLength > left) return ParseResult.bodyTruncated;
  message.bodyOffset = bodyOffset;
  message.bodyLength = message.contentLength >= 0 ? message.contentLength : left;
  return ParseResult.message;
}
