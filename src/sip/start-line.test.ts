// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipMessage } from './message.ts';
import { Method } from './method.ts';
import { ParseResult } from './parse-result.ts';
import { parseStartLine } from './start-line.ts';

const message = new SipMessage();

function parse(line: string, behind = '\r\nVia: x'): ParseResult {
  const bytes = new TextEncoder().encode(line + behind);
  message.clear(bytes, new DataView(bytes.buffer));
  return parseStartLine(bytes, new DataView(bytes.buffer), 0, bytes.length, message);
}

function requestUri(): string {
  const { bytes, requestUriOffset, requestUriLength } = message;
  return new TextDecoder().decode(bytes.subarray(requestUriOffset, requestUriOffset + requestUriLength));
}

test('a Request-Line gives method and Request-URI', () => {
  assert.equal(parse('OPTIONS sip:[::1]:5060;lr SIP/2.0'), ParseResult.message);
  assert.ok(message.isRequest);
  assert.equal(message.method, Method.options);
  assert.equal(message.statusCode, 0);
  assert.equal(requestUri(), 'sip:[::1]:5060;lr');
  assert.equal(message.headersOffset, 'OPTIONS sip:[::1]:5060;lr SIP/2.0\r\n'.length);
});

test('a Status-Line gives every code from 100 to 699 and no other', () => {
  for (let code = 0; code <= 999; code++) {
    const isValid = code >= 100 && code <= 699;
    const result = parse(`SIP/2.0 ${String(code).padStart(3, '0')} Reason`);
    assert.equal(result, isValid ? ParseResult.message : ParseResult.badStatusLine);
    assert.equal(message.statusCode, isValid ? code : 0);
    assert.ok(!message.isRequest);
  }
});

test('the line may end with LF, white space or the datagram', () => {
  for (const behind of ['\nVia: x', ' \r\n', '\t\n', '']) {
    assert.equal(parse('BYE sip:x SIP/2.0', behind), ParseResult.message);
    assert.equal(requestUri(), 'sip:x');
    assert.equal(parse('SIP/2.0 200', behind), ParseResult.message);
    assert.equal(message.statusCode, 200);
  }
});

test('what is wrong is told by its result', () => {
  const { notSip, unsupportedVersion, badRequestLine, badStatusLine } = ParseResult;
  const lines: [string, ParseResult][] = [
    ['', notSip],
    ['SIP', notSip],
    ['SIP/', unsupportedVersion],
    ['SIP/2.0', badStatusLine],
    ['SIP/2.0\t200 OK', badStatusLine],
    ['SIP/2.0 2x0 OK', badStatusLine],
    ['SIP/2.0 200x', badStatusLine],
    ['SIP/2.00 200', unsupportedVersion],
    ['SIPS/2.0 200', notSip],
    ['INVITE', notSip],
    ['INVITE sip:x', notSip],
    ['INVITE sip:x SIP', notSip],
    ['INVITE sip:x SIP/1.0', unsupportedVersion],
    ['INVITE sip:x SIP/2.0x', unsupportedVersion],
    ['INVITE\tsip:x SIP/2.0', notSip],
    ['INVITE sip:x SIP/2.0 x', notSip],
    ['INVITE SIP/2.0', badRequestLine],
    ['INVITE  SIP/2.0', badRequestLine],
    [' sip:x SIP/2.0', badRequestLine],
    ['"INVITE" sip:x SIP/2.0', notSip],
  ];
  for (const [line, result] of lines) assert.equal(parse(line), result, JSON.stringify(line));
});
