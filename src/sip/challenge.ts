// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import type { SipMessage } from './message.ts';
import { beginsWith, closingQuote, parameterValue, valueEnds } from './parameters.ts';

const QUOTE = 0x22;

const stale = ascii('stale');
const isTrue = ascii('true');

/**
 * WWW-Authenticate and Proxy-Authenticate (RFC 3261 §20.27, §20.44): whether one of them says `stale=true`. The value is
 * a token in any case (RFC 7616 §3.3); that some peers quote it does no harm.
 *
 *     Digest realm="example.com", nonce="4711", stale=TRUE, algorithm=MD5
 */
export function parseChallenge(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  p |= 0;
  while (p < end) {
    while (p < end && valueEnds[bytes[p]!] === 1) p++;
    if (beginsWith(bytes, p, end, stale)) {
      const value = parameterValue(bytes, p + stale.length, end);
      if (value >= 0 && isTrueAt(bytes, value, end)) message.isStale = true;
    }
    while (p < end && valueEnds[bytes[p]!] === 0) {
      p = bytes[p] === QUOTE ? closingQuote(bytes, p, end) + 1 : p + 1;
    }
  }
}

function isTrueAt(bytes: Uint8Array, p: number, end: number): boolean {
  if (p < end && bytes[p] === QUOTE) p++;
  if (!beginsWith(bytes, p, end, isTrue)) return false;
  p += isTrue.length;
  return p >= end || bytes[p] === QUOTE || valueEnds[bytes[p]!] === 1;
}
