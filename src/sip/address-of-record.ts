// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { addrSpecEnd, addrSpecOffset } from './name-addr.ts';
import { beginsWith, lowerCase } from './parameters.ts';

/**
 * Bytes of an address-of-record, in its canonical form, that tell it from others: all that look at one have a target of this
 * size for `readAddressOfRecord`. Longer ones that are the same up to there are one. A domain has 255 at
 * most (RFC 1035 §2.3.4).
 */
export const MAX_ADDRESS_OF_RECORD_BYTES = 512;

const PERCENT = 0x25;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const QUESTION_MARK = 0x3f;
const AT = 0x40;

const sip = ascii('sip:');
const sips = ascii('sips:');
const tel = ascii('tel:');

/** 1 for each visual-separator of a telephone number (RFC 3966 §3). */
const visualSeparators = new Uint8Array(256);
for (const c of ascii('-.()')) visualSeparators[c] = 1;

/** Value of each hexadecimal digit, 16 for other bytes. */
const hexDigits = new Uint8Array(256).fill(16);
ascii('0123456789abcdef').forEach((c, value) => {
  hexDigits[c] = value;
});
ascii('ABCDEF').forEach((c, value) => {
  hexDigits[c] = 10 + value;
});

/**
 * Writes the address-of-record in the value of To or From from `offset` to `target` in a canonical form, for hashing:
 * the index into a registrar's bindings (RFC 3261 §10.3 step 5). Display name, password, URI parameters and URI header
 * fields are left out, escapes of the user are undone, scheme and host are in lower case (§19.1.4); the port stays, as
 * `x` and `x:5060` are not equal (§19.1.4). A telephone number loses its visual separators (RFC 3966 §4). A URI of
 * another scheme stays as it is. Returns the length: 0 without a URI, cut at `target.length`.
 *
 *     "Bob" <SIP:b%6Fb:secret@Example.COM:5070;user=phone>;tag=1      sip:bob@example.com:5070
 */
export function readAddressOfRecord(
  bytes: Uint8Array,
  offset: number,
  length: number,
  target: Uint8Array,
): number {
  const p = addrSpecOffset(bytes, offset, offset + length, false);
  const end = addrSpecEnd(bytes, offset, p, offset + length);
  if (beginsWith(bytes, p, end, tel)) return writeTel(bytes, p, end, target);
  if (beginsWith(bytes, p, end, sip)) return writeSip(bytes, p, p + sip.length, end, target);
  if (beginsWith(bytes, p, end, sips)) return writeSip(bytes, p, p + sips.length, end, target);
  let written = 0;
  for (let i = p; i < end && written < target.length; i++) target[written++] = bytes[i]!;
  return written;
}

/** `scheme` is where the URI begins, `p` is behind the colon. */
function writeSip(bytes: Uint8Array, scheme: number, p: number, end: number, target: Uint8Array): number {
  let written = 0;
  for (; scheme < p && written < target.length; scheme++) target[written++] = lowerCase[bytes[scheme]!]!;
  let at = p;
  while (at < end && bytes[at] !== AT) at++;
  if (at < end) {
    written = writeUser(bytes, p, at, target, written);
    p = at;
  }
  for (; p < end && written < target.length; p++) {
    const byte = bytes[p]!;
    if (byte === SEMICOLON || byte === QUESTION_MARK) break;
    target[written++] = lowerCase[byte]!;
  }
  return written;
}

/** Writes the user of the userinfo from `p` to `end`: up to a password, escapes undone. */
function writeUser(bytes: Uint8Array, p: number, end: number, target: Uint8Array, written: number): number {
  while (p < end && bytes[p] !== COLON && written < target.length) {
    let byte = bytes[p]!;
    if (byte === PERCENT && p + 2 < end) {
      const high = hexDigits[bytes[p + 1]!]!;
      const low = hexDigits[bytes[p + 2]!]!;
      if (high < 16 && low < 16) {
        byte = high * 16 + low;
        p += 2;
      }
    }
    target[written++] = byte;
    p++;
  }
  return written;
}

/** `tel:` and the number: telephone-subscriber without its parameters (RFC 3966 §3). */
function writeTel(bytes: Uint8Array, p: number, end: number, target: Uint8Array): number {
  let written = 0;
  for (; p < end && written < target.length; p++) {
    const byte = bytes[p]!;
    if (byte === SEMICOLON) break;
    if (visualSeparators[byte] === 0) target[written++] = lowerCase[byte]!;
  }
  return written;
}
