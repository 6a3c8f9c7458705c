// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, resultName } from '../../test/sdp-bodies/described.ts';
import { invite } from '../../test/sdp-bodies/sip-message.ts';
import { BodyPart, findSessionDescription } from './body-parts.ts';
import { readSessionDescription } from './read-session-description.ts';
import { defaultSdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import { SessionDescription } from './session-description.ts';

const part = new BodyPart();

/** The text that is found, or the name of the result in brackets. */
function find(fields: readonly string[], body: string, maxParts = 16): string {
  const message = invite(fields, body);
  const result = findSessionDescription(message, { ...defaultSdpLimits, maxParts }, part);
  if (result !== SdpResult.description) {
    assert.equal(part.length, 0);
    return `(${resultName(result)})`;
  }
  assert.ok(part.offset >= message.bodyOffset);
  assert.ok(part.offset + part.length <= message.bodyOffset + message.bodyLength);
  return new TextDecoder().decode(message.bytes.subarray(part.offset, part.offset + part.length));
}

const sdp = 'v=0\r\nm=audio 1 RTP/AVP 0\r\n';
const mixed = ['Content-Type: multipart/mixed;boundary=b1'];
/** A part: its fields, an empty line and a body. */
const partText = (body: string, ...fields: string[]) => [...fields, '', body].join('\r\n');
const sdpPart = partText(sdp, 'Content-Type: application/sdp');
const pidfPart = partText('<presence/>', 'Content-Type: application/pidf+xml');
/** A multipart body with these parts. */
const multipart = (parts: readonly string[], boundary = 'b1') =>
  `${parts.map((text) => `--${boundary}\r\n${text}\r\n`).join('')}--${boundary}--\r\n`;

test('a body is SDP when its Content-Type says so, in any way to write it', () => {
  for (const field of [
    'Content-Type: application/sdp',
    'c: application/sdp',
    'C:APPLICATION/SDP',
    'content-type : Application/Sdp;charset=utf-8',
    'Content-Type: application / sdp ; x="y"',
    'Content-Type:\r\n application/sdp',
  ])
    assert.equal(find([field], sdp), sdp, field);
  for (const field of [
    'X: y',
    'Content-Type: application/sdpx',
    'Content-Type: application/sd',
    'Content-Type: applications/sdp',
    'Content-Type: application',
    'Content-Type: application/',
    'Content-Type: application-sdp',
    'Content-Type: text/plain; application/sdp',
    'Content-Type: message/sipfrag',
    'Content-Type: multi/mixed;boundary=b1',
    'Content-Type:',
  ])
    assert.equal(find([field], sdp), '(none)', field);
  assert.equal(find(['Content-Type: application/sdp'], ''), '(none)');
});

test('a part that is SDP is found, wherever it stands', () => {
  for (const kind of ['mixed', 'alternative', 'related', 'x-any', 'MIXED']) {
    const fields = [`Content-Type: multipart/${kind};boundary=b1`];
    assert.equal(find(fields, multipart([sdpPart])), sdp);
    assert.equal(find(fields, multipart([pidfPart, sdpPart])), sdp);
    assert.equal(find(fields, multipart([sdpPart, pidfPart])), sdp);
    assert.equal(find(fields, multipart([pidfPart, pidfPart])), '(none)');
  }
  const other = partText('v=0\r\n', 'Content-Type: application/sdp');
  assert.equal(find(mixed, multipart([sdpPart, other])), sdp, 'of two the first');
});

test('the boundary may be quoted and stand anywhere among the parameters', () => {
  for (const parameters of [
    ';boundary=b1',
    ';boundary="b1"',
    '; type="application/sdp"; BOUNDARY = b1 ;x=y',
    ';x="a;boundary=no\\"";boundary="b1"',
    ';boundary=b1;boundary=b2',
    '\r\n ;boundary=b1',
  ])
    assert.equal(
      find([`Content-Type: multipart/mixed${parameters}`], multipart([pidfPart, sdpPart])),
      sdp,
      parameters,
    );
  const odd = "a'()+_,-./:=? z";
  assert.equal(find([`Content-Type: multipart/mixed;boundary="${odd}"`], multipart([sdpPart], odd)), sdp);
  const longest = 'x'.repeat(70);
  assert.equal(
    find([`Content-Type: multipart/mixed;boundary=${longest}`], multipart([sdpPart], longest)),
    sdp,
  );
});

test('a boundary that is none, or that never comes', () => {
  for (const parameters of [
    '',
    ';',
    ';boundary',
    ';boundary=',
    ';boundary=""',
    ';boundaryx=b1',
    ';boundary=b2',
    ';boundary="b1',
    ';boundary=B1',
    `;boundary=${'x'.repeat(71)}`,
    ';x="boundary=b1"',
  ]) {
    const found = find([`Content-Type: multipart/mixed${parameters}`], multipart([sdpPart]));
    assert.equal(found, parameters === ';boundary="b1' ? sdp : '(badMultipart)', parameters);
  }
  const tooLong = 'x'.repeat(71);
  const field = `Content-Type: multipart/mixed;boundary=${tooLong}`;
  assert.equal(find([field], multipart([sdpPart], tooLong)), '(badMultipart)');
  assert.equal(find(mixed, sdp), '(badMultipart)');
  assert.equal(find(mixed, '--b1--\r\n'), '(none)');
});

test('preamble, epilogue, white space behind boundaries, LF alone, no close', () => {
  const body = multipart([pidfPart, sdpPart]);
  for (const text of [
    `This is a message with parts.\r\n\r\n--b1x\r\n--b\r\n-- b1\r\n${body}`,
    `${body}epilogue\r\n--b1\r\n`,
    body.replaceAll('--b1\r\n', '--b1 \t\r\n'),
    body.replace('--b1--\r\n', '--b1--'),
    body.replace('--b1--\r\n', ''),
    `\r\n${body}`,
  ])
    assert.equal(find(mixed, text).trimEnd(), sdp.trimEnd(), text);
  assert.equal(find(mixed, body.replaceAll('\r\n', '\n')), sdp.replaceAll('\r\n', '\n'));
  assert.equal(find(mixed, `--b1--\r\n${body}`), '(none)', 'closed before it begins');
});

test('the line end before a delimiter is its own, and boundaries within lines are none', () => {
  const text = 'v=0\r\ns=--b1\r\ni= --b1\r\na=x\r\n--b1x';
  assert.equal(find(mixed, multipart([partText(text, 'Content-Type: application/sdp')])), text);
});

test('fields of a part: any case, folded, any order, others between; without Content-Type it is text', () => {
  for (const fields of [
    ['content-type:application/sdp'],
    ['CONTENT-TYPE : application/sdp;charset=x', 'Content-Disposition: session;handling=optional'],
    ['Content-Disposition: SESSION', 'Content-ID: <x>', 'Content-Type:\r\n application/sdp'],
    ['Content-Typ: x', 'Content-Type: text/plain', 'Content-Type: application/sdp'],
  ])
    assert.equal(find(mixed, multipart([partText(sdp, ...fields)])), sdp, fields.join());
  for (const fields of [
    [],
    ['Content-ID: <x>'],
    ['Content-Type: application/sdp', 'Content-Disposition: early-session'],
    ['Content-Disposition: icon', 'Content-Type: application/sdp'],
    ['Content-Type application/sdp'],
  ])
    assert.equal(find(mixed, multipart([partText(sdp, ...fields)])), '(none)', fields.join());
  for (const text of [
    '',
    '\r\n',
    'Content-Type: application/sdp',
    'Content-Type: application/sdp\r\n',
    'Content-Type: application/sdp\r\n\r\n',
  ])
    assert.equal(find(mixed, multipart([text])), '(none)', JSON.stringify(text));
});

test('parts within a part; deeper ones are beyond', () => {
  const nested = (text: string, boundary: string) =>
    partText(text, `Content-Type: multipart/alternative;boundary=${boundary}`);
  const inner = multipart([pidfPart, sdpPart], 'b2');
  assert.equal(find(mixed, multipart([pidfPart, nested(inner, 'b2')])), sdp);
  assert.equal(find(mixed, multipart([nested(inner, 'b9'), sdpPart])), sdp, 'one that is bad is passed over');
  assert.equal(find(mixed, multipart([nested(inner, 'b9'), pidfPart])), '(badMultipart)');
  assert.equal(find(mixed, multipart([nested(multipart([pidfPart], 'b2'), 'b2'), sdpPart])), sdp);
  // The outer boundary is the beginning of the inner one.
  assert.equal(find(mixed, multipart([nested(multipart([sdpPart], 'b11'), 'b11')])), sdp);
  const deep = multipart([nested(multipart([nested(multipart([sdpPart], 'b3'), 'b3')], 'b2'), 'b2')]);
  assert.equal(find(mixed, deep), '(tooManyParts)');
});

test('no more parts are looked at than the limit says', () => {
  const body = multipart([pidfPart, pidfPart, sdpPart]);
  assert.equal(find(mixed, body, 3), sdp);
  assert.equal(find(mixed, body, 2), '(tooManyParts)');
  const nested = partText(multipart([pidfPart, sdpPart], 'b2'), 'Content-Type: multipart/mixed;boundary=b2');
  assert.equal(find(mixed, multipart([nested]), 3), sdp);
  assert.equal(find(mixed, multipart([nested]), 2), '(tooManyParts)');
});

test('readSessionDescription: what is found is read, and what is not leaves nothing', () => {
  const description = new SessionDescription(2);
  const read = (fields: readonly string[], body: string) =>
    readSessionDescription(invite(fields, body), { ...defaultSdpLimits, maxBytes: 1000 }, description);
  const expected = ['audio nowhere 1 sendrecv 0:pcmu/8000'];
  assert.equal(read(['c: application/sdp'], sdp), SdpResult.description);
  assert.deepEqual(describe(description), expected);
  assert.equal(read(mixed, multipart([pidfPart, sdpPart])), SdpResult.description);
  assert.deepEqual(describe(description), expected);
  for (const [fields, body, result] of [
    [[], sdp, SdpResult.none],
    [mixed, sdp, SdpResult.badMultipart],
    [['c: application/sdp'], `x${sdp}`, SdpResult.notSdp],
    [['c: application/sdp'], sdp + 'x'.repeat(1000), SdpResult.tooLong],
  ] as const) {
    assert.equal(read(fields, body), result);
    assert.equal(description.mediaCount, 0);
    read(mixed, multipart([pidfPart, sdpPart]));
  }
});
