// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';

const message = new SipMessage();

/**
 * Parses `length` bytes from `offset` and returns how often a byte or word was read. Fails when one outside was, though
 * it be inside `bytes`: nothing but a Proxy sees that. It also makes the parser slow for the rest of the process.
 */
export function countReads(bytes: Uint8Array, offset: number, length: number): number {
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
  parseMessage(watchedBytes, view, offset, length, message);
  return reads;
}
