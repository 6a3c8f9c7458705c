// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipMessage } from './message.ts';
import { parseVia } from './via.ts';

/** Reads one value after the other; returns sent-by, branch, count. */
function read(...values: string[]): [string, string, number] {
  const message = new SipMessage();
  const bytes = new TextEncoder().encode(values.join('\n'));
  const view = new DataView(bytes.buffer);
  const text = (offset: number, length: number) =>
    new TextDecoder().decode(bytes.subarray(offset, offset + length));
  let offset = 0;
  for (const value of values) {
    parseVia(bytes, view, offset, offset + value.length, message);
    offset += value.length + 1;
  }
  return [
    text(message.sentByOffset, message.sentByLength),
    text(message.branchOffset, message.branchLength),
    message.viaCount,
  ];
}

test('sent-by and branch are the topmost value’s', () => {
  assert.deepEqual(read('SIP/2.0/UDP a:1;branch=b'), ['a:1', 'b', 1]);
  assert.deepEqual(read('SIP/2.0/UDP a:1;x;BRANCH = b ;y, SIP/2.0/UDP c;branch=d'), ['a:1', 'b', 2]);
  assert.deepEqual(read('SIP/2.0/UDP a', 'SIP/2.0/UDP c;branch=d', 'e,f,g'), ['a', '', 5]);
  assert.deepEqual(read('SIP / 2.0\n / UDP\t[::1]:5 , x'), ['[::1]:5', '', 2]);
});

test('quoted strings hide everything, and an open one ends with the value', () => {
  assert.deepEqual(read('SIP/2.0/UDP a;x=";branch=c,\\",";branch=b;y="\\\\",c'), ['a', 'b', 2]);
  assert.deepEqual(read('SIP/2.0/UDP a;x=",;branch=c', 'd'), ['a', '', 2]);
  assert.deepEqual(read('SIP/2.0/UDP a;x="\\', 'd'), ['a', '', 2]);
});

test('a value without a sent-by still counts', () => {
  for (const value of ['', 'a', 'SIP/2.0/UDP', 'SIP/2.0/UDP ;branch=', '/', '/ /', 'SIP/2.0/UDP ,a b']) {
    assert.equal(read(value)[0], '', value);
  }
});
