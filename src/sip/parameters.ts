// SPDX-License-Identifier: Apache-2.0

const SP = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** ORed to four letters it makes them lower case. */
export const CASE_BITS = 0x20202020;

/** 1 for each byte that ends a host, a token or another parameter value: white space, `;` and `,`. */
export const valueEnds: Uint8Array = new Uint8Array(256).fill(1, 0, SP + 1);
valueEnds[SEMICOLON] = 1;
valueEnds[COMMA] = 1;

/**
 * The first byte from `p` on that ends a value, or `end`. Four at a time: taking 0x21 from each byte, and 1 from each that
 * was XORed with a delimiter, leaves a high bit where it is one; the lowest that an ASCII byte has is the first.
 */
export function findValueEnd(bytes: Uint8Array, view: DataView, p: number, end: number): number {
  p |= 0;
  const last = (end - 4) | 0;
  for (; p <= last; p = (p + 4) | 0) {
    const word = view.getInt32(p, true);
    const ends =
      ((word - 0x21212121) | ((word ^ 0x3b3b3b3b) - 0x01010101) | ((word ^ 0x2c2c2c2c) - 0x01010101)) &
      ~word &
      0x80808080;
    if (ends !== 0) return p + ((31 - Math.clz32(ends & -ends)) >> 3);
  }
  while (p < end && valueEnds[bytes[p]!] === 0) p++;
  return p;
}

/** Each byte itself, capital letters in lower case. */
export const lowerCase: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Where the value of the parameter whose name ends at `p` begins, or -1 without one (generic-param, RFC 3261 §25.1). */
export function parameterValue(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  while (p < end && bytes[p]! <= SP) p++;
  if (p >= end || bytes[p] !== EQUALS) return -1;
  p++;
  while (p < end && bytes[p]! <= SP) p++;
  return p;
}

/** Whether the bytes from `p` begin with `text`, which is in lower case, in any case. */
export function beginsWith(bytes: Uint8Array, p: number, end: number, text: Uint8Array): boolean {
  if (end - p < text.length) return false;
  for (let i = 0; i < text.length; i++) if (lowerCase[bytes[p + i]!] !== text[i]) return false;
  return true;
}

/** The quote that closes the quoted string which begins at `p`, or `end` or a place behind it without one. */
export function closingQuote(bytes: Uint8Array, p: number, end: number): number {
  for (p++; p < end && bytes[p] !== QUOTE; p++) if (bytes[p] === BACKSLASH) p++;
  return p;
}

/** The first byte from `p` on that is no digit, or `end`. */
export function skipDigits(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  while (p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p++;
  return p;
}

/**
 * The number that is the parameter value at `p` (delta-seconds, response-num, cause of RFC 3261 §25.1 and others), or -1
 * when it is none. Larger ones than 2^31-1 are 2^31-1.
 */
export function parameterNumber(bytes: Uint8Array, p: number, end: number): number {
  const digitsEnd = skipDigits(bytes, p, end);
  if (digitsEnd === p || (digitsEnd < end && valueEnds[bytes[digitsEnd]!] === 0)) return -1;
  let number = 0;
  for (p |= 0; p < digitsEnd; p++) number = Math.min(number * 10 + bytes[p]! - 0x30, 0x7fffffff);
  return number | 0;
}

/** Where the value of the parameter at `p`, behind its semicolon, begins when `name` is its name; else -1. */
export function namedValue(bytes: Uint8Array, p: number, end: number, name: Uint8Array): number {
  while (p < end && bytes[p]! <= SP) p++;
  return beginsWith(bytes, p, end, name) ? parameterValue(bytes, p + name.length, end) : -1;
}

/** What a malformed expiry means (RFC 3261 §20.10, §20.19): RFC 2543 allowed a date there. */
const MALFORMED_EXPIRES_SECONDS = 3600;

/** The expiry at `p`, of Expires or of a Contact: 0..2^31-1 seconds. */
export function expiresSecondsAt(bytes: Uint8Array, p: number, end: number): number {
  const seconds = parameterNumber(bytes, p, end);
  return seconds < 0 ? MALFORMED_EXPIRES_SECONDS : seconds;
}
