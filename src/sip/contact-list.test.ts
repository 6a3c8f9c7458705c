// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContactList } from './contact-list.ts';
import { SipMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';
import { ParseResult } from './parse-result.ts';
import { defaultParserLimits } from './parser-limits.ts';

const message = new SipMessage();
const list = new ContactList();
const required = 'v: SIP/2.0/UDP x;branch=z\nf: <sip:f@x>\nt: <sip:t@x>\ni: i\nCSeq: 1 REGISTER\n';

/** The values of a message with these header fields: URI and expiry, `*` for the star. */
function contacts(fields: string, body = ''): string[] {
  const text = `SIP/2.0 200 OK\r\n${fields}${required}\r\n${body}`;
  const bytes = new TextEncoder().encode(`m: <sip:before>\n${text}m: <sip:behind>\n\n`);
  const view = new DataView(bytes.buffer);
  const length = new TextEncoder().encode(text).length;
  assert.equal(
    parseMessage(bytes, view, 16, length, defaultParserLimits, message),
    ParseResult.message,
    text,
  );
  const found: string[] = [];
  list.read(message);
  while (list.next()) {
    const { uriOffset, uriLength, isStar, expiresSeconds } = list;
    const uri = new TextDecoder().decode(bytes.subarray(uriOffset, uriOffset + uriLength));
    found.push(`${isStar ? '*' : uri} ${expiresSeconds}`);
  }
  assert.ok(!list.next());
  return found;
}

test('no Contact, no value', () => {
  assert.deepEqual(contacts(''), []);
  assert.deepEqual(contacts('Contact:\r\nm: \r\n ,\r\nm: ,\r\n'), []);
  assert.deepEqual(contacts('', 'Contact: <sip:a>\r\n\r\n'), []);
});

test('a value is a name-addr or a bare addr-spec with parameters', () => {
  const values: [string, string][] = [
    ['<sip:a@x>', 'sip:a@x -1'],
    ['<sip:a@x;ob;expires=1>;expires=2', 'sip:a@x;ob;expires=1 2'],
    ['sip:a@x', 'sip:a@x -1'],
    ['sip:a@x;expires=60', 'sip:a@x 60'],
    ['sip:a@x ; q=1 ;\r\n EXPIRES = 60 ;x', 'sip:a@x 60'],
    ['Alice B <sip:a@x>;q=0.1;expires="7"', 'sip:a@x 3600'],
    ['"A, <sip:wrong> \\"; expires=1" <sip:a@x>;expires=7', 'sip:a@x 7'],
    ['<sip:a@x>;+sip.instance="<urn:uuid:1>;expires=1,";expires=7', 'sip:a@x 7'],
    ['<sip:a@x>;expires=7;expires=8', 'sip:a@x 7'],
    ['<sip:a@x>;expires=4294967295', 'sip:a@x 2147483647'],
    ['<sip:a@x>;expires=99999999999999999999', 'sip:a@x 2147483647'],
    ['<sip:a@x>;expires=0', 'sip:a@x 0'],
    ['<sip:a@x>;expires=', 'sip:a@x 3600'],
    ['<sip:a@x>;expires', 'sip:a@x -1'],
    ['<sip:a@x>;expiresx=1;xexpires=1;expire=1', 'sip:a@x -1'],
    ['<sip:a@x>;expires=1x', 'sip:a@x 3600'],
    ['<sip:a@x>;expires=-1', 'sip:a@x 3600'],
    ['*', '* -1'],
    ['*;expires=0', '* 0'],
    ['<sip:a@x', 'sip:a@x -1'],
    ['< \r\n sip:a@x\t>;expires=1', 'sip:a@x 1'],
    ['< sip:a@x;expires=9 >;expires=1', 'sip:a@x;expires=9 1'],
  ];
  for (const [value, expected] of values) {
    assert.deepEqual(contacts(`Contact: ${value}\r\n`), [expected], value);
    assert.deepEqual(contacts(`s: x\r\nm:\t${value}\nx: y\n`), [expected], value);
    assert.deepEqual(contacts(`m: <sip:first>\r\ncontact : ${value}\r\n`), ['sip:first -1', expected], value);
  }
});

test('what has no URI is passed over', () => {
  const values = ['<>', '< >;expires=1', ';expires=5', '*a', 'alice', '<alice>', '"sip:a@x"', '"a" sip:b@x'];
  for (const value of values) {
    assert.deepEqual(contacts(`Contact: ${value}\r\n`), [], value);
    assert.deepEqual(contacts(`m: ${value}, sip:b\r\n`), ['sip:b -1'], value);
  }
  for (const value of ['"open <sip:a@x>;expires=1', '"', '"\\']) {
    assert.deepEqual(contacts(`m: sip:a, ${value}\r\nm: sip:b\r\n`), ['sip:a -1', 'sip:b -1'], value);
  }
});

test('values come in order, over lists and fields of either name', () => {
  assert.deepEqual(contacts('m: <sip:a>, sip:b;expires=1,,<sip:c,d>;q=1,\r\n'), [
    'sip:a -1',
    'sip:b 1',
    'sip:c,d -1',
  ]);
  assert.deepEqual(
    contacts('Contact: <sip:a>\r\nVia: x, y\r\nCONTACT\t:\r\n <sip:b>,\r\n\t<sip:c>\r\nM:sip:d\r\n'),
    ['sip:a -1', 'sip:b -1', 'sip:c -1', 'sip:d -1'],
  );
  assert.deepEqual(contacts('m:\r\nm: ,\r\nm: sip:a\r\nm:\r\nm: sip:b\r\n'), ['sip:a -1', 'sip:b -1']);
});

test('fields of other names are none', () => {
  const others =
    'Contacts: <sip:w>\nContac: <sip:w>\nmm: <sip:w>\nm <sip:w>\nContent: <sip:w>\n m: <sip:w>\n';
  assert.deepEqual(contacts(`m: <sip:a>\r\n${others}`), ['sip:a -1']);
});

test('what was read before is forgotten', () => {
  assert.deepEqual(contacts('m: *;expires=5\r\n'), ['* 5']);
  assert.deepEqual(contacts('m: <sip:a>\r\n'), ['sip:a -1']);
  assert.deepEqual(contacts(''), []);
});
