// SPDX-License-Identifier: Apache-2.0

/** What `parseMessage` found: a message, a keep-alive, or the first reason why it is neither. */
export const ParseResult = {
  message: 0,

  /** Nothing but CR and LF (RFC 5626 §3.5.1 and what peers send beside it). */
  keepAliveCrlf: 1,
  /** A STUN message with the magic cookie (RFC 5626 §3.5.2, RFC 8489 §5). */
  keepAliveStun: 2,
  /** A datagram without payload. */
  keepAliveEmpty: 3,
  /** Nothing but zero bytes, as some NAT keep-alives are. */
  keepAliveNul: 4,
  /** A ping or a pong of WebSocket (RFC 7118 §6, RFC 6455 §5.5.2). */
  keepAlivePing: 5,
  keepAlivePong: 6,

  /** The first line is neither a Request-Line nor a Status-Line (RFC 3261 §7.1, §7.2). */
  notSip: 7,
  /** SIP, but not version 2.0. */
  unsupportedVersion: 8,
  /** No method or no Request-URI. */
  badRequestLine: 9,
  /** No status code of three digits in 100..699. */
  badStatusLine: 10,
  /** The bytes end before the empty line that ends the header fields. */
  unterminatedHeaders: 11,
  /** A field every message must have is missing or empty (RFC 3261 §8.1.1). */
  missingVia: 12,
  missingFrom: 13,
  missingTo: 14,
  missingCallId: 15,
  missingCSeq: 16,
  /** CSeq is not a number below 2^31 and a method (RFC 3261 §8.1.1.5). */
  badCSeq: 17,
  /** The method of CSeq is not the method of the request (RFC 3261 §8.1.1.5). */
  cseqMethodMismatch: 18,
  /** Content-Length is not a number. */
  badContentLength: 19,
  /** The datagram ends before Content-Length is met: an error by RFC 3261 §18.3. */
  bodyTruncated: 20,

  /** Beyond a limit of `ParserLimits`. */
  messageTooLarge: 21,
  headerTooLong: 22,
  tooManyHeaders: 23,
  tooManyVias: 24,
} as const;
export type ParseResult = (typeof ParseResult)[keyof typeof ParseResult];

/** Keep-alive results are 1..6; `type` label values in that order. */
export const keepAliveNames: readonly string[] = ['crlf', 'stun', 'empty', 'nul', 'ping', 'pong'];

/** First of the results that are errors. */
export const firstParseError: ParseResult = ParseResult.notSip;

/** `reason` label values, from `firstParseError` on. */
export const parseErrorNames: readonly string[] = [
  'not_sip',
  'unsupported_version',
  'bad_request_line',
  'bad_status_line',
  'unterminated_headers',
  'missing_via',
  'missing_from',
  'missing_to',
  'missing_call_id',
  'missing_cseq',
  'bad_cseq',
  'cseq_method_mismatch',
  'bad_content_length',
  'body_truncated',
  'message_too_large',
  'header_too_long',
  'too_many_headers',
  'too_many_vias',
];
