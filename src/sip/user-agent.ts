// SPDX-License-Identifier: Apache-2.0
import { findFieldEnd } from './lines.ts';
import type { SipMessage } from './message.ts';
import { ascii, beginsWith, CASE_BITS } from './parameters.ts';

const HT = 0x09;
const SP = 0x20;
const COLON = 0x3a;

const userAgent = ascii('user-agent');
const server = ascii('server');
const USER = new DataView(userAgent.buffer).getInt32(0);
const SERV = new DataView(server.buffer).getInt32(0);

/**
 * Finds what the sender of a message says it is: the value of User-Agent, or else of Server (RFC 3261 §20.41, §20.35),
 * trimmed. Only labels ask for it: the parser passes these fields over.
 */
export class UserAgent {
  /** In the bytes of the message; length 0 where there is none. */
  offset = 0;
  length = 0;

  /** Looks through the header fields of a message that was parsed. The first User-Agent counts, or the first Server. */
  read(message: SipMessage): void {
    const { bytes, view, bodyOffset } = message;
    this.length = 0;
    for (let p = message.headersOffset; p + 4 <= bodyOffset; ) {
      const word = view.getInt32(p) | CASE_BITS;
      const fieldEnd = findFieldEnd(bytes, view, p, bodyOffset);
      if (word === USER) {
        if (this.#take(bytes, p, fieldEnd, userAgent)) return;
      } else if (word === SERV && this.length === 0) this.#take(bytes, p, fieldEnd, server);
      p = fieldEnd + 1;
    }
  }

  /** Takes the value of a field, if it has the name. */
  #take(bytes: Uint8Array, p: number, end: number, name: Uint8Array): boolean {
    if (!beginsWith(bytes, p, end, name)) return false;
    p += name.length;
    while (p < end && (bytes[p] === SP || bytes[p] === HT)) p++;
    if (p >= end || bytes[p] !== COLON) return false;
    p++;
    while (p < end && bytes[p]! <= SP) p++;
    while (end > p && bytes[end - 1]! <= SP) end--;
    this.offset = p;
    this.length = end - p;
    return true;
  }
}
