// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import { beginsWith } from '../sip/parameters.ts';
import { readInternetAddress } from './internet-address.ts';
import { nextToken, skipSpaces, tokenEnd } from './tokens.ts';

const SLASH = 0x2f;
const internet = ascii('in');

/**
 * Reads network type, address type and address (RFC 8866 §5.7), as in `c=` and `a=rtcp`, from `p` on into `words`, whether
 * the type fits or not. Returns whether there is an address: a name is none. What follows a slash, the time to live and the
 * number of addresses of multicast, is left out.
 *
 *     IN IP4 224.2.1.1/127/3
 *     IN IP6 2001:db8::1
 */
export function readConnectionData(bytes: Uint8Array, p: number, end: number, words: Int32Array): boolean {
  p = skipSpaces(bytes, p, end);
  const isInternet = tokenEnd(bytes, p, end) - p === internet.length && beginsWith(bytes, p, end, internet);
  if (!isInternet) return false;
  p = nextToken(bytes, nextToken(bytes, p, end), end);
  let addressEnd = p;
  const last = tokenEnd(bytes, p, end);
  while (addressEnd < last && bytes[addressEnd] !== SLASH) addressEnd++;
  return readInternetAddress(bytes, p, addressEnd, words, 0);
}

const MAPPED_PREFIX = 0xffff;

/** Whether an address is 0.0.0.0 or `::`. */
export function isNull(words: Int32Array): boolean {
  return words[0] === 0 && words[1] === 0 && (words[2] === 0 || words[2] === MAPPED_PREFIX) && words[3] === 0;
}
