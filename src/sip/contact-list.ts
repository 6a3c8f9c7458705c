// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { findFieldEnd } from './lines.ts';
import type { SipMessage } from './message.ts';
import { addrSpecEnd, addrSpecOffset } from './name-addr.ts';
import { beginsWith, closingQuote, expiresSecondsAt, namedValue, valueEnds } from './parameters.ts';

const HT = 0x09;
const SP = 0x20;
const QUOTE = 0x22;
const STAR = 0x2a;
const COMMA = 0x2c;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

const contact = ascii('contact');
const compactContact = ascii('m');
const expires = ascii('expires');

/**
 * Steps through the Contact values of a message, over comma lists and further fields (RFC 3261 §7.3.1, §20.10). To be
 * reused; valid as long as the message is. Reads nothing outside the header fields, never throws, allocates nothing,
 * and all steps together take time linear in their length.
 *
 *     Contact: "Bob" <sip:bob@192.0.2.4>;expires=60, sip:b@x
 *     m: *
 */
export class ContactList {
  /** The value is `*`: every binding (RFC 3261 §10.2.2). Its URI has length 0. */
  isStar = false;
  /** The addr-spec, without brackets. In the bare form parameters are the field's. */
  uriOffset = 0;
  uriLength = 0;
  /** The expires parameter: 0..2^31-1, 3600 when malformed, -1 when absent. */
  expiresSeconds = -1;

  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** The next value begins at or behind this place in a field that ends at `#fieldEnd`. */
  #p = 0;
  #fieldEnd = 0;
  #headersEnd = 0;

  /**
   * Goes before the first value. The message must be one that `parseMessage` took for a message: the header fields end
   * at its `bodyOffset`, behind the empty line.
   */
  read(message: SipMessage): void {
    this.#bytes = message.bytes;
    this.#view = message.view;
    const hasContact = message.contactLength > 0;
    this.#p = message.contactOffset;
    this.#fieldEnd = hasContact ? message.contactOffset + message.contactLength : this.#p;
    this.#headersEnd = hasContact ? message.bodyOffset : this.#p;
  }

  /** Goes to the next value that is a star or has a URI; false behind the last. */
  next(): boolean {
    const bytes = this.#bytes;
    for (;;) {
      let p = this.#p;
      while (p < this.#fieldEnd && (bytes[p]! <= SP || bytes[p] === COMMA)) p++;
      if (p < this.#fieldEnd) {
        if (this.#readValue(p, this.#fieldEnd)) return true;
      } else if (!this.#findField()) return false;
    }
  }

  /** Goes to the value of the next Contact field behind the one that ends at `#fieldEnd`. */
  #findField(): boolean {
    const bytes = this.#bytes;
    const end = this.#headersEnd;
    let fieldEnd = this.#fieldEnd;
    for (;;) {
      const p = findFieldEnd(bytes, this.#view, fieldEnd, end) + 1;
      // No more than the empty line is left.
      if (p + 2 >= end) return false;
      fieldEnd = findFieldEnd(bytes, this.#view, p, end);
      const value = contactValue(bytes, p, fieldEnd);
      if (value < 0) continue;
      while (fieldEnd > value && bytes[fieldEnd - 1]! <= SP) fieldEnd--;
      this.#p = value;
      this.#fieldEnd = fieldEnd;
      return true;
    }
  }

  /** Reads the value at `p` and goes behind it; returns whether it is one. */
  #readValue(p: number, end: number): boolean {
    const bytes = this.#bytes;
    this.expiresSeconds = -1;
    this.isStar = bytes[p] === STAR && (p + 1 >= end || valueEnds[bytes[p + 1]!] === 1);
    const uri = this.isStar ? p + 1 : addrSpecOffset(bytes, p, end, true);
    const uriEnd = this.isStar ? uri : addrSpecEnd(bytes, p, uri, end);
    this.uriOffset = uri;
    this.uriLength = uriEnd - uri;
    for (p = uriEnd; p < end && bytes[p] !== COMMA; p++) {
      if (bytes[p] === QUOTE) p = closingQuote(bytes, p, end);
      else if (bytes[p] === SEMICOLON && this.expiresSeconds < 0) {
        this.expiresSeconds = expiresAt(bytes, p + 1, end);
      }
    }
    this.#p = p;
    return this.isStar || hasScheme(bytes, uri, uriEnd);
  }
}

/** Every URI begins with a scheme and a colon; this keeps halves of display names out. */
function hasScheme(bytes: Uint8Array, p: number, end: number): boolean {
  while (p < end && bytes[p] !== COLON) p++;
  return p < end;
}

/** Where the value of the field from `p` to `end` begins, when it is a Contact; else -1. */
function contactValue(bytes: Uint8Array, p: number, end: number): number {
  if (beginsWith(bytes, p, end, contact)) p += contact.length;
  else if (beginsWith(bytes, p, end, compactContact)) p += compactContact.length;
  else return -1;
  while (p < end && (bytes[p] === SP || bytes[p] === HT)) p++;
  return p < end && bytes[p] === COLON ? p + 1 : -1;
}

/** The value of the parameter behind a semicolon, when it is expires; else -1. */
function expiresAt(bytes: Uint8Array, p: number, end: number): number {
  const value = namedValue(bytes, p, end, expires);
  return value < 0 ? -1 : expiresSecondsAt(bytes, value, end);
}
