// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from './message.ts';
import { CASE_BITS, closingQuote, findValueEnd, parameterValue } from './parameters.ts';

const SP = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;

// `branch` is these two words, which overlap by two letters.
const SIP_SLASH = 0x5349502f;
const VERSION_SLASH = 0x322e302f;
const UDP_SP = 0x55445020;
const BRAN = 0x6272616e;
const ANCH = 0x616e6368;

const delimiters = new Uint8Array(256);
for (const c of [QUOTE, COMMA, SEMICOLON]) delimiters[c] = 1;

/**
 * Via (RFC 3261 §20.42): sent-by and branch of the topmost value, and how many values there are. A topmost value without
 * a sent-by leaves `sentByLength` at 0.
 *
 *     SIP/2.0/UDP pc33.example.com:5060;branch=z9hG4bK77;rport, SIP/2.0/UDP ...
 *                 sentBy                       branch         next value
 */
export function parseVia(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  message: SipMessage,
): void {
  p |= 0;
  let count = message.viaCount + 1;
  if (count === 1) p = parseTopmostVia(bytes, view, p, end, message);
  for (; p < end; p++) {
    p = findCommaOrQuote(bytes, view, p, end);
    if (p >= end) break;
    if (bytes[p] === COMMA) count++;
    else p = closingQuote(bytes, p, end);
  }
  message.viaCount = count;
}

/** Behind the sent-protocol: one word, or more of them where white space stands around a slash (RFC 3261 §25.1). */
function sentProtocolEnd(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  let wordEnd: number;
  do {
    while (p < end && bytes[p]! > SP) p++;
    wordEnd = p;
    while (p < end && bytes[p]! <= SP) p++;
  } while (p < end && (bytes[wordEnd - 1] === SLASH || bytes[p] === SLASH));
  return p;
}

/** The first comma or quote from `p` on, or `end`; four bytes at a time, as in `findValueEnd`. */
function findCommaOrQuote(bytes: Uint8Array, view: DataView, p: number, end: number): number {
  p |= 0;
  const last = (end - 4) | 0;
  for (; p <= last; p = (p + 4) | 0) {
    const word = view.getInt32(p, true);
    const found =
      (((word ^ 0x2c2c2c2c) - 0x01010101) | ((word ^ 0x22222222) - 0x01010101)) & ~word & 0x80808080;
    if (found !== 0) return p + ((31 - Math.clz32(found & -found)) >> 3);
  }
  while (p < end && bytes[p] !== COMMA && bytes[p] !== QUOTE) p++;
  return p;
}

/** Returns a place in the value behind which only its last parameters are left. */
function parseTopmostVia(
  bytes: Uint8Array,
  view: DataView,
  p: number,
  end: number,
  message: SipMessage,
): number {
  p |= 0;
  // sent-protocol: nearly always `SIP/2.0/UDP ` and a host.
  if (
    p + 12 < end &&
    view.getInt32(p) === SIP_SLASH &&
    view.getInt32(p + 4) === VERSION_SLASH &&
    view.getInt32(p + 8) === UDP_SP &&
    bytes[p + 12]! > SLASH
  ) {
    p += 12;
  } else p = sentProtocolEnd(bytes, p, end);

  message.sentByOffset = p;
  p = findValueEnd(bytes, view, p, end);
  message.sentByLength = p - message.sentByOffset;

  for (;;) {
    while (p < end && delimiters[bytes[p]!] === 0) p++;
    if (p >= end || bytes[p] === COMMA) return p;
    if (bytes[p] === QUOTE) {
      p = closingQuote(bytes, p, end) + 1;
      continue;
    }
    p++;
    while (p < end && bytes[p]! <= SP) p++;
    if (p + 6 > end || (view.getInt32(p) | CASE_BITS) !== BRAN) continue;
    if ((view.getInt32(p + 2) | CASE_BITS) !== ANCH) continue;
    const branch = parameterValue(bytes, p + 6, end);
    if (branch < 0) continue;
    p = findValueEnd(bytes, view, branch, end);
    message.branchOffset = branch;
    message.branchLength = p - branch;
    return p;
  }
}
