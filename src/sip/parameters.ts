// SPDX-License-Identifier: Apache-2.0

const SP = 0x20;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** ORed to four letters it makes them lower case. */
export const CASE_BITS = 0x20202020;

/** 1 for each byte that ends a host, a token or another parameter value: white space, `;` and `,`. */
export const valueEnds: Uint8Array = new Uint8Array(256).fill(1, 0, SP + 1);
valueEnds[SEMICOLON] = 1;
valueEnds[COMMA] = 1;

/** Where the value of the parameter whose name ends at `p` begins, or -1 without one (generic-param, RFC 3261 §25.1). */
export function parameterValue(bytes: Uint8Array, p: number, end: number): number {
  p |= 0;
  while (p < end && bytes[p]! <= SP) p++;
  if (p >= end || bytes[p] !== EQUALS) return -1;
  p++;
  while (p < end && bytes[p]! <= SP) p++;
  return p;
}
