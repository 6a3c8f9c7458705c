// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSipCases } from '../../test/sip-cases/sip-case.ts';
import { SipMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';
import { ParseResult } from './parse-result.ts';
import { defaultParserLimits } from './parser-limits.ts';

// What single messages give is in test/sip-cases.

test('nothing of one message is left in the next', () => {
  const reused = new SipMessage();
  const parse = (bytes: Uint8Array, message: SipMessage) =>
    parseMessage(bytes, new DataView(bytes.buffer), 0, bytes.length, defaultParserLimits, message);
  /** All that can be told from the message: an offset counts only where there is a length. */
  const told = (message: SipMessage) =>
    Object.entries(message).filter(([name]) => {
      const length = `${name.replace(/Offset$/, '')}Length`;
      return !name.endsWith('Offset') || message[length as 'methodLength'] > 0;
    });
  const datagrams = readSipCases().map(({ bytes }) => bytes);
  for (const bytes of [...datagrams, ...datagrams.toReversed()]) {
    const fresh = new SipMessage();
    assert.equal(parse(bytes, reused), parse(bytes, fresh));
    assert.deepEqual(told(reused), told(fresh));
  }
});

test('offsets are into the bytes given, with the body last', () => {
  const text = 'BYE sip:x SIP/2.0\r\nv:SIP/2.0/UDP h\r\nf:<a:b>\r\nt:<c:d>\r\ni:id\r\nCSeq:1 BYE\r\n\r\nbody';
  const bytes = new TextEncoder().encode(`####${text}####`);
  const message = new SipMessage();
  assert.equal(
    parseMessage(bytes, new DataView(bytes.buffer), 4, text.length, defaultParserLimits, message),
    ParseResult.message,
  );
  assert.equal(message.bytes, bytes);
  assert.equal(message.methodOffset, 4);
  assert.equal(message.callIdOffset, 4 + text.indexOf('id'));
  assert.equal(message.bodyOffset, 4 + text.indexOf('body'));
  assert.equal(message.bodyLength, 4);
  assert.equal(message.contentLength, -1);
});
