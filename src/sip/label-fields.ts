// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import type { FieldGlobs } from './field-globs.ts';
import { findFieldEnd } from './lines.ts';
import type { SipMessage } from './message.ts';
import { beginsWith, CASE_BITS } from './parameters.ts';

const HT = 0x09;
const SP = 0x20;
const COLON = 0x3a;

const userAgent = ascii('user-agent');
const server = ascii('server');
const from = ascii('from');
const compactFrom = ascii('f');
const USER = new DataView(userAgent.buffer).getInt32(0);
const SERV = new DataView(server.buffer).getInt32(0);
const FROM = new DataView(from.buffer).getInt32(0);
const COMPACT_FROM = 0x66;

/**
 * Finds header fields that only labels are made of, in a message that was parsed: the parser passes over them, or over
 * what is not asked for here. Values are trimmed; length 0 where there is none; the first field of a name counts.
 */
export class LabelFields {
  /** What the sender says it is: User-Agent, or else Server (RFC 3261 §20.41, §20.35). */
  agentOffset = 0;
  agentLength = 0;
  fromOffset = 0;
  fromLength = 0;
  /** What `globs` find in the header fields: the lowest, 0 where there is none. */
  found = 0;
  readonly #globs: FieldGlobs | undefined;
  /** Of the field last given to `#find`. */
  #offset = 0;
  #length = 0;

  constructor(globs?: FieldGlobs) {
    this.#globs = globs;
  }

  /** Looks through all header fields of a message. */
  read(message: SipMessage): void {
    const { bytes, view, bodyOffset } = message;
    this.agentLength = 0;
    this.fromLength = 0;
    this.found = 0;
    const globs = this.#globs;
    let hasUserAgent = false;
    for (let p = message.headersOffset; p + 4 <= bodyOffset; ) {
      const word = view.getInt32(p) | CASE_BITS;
      const fieldEnd = findFieldEnd(bytes, view, p, bodyOffset);
      if (word === USER && !hasUserAgent) {
        if (this.#find(bytes, p, fieldEnd, userAgent)) {
          this.#takeAgent();
          hasUserAgent = true;
        }
      } else if (word === SERV && this.agentLength === 0) {
        if (this.#find(bytes, p, fieldEnd, server)) this.#takeAgent();
      } else if ((word === FROM || word >>> 24 === COMPACT_FROM) && this.fromLength === 0) {
        if (this.#find(bytes, p, fieldEnd, word === FROM ? from : compactFrom)) {
          this.fromOffset = this.#offset;
          this.fromLength = this.#length;
        }
      }
      if (globs !== undefined) {
        const found = globs.match(bytes, p, fieldEnd);
        if (found !== 0 && (this.found === 0 || found < this.found)) this.found = found;
      }
      p = fieldEnd + 1;
    }
  }

  /** Sets `agentOffset` and `agentLength` to the User-Agent only, which the parser has found. */
  readUserAgent({ bytes, view, userAgentField, bodyOffset }: SipMessage): void {
    this.agentLength = 0;
    if (userAgentField < 0) return;
    const fieldEnd = findFieldEnd(bytes, view, userAgentField, bodyOffset);
    if (this.#find(bytes, userAgentField, fieldEnd, userAgent)) this.#takeAgent();
  }

  #takeAgent(): void {
    this.agentOffset = this.#offset;
    this.agentLength = this.#length;
  }

  /** Finds the value of a field, if it has the name. */
  #find(bytes: Uint8Array, p: number, end: number, name: Uint8Array): boolean {
    if (!beginsWith(bytes, p, end, name)) return false;
    p += name.length;
    while (p < end && (bytes[p] === SP || bytes[p] === HT)) p++;
    if (p >= end || bytes[p] !== COLON) return false;
    p++;
    while (p < end && bytes[p]! <= SP) p++;
    while (end > p && bytes[end - 1]! <= SP) end--;
    this.#offset = p;
    this.#length = end - p;
    return true;
  }
}
