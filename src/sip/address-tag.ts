// SPDX-License-Identifier: Apache-2.0
import { CASE_BITS, parameterValue, valueEnds } from './parameters.ts';

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
    while (last > p && delimiters[bytes[last]!] === 0) last--;
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

/** The length of the tag at `p`. */
export function tagLength(bytes: Uint8Array, p: number, end: number): number {
  const offset = p;
  p |= 0;
  while (p < end && valueEnds[bytes[p]!] === 0) p++;
  return p - offset;
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
