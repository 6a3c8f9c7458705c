// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readSipCases } from '../sip-cases/sip-case.ts';
import { countReads } from '../sip-cases/watched-bytes.ts';

// What the parser reads, counted byte by byte: a statement about time that no other load on the machine can change.

const encoder = new TextEncoder();
const maxLength = 65_535;
/** More reads for a byte than this, and the time would not be linear. */
const readsPerByte = 6;

const patterns = [
  ...':;,"\\<>=/ @0aA\t\r\0',
  ...'\n |\r\n |\r\n|\n|\\"|";|";"|" |; |, |/ | /|c |v |;tag|;tag |;tag=|;branch|;branch=|SIP/| SIP/2.0'.split(
    '|',
  ),
  ...'v:x,|v:x\n|f:\n|To:\n|Via: SIP/2.0/UDP x,\n|CSeq: 1\n|l:1\r\n|a\n'.split('|'),
];
const fields =
  'v|X|X: |From|From: |From: "|To: <|Call-ID:|CSeq: |CSeq: 1 |Content-Length: |Via:|Via: SIP/2.0/UDP |Via: SIP/2.0/UDP x';
const prefixes = [
  ...'|INVITE |INVITE sip:x |SIP/2.0|SIP/2.0 200 |SIP/2.0 200 OK\r\n'.split('|'),
  ...fields.split('|').map((field) => `SIP/2.0 200 OK\r\n${field}`),
];

suite('What the SIP parser reads', () => {
  for (const prefix of prefixes) {
    test(`${JSON.stringify(prefix)} and 64 KiB of anything: a few reads a byte`, () => {
      for (const pattern of patterns) {
        const tail = '\r\n\r\n';
        const count = Math.floor((maxLength - prefix.length - tail.length) / pattern.length);
        const bytes = encoder.encode(prefix + pattern.repeat(count) + tail);
        const reads = countReads(bytes, 0, bytes.length);
        assert.ok(reads <= readsPerByte * bytes.length, `${JSON.stringify(pattern)}: ${reads} reads`);
      }
    });
  }

  test('nothing outside the datagram, wherever it is cut', () => {
    for (const { bytes } of readSipCases()) {
      const buffer = new Uint8Array(bytes.length + 8);
      buffer.set(bytes, 4);
      const step = bytes.length > 2000 ? 97 : 1;
      for (let length = 0; length <= bytes.length; length += step) countReads(buffer, 4, length);
    }
  });
});
