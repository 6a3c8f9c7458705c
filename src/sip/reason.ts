// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import type { SipMessage } from './message.ts';
import { beginsWith, closingQuote, namedValue, parameterNumber, valueEnds } from './parameters.ts';

const SP = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

const q850 = ascii('q.850');
const sip = ascii('sip');
const cause = ascii('cause');

const MAX_CAUSE = 999;

/**
 * Reason (RFC 3326 §2): the first cause of the protocols Q.850 and SIP, over lists and repeated fields.
 *
 *     SIP ;cause=200 ;text="Call completed elsewhere", Q.850;cause=16
 */
export function parseReason(bytes: Uint8Array, p: number, end: number, message: SipMessage): void {
  p |= 0;
  while (p < end) {
    while (p < end && (bytes[p]! <= SP || bytes[p] === COMMA)) p++;
    const protocol = p;
    while (p < end && valueEnds[bytes[p]!] === 0) p++;
    const protocolLength = p - protocol;
    let number = -1;
    for (; p < end && bytes[p] !== COMMA; p++) {
      if (bytes[p] === QUOTE) p = closingQuote(bytes, p, end);
      if (p >= end || bytes[p] !== SEMICOLON || number >= 0) continue;
      number = causeAt(bytes, p + 1, end);
    }
    if (number < 0) continue;
    if (protocolLength === q850.length && beginsWith(bytes, protocol, end, q850)) {
      if (message.reasonQ850 < 0) message.reasonQ850 = number;
    } else if (protocolLength === sip.length && beginsWith(bytes, protocol, end, sip)) {
      if (message.reasonSip < 0) message.reasonSip = number;
    }
  }
}

/** The value of the parameter behind a semicolon, when it is a cause of 0..999; else -1. */
function causeAt(bytes: Uint8Array, p: number, end: number): number {
  const value = namedValue(bytes, p, end, cause);
  if (value < 0) return -1;
  const number = parameterNumber(bytes, value, end);
  return number <= MAX_CAUSE ? number : -1;
}
