// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ParserLimits } from '../../src/sip/parser-limits.ts';
import { hostileMessages } from '../sip-cases/hostile-messages.ts';
import { readSipCases } from '../sip-cases/sip-case.ts';
import { countReads } from '../sip-cases/watched-bytes.ts';

// What the parser reads, counted byte by byte: a statement about time that no other load on the machine can change.

const encoder = new TextEncoder();
const maxLength = 65_535;
/** Of the messages made of a start and a pattern: there are thousands. */
const patternLength = 4096;
/** More reads for a byte than this, and the time would not be linear. */
const readsPerByte = 10;
/** No limit but the length, so that nothing ends the work early. */
const noLimits: ParserLimits = {
  maxMessageBytes: maxLength,
  maxHeaderBytes: maxLength,
  maxHeaders: maxLength,
  maxVias: maxLength,
};

const patterns = [
  ...'\\",|\\" ,|",|"a,|"\\",|\\";|\\"<|\\" '.split('|'),
  ...':;,"\\<>=/ @0aA\t\r\0%',
  ...'\n |\r\n |\r\n|\n|\\"|";|";"|" |; |, |/ | /|c |v |;tag|;tag |;tag=|;branch|;branch=|SIP/| SIP/2.0'.split(
    '|',
  ),
  ...'v:x,|v:x\n|f:\n|To:\n|Via: SIP/2.0/UDP x,\n|CSeq: 1\n|l:1\r\n|a\n'.split('|'),
  ...'m:\n|m:x\n|Contact: <sip:x>\n|<x>,|<,|x,|*,|"x"<x>;expires=1,|;expires|;expires=|;expires=x|m:x\n \n'.split(
    '|',
  ),
  ...'Reason: SIP\n|Expires: x\n|x:1\n|RSeq\n|SIP;cause=1,|;cause|;cause=|Q.850;|stale=|stale=true,|"stale" '.split(
    '|',
  ),
  ...'WWW-Authenticate: stale\n|Proxy-Authenticate:"\n|expi|Session-Expires: 1\n|www-\n|\n\t|%41|@:'.split(
    '|',
  ),
];
const fields =
  'v|X|X: |From|From: |From: "|To: <|To: sip:|To: tel:|To: "|Call-ID:|CSeq: |CSeq: 1 |Content-Length: |Via:|' +
  'Via: SIP/2.0/UDP |Via: SIP/2.0/UDP x|m|m:|m: "|m: <|m: x;|m: x;expires=|Contact: x,|Reason: |Reason: SIP;|' +
  'Reason: SIP;text="|Reason: SIP;cause=|Expires: |Session-Expires: 1|RSeq: |WWW-Authenticate: Digest "|' +
  'Proxy-Authenticate: Digest |WWW-Authenticate: Digest stale=|Expires|Reaso';
const prefixes = [
  ...'|INVITE |INVITE sip:x |SIP/2.0|SIP/2.0 200 |SIP/2.0 200 OK\r\n'.split('|'),
  ...fields.split('|').map((field) => `SIP/2.0 200 OK\r\n${field}`),
];
/** What makes a message of it, so that `ContactList` is run too. */
const required = 'v:SIP/2.0/UDP h\r\nf:<a:b>\r\nt:<c:d>\r\ni:id\r\nCSeq:1 BYE\r\n';
const contacts = 'm: <sip:a>\r\n|m|m:|m: "|m: <|m: x;|m: x;expires=|Contact: x,|m:\r\nm:'.split('|');

function assertFewReads(name: string, bytes: Uint8Array): void {
  const reads = countReads(bytes, 0, bytes.length, noLimits);
  for (const [reader, count] of Object.entries(reads))
    assert.ok(count <= readsPerByte * bytes.length, `${reader}, ${JSON.stringify(name)}: ${count} reads`);
}

function assertLinear(start: string): void {
  const tail = '\r\n\r\n';
  for (const pattern of patterns) {
    const count = Math.floor((patternLength - start.length - tail.length) / pattern.length);
    assertFewReads(pattern, encoder.encode(start + pattern.repeat(count) + tail));
  }
}

suite('What the SIP parser reads', () => {
  for (const prefix of prefixes)
    test(`${JSON.stringify(prefix)} and anything many times: a few reads a byte`, () => assertLinear(prefix));
  for (const contact of contacts)
    test(`a message, ${JSON.stringify(contact)} and anything many times: a few reads a byte`, () =>
      assertLinear(`SIP/2.0 200 OK\r\n${required}${contact}`));

  test('64 KiB made to take long: a few reads a byte', () => {
    for (const { name, bytes } of hostileMessages(maxLength)) assertFewReads(name, bytes);
  });

  test('nothing outside the datagram, wherever it is cut', () => {
    for (const { bytes, limits } of readSipCases()) {
      const buffer = new Uint8Array(bytes.length + 8);
      buffer.set(bytes, 4);
      const step = bytes.length > 2000 ? 97 : 1;
      for (let length = 0; length <= bytes.length; length += step) countReads(buffer, 4, length, limits);
    }
  });
});
