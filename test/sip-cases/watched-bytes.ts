// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readAddressOfRecord } from '../../src/sip/address-of-record.ts';
import { ContactList } from '../../src/sip/contact-list.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits, type ParserLimits } from '../../src/sip/parser-limits.ts';

const message = new SipMessage();
const contactList = new ContactList();
const addressOfRecord = new Uint8Array(256);

/** How often a byte or word was read by `parseMessage`, by `readAddressOfRecord` and by all of `ContactList`. */
export interface Reads {
  parser: number;
  addressOfRecord: number;
  contacts: number;
}

/** Bytes that are watched, a view of them, and what tells how many reads there were since it was last asked. */
export interface Watched {
  readonly watchedBytes: Uint8Array;
  readonly view: DataView;
  take(): number;
}

/** Bytes of which nothing but `length` from `offset` may be read, and whose reads are counted. */
export function watchReads(bytes: Uint8Array, offset: number, length: number): Watched {
  const end = offset + length;
  let reads = 0;
  const checkRead = (from: number, to: number) => {
    reads++;
    if (from < offset || to > end) assert.fail(`read ${from}..${to}, not in ${offset}..${end}`);
  };
  const watchedBytes = new Proxy(bytes, {
    get(target, key) {
      const index = Number(key);
      if (Number.isNaN(index)) return Reflect.get(target, key, target);
      checkRead(index, index + 1);
      return target[index];
    },
  });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.getInt32 = (from, littleEndian) => {
    checkRead(from, from + 4);
    return DataView.prototype.getInt32.call(view, from, littleEndian);
  };
  const take = () => {
    const taken = reads;
    reads = 0;
    return taken;
  };
  return { watchedBytes, view, take };
}

/**
 * Parses `length` bytes from `offset`, reads what is read of a REGISTER, and counts. Fails when a byte outside is read,
 * though it be inside `bytes`: nothing but a Proxy sees that. It also makes the parser slow for the rest of the process.
 */
export function countReads(
  bytes: Uint8Array,
  offset: number,
  length: number,
  limits: ParserLimits = defaultParserLimits,
): Reads {
  const end = offset + length;
  const { watchedBytes, view, take } = watchReads(bytes, offset, length);
  const result = parseMessage(watchedBytes, view, offset, length, limits, message);
  const parser = take();
  readAddressOfRecord(watchedBytes, message.toOffset, message.toLength, addressOfRecord);
  const addressReads = take();
  if (result === ParseResult.message) {
    contactList.read(message);
    for (let count = 0; contactList.next(); count++) {
      const { uriOffset, uriLength } = contactList;
      assert.ok(uriLength >= 0 && uriOffset >= offset && uriOffset + uriLength <= end);
      assert.ok(count < length, 'more Contact values than bytes');
    }
  }
  return { parser, addressOfRecord: addressReads, contacts: take() };
}
