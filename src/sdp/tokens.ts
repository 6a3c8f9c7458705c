// SPDX-License-Identifier: Apache-2.0

// The tokens of a line. RFC 8866 §9 has one space between two; any number, and tabs, do no harm.

const SP = 0x20;

/** The largest number; larger ones are this. */
export const MAX_NUMBER = 0x7fffffff;

/** Where the next token begins: the first byte from `p` on that is no space, or `end`. */
export function skipSpaces(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  while (p < end && bytes[p]! <= SP) p++;
  return p;
}

/** Where the token that begins at `p` ends: the first space from `p` on, or `end`. */
export function tokenEnd(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  while (p < end && bytes[p]! > SP) p++;
  return p;
}

/** Where the token behind the one at `p` begins, or `end`. */
export function nextToken(bytes: Uint8Array, p: number, end: number): number {
  return skipSpaces(bytes, tokenEnd(bytes, p, end), end);
}

/** The number that begins at `p`, up to the first byte that is no digit: 0..2^31-1, or -1 without a digit. */
export function numberAt(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  if (p >= end || bytes[p]! < 0x30 || bytes[p]! > 0x39) return -1;
  let number = 0;
  // One more digit would take what is above this beyond the largest.
  for (; p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39; p++) {
    number =
      number > 214_748_364 || (number === 214_748_364 && bytes[p]! > 0x37)
        ? MAX_NUMBER
        : Math.imul(number, 10) + bytes[p]! - 0x30;
  }
  return number;
}
