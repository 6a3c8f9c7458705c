// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { countryNumber } from '../base/country-code.ts';
import { addrSpecEnd, addrSpecOffset } from './name-addr.ts';
import { numberPlan } from './number-plan.ts';
import { beginsWith } from './parameters.ts';

const ZERO = 0x30;
const PLUS = 0x2b;
const DIGITS = 10;
/** A number has at most 15 digits (ITU-T E.164 §6.2.1); no prefix of the plan has more than 7. */
const MAX_PREFIX_DIGITS = 7;

const schemes = ['sip:', 'sips:', 'tel:'].map(ascii);

/** By node and digit: the next node, 0 for none. By node: the country of the numbers that begin so. */
const next: number[] = new Array<number>(DIGITS).fill(0);
const countries: number[] = [0];

for (const entry of numberPlan.trim().split(/\s+/)) {
  const [code = '', prefixes = ''] = entry.split(':');
  for (const prefix of prefixes.split(',')) add(prefix, countryNumber(code));
}
const nextNodes = Int32Array.from(next);
const nodeCountries = Int32Array.from(countries);

function add(prefix: string, country: number): void {
  let node = 0;
  for (const digit of prefix) {
    const place = node * DIGITS + Number(digit);
    if (next[place] === 0) {
      next[place] = countries.length;
      countries.push(0);
      for (let i = 0; i < DIGITS; i++) next.push(0);
    }
    node = next[place]!;
  }
  countries[node] = country;
}

/**
 * The country of the telephone number that is the user of a URI, in the value of From or To, as `countryNumber` has it: 0
 * where there is none. A number begins with `+` or with `00`; a national one does not tell its country.
 *
 *     "Bob" <sip:+49-30-123456@example.com;user=phone>;tag=1       DE
 */
export function numberCountry(bytes: Uint8Array, offset: number, length: number): number {
  const uri = addrSpecOffset(bytes, offset, offset + length, false);
  const end = addrSpecEnd(bytes, offset, uri, offset + length);
  for (let i = 0; i < schemes.length; i++) {
    const scheme = schemes[i]!;
    if (beginsWith(bytes, uri, end, scheme)) return prefixCountry(bytes, uri + scheme.length, end);
  }
  return 0;
}

function prefixCountry(bytes: Uint8Array, p: number, end: number): number {
  if (p < end && bytes[p] === PLUS) p++;
  else if (p + 1 < end && bytes[p] === ZERO && bytes[p + 1] === ZERO) p += 2;
  else return 0;
  let node = 0;
  let country = 0;
  for (let digits = 0; p < end && digits < MAX_PREFIX_DIGITS; p++) {
    const byte = bytes[p]!;
    // Visual separators (RFC 3966 §3).
    if (byte === 0x2d || byte === 0x2e || byte === 0x28 || byte === 0x29) continue;
    const digit = byte - ZERO;
    if (digit < 0 || digit >= DIGITS) break;
    node = nextNodes[node * DIGITS + digit]!;
    if (node === 0) break;
    if (nodeCountries[node] !== 0) country = nodeCountries[node]!;
    digits++;
  }
  return country;
}
