// SPDX-License-Identifier: Apache-2.0
import { closingQuote } from './parameters.ts';

const SP = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;

/**
 * Where the addr-spec of the name-addr or bare addr-spec at `p` begins (RFC 3261 §20.10, §25.1). With `inList`, a comma
 * ends the value; else it belongs to a display name that should have been quoted. A quoted string that no bracket
 * follows is no addr-spec: what is given then is the place behind it, where none begins.
 *
 *     "Bob" <sip:bob@example.com>;tag=1       sip:bob@example.com;tag=1
 *            ^                                ^
 */
export function addrSpecOffset(bytes: Uint8Array, p: number, end: number, inList: boolean): number {
  p |= 0;
  while (p < end && bytes[p]! <= SP) p++;
  let bare = p;
  for (; p < end && bytes[p] !== SEMICOLON; p++) {
    const byte = bytes[p]!;
    if (byte === LESS_THAN) {
      p++;
      while (p < end && bytes[p]! <= SP) p++;
      return p;
    }
    if (byte === QUOTE) {
      // Else every value of a list inside one long string would be looked for up to the end of that string.
      p = closingQuote(bytes, p, end);
      bare = -1;
    } else if (byte === COMMA && inList) break;
  }
  return bare >= 0 ? bare : Math.min(p, end);
}

/**
 * Where the addr-spec from `p`, which `addrSpecOffset` gave for the value at `valueOffset`, ends: at its bracket, or at
 * the end when that is missing; a bare one before white space, `;` or `,` (RFC 3261 §20: what has one of them must stand
 * in brackets). White space beside the brackets does not belong to it.
 */
export function addrSpecEnd(bytes: Uint8Array, valueOffset: number, p: number, end: number): number {
  p |= 0;
  let before = p;
  while (before > valueOffset && bytes[before - 1]! <= SP) before--;
  if (before > valueOffset && bytes[before - 1] === LESS_THAN) {
    const first = p;
    while (p < end && bytes[p] !== GREATER_THAN) p++;
    while (p > first && bytes[p - 1]! <= SP) p--;
    return p;
  }
  for (; p < end; p++) {
    const byte = bytes[p]!;
    if (byte <= SP || byte === SEMICOLON || byte === COMMA) break;
  }
  return p;
}
