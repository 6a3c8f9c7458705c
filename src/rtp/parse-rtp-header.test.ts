// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRtpHeader, RtpResult, rtpResultNames } from './parse-rtp-header.ts';
import { RtpHeader } from './rtp-header.ts';

const fixed = [0x80, 0x80 | 8, 0xff, 0xfe, 0x80, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef];

function parse(bytes: readonly number[], capturedLength = bytes.length, header = new RtpHeader()): RtpResult {
  const view = new DataView(Uint8Array.of(9, 9, ...bytes.slice(0, capturedLength)).buffer);
  return parseRtpHeader(view, 2, Math.min(capturedLength, bytes.length), bytes.length, header);
}

function payloadOf(bytes: readonly number[], capturedLength = bytes.length): number {
  const header = new RtpHeader();
  assert.equal(parse(bytes, capturedLength, header), RtpResult.packet);
  return header.payloadBytes;
}

test('the fixed header', () => {
  const header = new RtpHeader();
  assert.equal(parse([...fixed, 1, 2, 3], 12, header), RtpResult.packet);
  assert.deepEqual(
    { ...header },
    {
      marker: true,
      payloadType: 8,
      sequenceNumber: 0xfffe,
      timestamp: -(2 ** 31) + 1,
      ssrc: 0xdeadbeef | 0,
      payloadBytes: 3,
    },
  );
});

test('contributing sources and extensions are no payload; one that was not captured is', () => {
  const sources = [0x82, ...fixed.slice(1), 0, 0, 0, 1, 0, 0, 0, 2];
  assert.equal(payloadOf([...sources, 7, 7]), 2);
  assert.equal(payloadOf(sources), 0);
  assert.equal(parse(sources.slice(0, -1)), RtpResult.badLength);
  const extended = [0x90, ...fixed.slice(1), 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 7];
  assert.equal(payloadOf(extended), 1);
  assert.equal(payloadOf(extended, 12), 5);
  assert.equal(parse(extended.slice(0, 18)), RtpResult.badLength);
});

test('padding is no payload where its count was captured and can be right', () => {
  const padded = [0xa0, ...fixed.slice(1), 5, 5, 0, 0, 3];
  assert.equal(payloadOf(padded), 2);
  assert.equal(payloadOf(padded, 14), 5);
  assert.equal(payloadOf([...padded.slice(0, -1), 6]), 5, 'the tag of SRTP');
  assert.equal(payloadOf([...padded.slice(0, -1), 0]), 5);
});

test('what shares the port is told by its first two bytes (RFC 7983, RFC 5761)', () => {
  const expected: [number, RtpResult][] = [
    [0, RtpResult.stun],
    [3, RtpResult.stun],
    [4, RtpResult.other],
    [16, RtpResult.zrtp],
    [19, RtpResult.zrtp],
    [20, RtpResult.dtls],
    [63, RtpResult.dtls],
    [64, RtpResult.turnChannel],
    [79, RtpResult.turnChannel],
    [80, RtpResult.other],
    [127, RtpResult.other],
    [128, RtpResult.packet],
    [192, RtpResult.other],
    [255, RtpResult.other],
  ];
  for (const [first, result] of expected) assert.equal(parse([first, ...fixed.slice(1)]), result, `${first}`);
  for (let second = 0; second < 256; second++) {
    const isRtcp = second >= 192 && second <= 223;
    assert.equal(parse([0x80, second, ...fixed.slice(2)]), isRtcp ? RtpResult.rtcp : RtpResult.packet);
  }
  assert.equal(parse([0x80, 200]), RtpResult.rtcp);
});

test('too short, at every length', () => {
  for (let length = 0; length < 12; length++) {
    assert.equal(parse(fixed.slice(0, length)), RtpResult.tooShort, `${length}`);
    assert.equal(parse([...fixed, 1, 2, 3], length), RtpResult.tooShort, `${length} captured`);
  }
});

test('any bytes: a known result, nothing read beyond what was captured, payload within the packet', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(255), { maxLength: 100 }),
      fc.nat(100),
      fc.nat(2000),
      (bytes, captured, wire) => {
        const length = Math.min(captured, bytes.length);
        const view = new DataView(Uint8Array.from(bytes.slice(0, length)).buffer);
        const header = new RtpHeader();
        const result = parseRtpHeader(view, 0, length, wire, header);
        assert.ok(rtpResultNames[result] !== undefined);
        if (result !== RtpResult.packet) return;
        assert.ok(header.payloadBytes >= 0 && header.payloadBytes <= wire - 12);
      },
    ),
    { numRuns: 2000 },
  );
});
