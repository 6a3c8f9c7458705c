// SPDX-License-Identifier: Apache-2.0
import { CASE_BITS, findValueEnd, parameterValue } from './parameters.ts';

const SP = 0x20;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const GREATER_THAN = 0x3e;
const BACKSLASH = 0x5c;

const TAG = 0x746167;

const delimiters = new Uint8Array(256);
for (const c of [QUOTE, SEMICOLON, GREATER_THAN]) delimiters[c] = 1;

/**
 * Where the value of the tag parameter of From or To begins, or -1 (RFC 3261 §20.20, §20.39). The search goes from the
 * end of the field backwards: its parameters are behind the URI's closing bracket, so that a display name or a URI
 * which contains `;tag=` is never looked at. Without brackets every parameter belongs to the field (§20).
 */
export function findTag(bytes: Uint8Array, view: DataView, p: number, end: number): number {
  p |= 0;
  for (let last = (end | 0) - 1; ; last--) {
    last = lastDelimiter(bytes, view, p, last);
    if (last <= p || bytes[last] === GREATER_THAN) return -1;
    if (bytes[last] === QUOTE) {
      last = openingQuote(bytes, p, last);
      continue;
    }
    let name = last + 1;
    while (name < end && bytes[name]! <= SP) name++;
    if (name + 4 > end || (view.getInt32(name) | CASE_BITS) >>> 8 !== TAG) continue;
    const value = parameterValue(bytes, name + 3, end);
    if (value >= 0) return value;
  }
}

/** The last quote, semicolon or closing bracket from `last` back to `p`, or `p`; four bytes at a time. */
function lastDelimiter(bytes: Uint8Array, view: DataView, p: number, last: number): number {
  last |= 0;
  const first = (p + 3) | 0;
  for (; last > first; last = (last - 4) | 0) {
    const word = view.getInt32((last - 3) | 0, true);
    // Bit 7 of a byte of these stays 0 only where it is the delimiter: no borrow, as the highest one is looked for.
    const quotes = word ^ 0x22222222;
    const semicolons = word ^ 0x3b3b3b3b;
    const brackets = word ^ 0x3e3e3e3e;
    const others =
      (((quotes & 0x7f7f7f7f) + 0x7f7f7f7f) | quotes) &
      (((semicolons & 0x7f7f7f7f) + 0x7f7f7f7f) | semicolons) &
      (((brackets & 0x7f7f7f7f) + 0x7f7f7f7f) | brackets);
    const found = ~others & 0x80808080;
    if (found !== 0) return last - (Math.clz32(found) >> 3);
  }
  while (last > p && delimiters[bytes[last]!] === 0) last--;
  return last;
}

/** The length of the tag at `p`. */
export function tagLength(bytes: Uint8Array, view: DataView, p: number, end: number): number {
  return findValueEnd(bytes, view, p, end) - p;
}

/** The quote that opens the quoted string which the quote at `closing` ends, or `p` when there is none. */
function openingQuote(bytes: Uint8Array, p: number, closing: number): number {
  for (let quote = closing - 1; quote > p; quote--) {
    if (bytes[quote] !== QUOTE) continue;
    // Behind an odd number of backslashes a quote is part of the string (quoted-pair, RFC 3261 §25.1).
    let first = quote;
    while (first > p && bytes[first - 1] === BACKSLASH) first--;
    if (((quote - first) & 1) === 0) return quote;
  }
  return p;
}
