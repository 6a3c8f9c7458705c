// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { parseChallenge } from './challenge.ts';
import type { SipMessage } from './message.ts';
import { beginsWith, expiresSecondsAt, parameterNumber } from './parameters.ts';
import { parseReason } from './reason.ts';

const HT = 0x09;
const SP = 0x20;
const COLON = 0x3a;

type ValueParser = (bytes: Uint8Array, p: number, end: number, message: SipMessage) => void;

const parsers: readonly ValueParser[] = [
  parseExpires,
  parseReason,
  parseRSeq,
  parseSessionExpires,
  parseChallenge,
  parseChallenge,
  parseRtpStat,
  parseRtpStat,
];
const names = [
  'expires',
  'reason',
  'rseq',
  'session-expires',
  'www-authenticate',
  'proxy-authenticate',
  'x-rtp-stat',
  'p-rtp-stat',
].map(ascii);

/** The first four bytes of the names, as big-endian words. */
const words = Int32Array.from(names, (name) => new DataView(name.buffer).getInt32(0));
// One by one, not as a pattern: only so V8 knows them as constants (70 instructions a message).
const EXPI = words[0]!;
const REAS = words[1]!;
const RSEQ = words[2]!;
const SESS = words[3]!;
const WWW = words[4]!;
const PROX = words[5]!;
const X_RT = words[6]!;
const P_RT = words[7]!;

/** Whether a field whose name begins with this word, in lower case, may be one of `parseRareField`. */
export function isRareField(word: number): boolean {
  return word === EXPI || word === REAS || word === RSEQ || word === SESS || word === WWW || word === PROX;
}

/** The same of a name whose second byte is no letter. */
export function isRareExtension(word: number): boolean {
  return word === X_RT || word === P_RT;
}

/**
 * Reads the field from `p` to `end` if it is one of those that few messages have and that have no compact form, or not
 * in it. `word` is the first four bytes of its name in lower case.
 */
export function parseRareField(
  word: number,
  bytes: Uint8Array,
  p: number,
  end: number,
  message: SipMessage,
): void {
  let field = 0;
  while (words[field] !== word) field++;
  const name = names[field]!;
  if (!beginsWith(bytes, p, end, name)) return;
  p += name.length;
  while (p < end && (bytes[p] === SP || bytes[p] === HT)) p++;
  if (p >= end || bytes[p] !== COLON) return;
  p++;
  while (p < end && bytes[p]! <= SP) p++;
  while (end > p && bytes[end - 1]! <= SP) end--;
  parsers[field]!(bytes, p, end, message);
}

/** Session-Expires (RFC 4028 §4). */
export function parseSessionExpires(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  if (message.sessionExpiresSeconds < 0) message.sessionExpiresSeconds = parameterNumber(bytes, p, end);
}

/** Expires (RFC 3261 §20.19). */
function parseExpires(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  if (message.expiresSeconds < 0) message.expiresSeconds = expiresSecondsAt(bytes, p, end);
}

/** X-RTP-Stat, P-RTP-Stat: `parseRtpStat` of voice-reports/ reads what is in them. */
function parseRtpStat(_bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  if (message.rtpStatLength !== 0) return;
  message.rtpStatOffset = p;
  message.rtpStatLength = end - p;
}

/** RSeq (RFC 3262 §7.1). */
function parseRSeq(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  if (message.rseq < 0) message.rseq = parameterNumber(bytes, p, end);
}
