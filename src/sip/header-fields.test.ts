// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABSENT, MALFORMED, parseHeaderFields } from './header-fields.ts';
import { SipMessage } from './message.ts';
import { Method } from './method.ts';
import { ParseResult } from './parse-result.ts';
import { defaultParserLimits } from './parser-limits.ts';

const message = new SipMessage();

/** Reads header fields of a response; returns where the body begins, or the negated result. */
function parse(text: string): number {
  const bytes = new TextEncoder().encode(text);
  message.clear(bytes, new DataView(bytes.buffer));
  return parseHeaderFields(bytes, new DataView(bytes.buffer), 0, bytes.length, defaultParserLimits, message);
}

test('the body begins behind the empty line', () => {
  const unterminated = -ParseResult.unterminatedHeaders;
  const bodies: [string, number][] = [
    ['\r\n', 2],
    ['\n', 1],
    ['a: b\r\n\r\nbody', 8],
    ['a: b\n\nbody', 6],
    ['a: b\r\n\n\r\n', 7],
    ['a:\n\n', 4],
    ['', unterminated],
    ['\r', unterminated],
    ['a: b', unterminated],
    ['a: b\r\n', unterminated],
    ['a: b\r\n\r', unterminated],
    ['a: b\r\n \r\n', unterminated],
    ['\r\r\n', unterminated],
  ];
  for (const [text, expected] of bodies) assert.equal(parse(text), expected, JSON.stringify(text));
});

test('a field is known by its whole name or its compact form, in any case', () => {
  const isRead = (line: string) => {
    parse(`${line}\r\n\r\n`);
    const { viaCount, hasFrom, hasTo, callIdLength, cseqNumber, contentLength } = message;
    return (
      viaCount > 0 ||
      hasFrom ||
      hasTo ||
      callIdLength > 0 ||
      cseqNumber !== ABSENT ||
      contentLength !== ABSENT
    );
  };
  for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Content-Length', 'v', 'f', 't', 'i', 'l']) {
    for (const text of [name, name.toLowerCase(), name.toUpperCase()]) {
      assert.ok(isRead(`${text}: 1 x`), text);
      assert.ok(isRead(`${text} \t :1 x`), text);
      assert.ok(!isRead(`${text}x: 1 x`), text);
      assert.ok(!isRead(`x${text}: 1 x`), text);
      assert.ok(!isRead(` ${text}: 1 x`), text);
      assert.ok(!isRead(`${text} 1 x`), text);
      if (text.length === 1) continue;
      for (let place = 0; place < text.length; place++) {
        const swapped = String.fromCharCode(text.charCodeAt(place) ^ 1);
        assert.ok(
          !isRead(`${text.slice(0, place)}${swapped}${text.slice(place + 1)}: 1 x`),
          `${text} ${swapped}`,
        );
        const cased = String.fromCharCode(text.charCodeAt(place) ^ 0x20);
        if (!/[a-z]/i.test(cased)) {
          assert.ok(
            !isRead(`${text.slice(0, place)}${cased}${text.slice(place + 1)}: 1 x`),
            `${text} ${place}`,
          );
        }
      }
    }
  }
  for (const name of ['c', 'C', 'm', 's', 'k', 'Contact', 'Content-Type', 'Call-Info'])
    assert.ok(!isRead(`${name}: 1 x`));
});

test('Content-Type is the whole value of the first that has one', () => {
  const contentType = (text: string) => {
    parse(text);
    const { bytes, contentTypeOffset, contentTypeLength } = message;
    return new TextDecoder().decode(bytes.subarray(contentTypeOffset, contentTypeOffset + contentTypeLength));
  };
  for (const name of ['Content-Type', 'content-type', 'CONTENT-TYPE', 'c', 'C']) {
    assert.equal(contentType(`${name}: a/b; c="d"\r\n\r\n`), 'a/b; c="d"', name);
    assert.equal(contentType(`${name} \t:\t a/b\n ;c \n\n`), 'a/b\n ;c', name);
    assert.equal(contentType(`${name}:\r\n${name}: x/y\r\n${name}: a/b\r\n\r\n`), 'x/y', name);
    for (const other of [`${name}x: a/b`, `x${name}: a/b`, `${name}: `, `${name} a/b`, ` ${name}: a/b`])
      assert.equal(contentType(`${other}\r\n\r\n`), '', other);
  }
  for (const name of ['Content-Tape', 'Content-Types', 'Content-Typ', 'Content_Type', 'Content-Length'])
    assert.equal(contentType(`${name}: 1\r\n\r\n`), '', name);
});

test('CSeq is a number below 2^31 and a method', () => {
  const numbers: [string, number][] = [
    ['0 BYE', 0],
    ['2147483647 BYE', 0x7fffffff],
    ['2147483648 BYE', MALFORMED],
    ['99999999999999999999 BYE', MALFORMED],
    ['00000000000000000007\t BYE', 7],
    ['1BYE', MALFORMED],
    ['1', MALFORMED],
    ['BYE', MALFORMED],
    ['1 BYE BYE', MALFORMED],
    ['+1 BYE', MALFORMED],
    ['', MALFORMED],
  ];
  for (const [value, expected] of numbers) {
    parse(`CSeq: ${value}\n\n`);
    assert.equal(message.cseqNumber, expected, value);
    if (expected !== MALFORMED) assert.equal(message.method, Method.bye, value);
  }
});

test('Content-Length is a number below 2^31 and nothing else', () => {
  const numbers: [string, number][] = [
    ['0', 0],
    ['007', 7],
    ['2147483647', 0x7fffffff],
    ['2147483648', MALFORMED],
    ['1 1', MALFORMED],
    ['1;x', MALFORMED],
    ['-1', MALFORMED],
    ['', MALFORMED],
  ];
  for (const [value, expected] of numbers) {
    parse(`Content-Length: ${value} \r\n\r\n`);
    assert.equal(message.contentLength, expected, value);
  }
});
