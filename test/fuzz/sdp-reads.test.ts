// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { BodyPart, findSessionDescription } from '../../src/sdp/body-parts.ts';
import { parseSessionDescription } from '../../src/sdp/parse-session-description.ts';
import type { SdpLimits } from '../../src/sdp/sdp-limits.ts';
import { SdpResult } from '../../src/sdp/sdp-result.ts';
import { SessionDescription } from '../../src/sdp/session-description.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { sdpBodies, sdpBytes } from '../sdp-bodies/bodies.ts';
import { multipartBodies } from '../sdp-bodies/multipart-bodies.ts';
import { watchReads } from '../sip-cases/watched-bytes.ts';

// What is read of a body, counted byte by byte: a statement about time that no other load on the machine can change.

const encoder = new TextEncoder();
const patternLength = 4096;
/** More reads for a byte than this, and the time would not be linear. */
const readsPerByte = 10;
/** No limit but the length, so that nothing ends the work early. */
const noLimits: SdpLimits = { maxMedia: 16, maxBytes: 65_535, maxParts: 65_535 };
const description = new SessionDescription(16);
const message = new SipMessage();
const part = new BodyPart();

/** Reads `length` bytes from `offset` as a description; fails when a byte outside is read. Returns how many reads. */
function countReads(bytes: Uint8Array, offset: number, length: number): number {
  const { watchedBytes, view, take } = watchReads(bytes, offset, length);
  parseSessionDescription(watchedBytes, view, offset, length, noLimits, description);
  return take();
}

/** Looks for a description in a value of Content-Type with a body behind it. */
function countPartReads(type: string, body: string | Uint8Array, length = body.length): number {
  const typeBytes = encoder.encode(`x${type}`);
  const bodyBytes = typeof body === 'string' ? encoder.encode(body) : body;
  const bytes = new Uint8Array(typeBytes.length + bodyBytes.length + 1);
  bytes.set(typeBytes);
  bytes.set(bodyBytes, typeBytes.length);
  const { watchedBytes, view, take } = watchReads(bytes, 1, typeBytes.length - 1 + length);
  message.clear(watchedBytes, view);
  message.contentTypeOffset = 1;
  message.contentTypeLength = typeBytes.length - 1;
  message.bodyOffset = typeBytes.length;
  message.bodyLength = length;
  const found = findSessionDescription(message, noLimits, part);
  assert.ok(found !== SdpResult.description || part.offset + part.length <= typeBytes.length + length);
  return take();
}

const patterns = [
  ...' |\n|\r\n|\r|a|=|a=|m=|c=|o=|v=|v=0\n|0|9|:|.|/|-|x:|1.|1:|::|IN |\t|\0|ÿ'.split('|'),
  ...'m=audio 1 RTP/AVP 0\n|m=audio 1 RTP/AVP 0 96\na=rtpmap:96 opus/48000\n|c=IN IP4 1.2.3.4\n|c=IN IP6 ::1\n'.split(
    '|',
  ),
  ...'a=rtpmap:0 x\n|a=rtpmap:0 telephone-event/8000\n|a=candidate:1 1 UDP 1 1.2.3.4 5\n|a=rtcp:1 IN IP4 1.1.1.1\n'.split(
    '|',
  ),
  ...'a=sendrecv\n|a=send\n|a=rtcp\n|a=rtcp-mux\n|a=ptime:20\n|a=crypto:\n|a=fing\n|o=a 1 1 IN IP4 x\n|96 |UDP |RTP/|1 1 1 '.split(
    '|',
  ),
  ...'a=mid:1\n|a=mid:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n|a=group:BUNDLE 1\n|m=audio 1 RTP/AVP 0\na=mid:1\n'.split(
    '|',
  ),
  ...'a=fmtp:96 mode-set=7\n|a=fmtp:96 0/0\n|mode-set=|mode-set=1,|maxplaybackrate|;|; |;mode=|,|1, |mode'.split(
    '|',
  ),
];
const prefixes = [
  ...'|v=|v=0|v=0\n|v=0\na=|v=0\nm=|v=0\nc=|v=0\nc=IN IP4 |v=0\nc=IN IP6 1:|v=0\no=|v=0\nm=audio |v=0\nm=audio 1/'.split(
    '|',
  ),
  ...'v=0\nm=audio 1 RTP/AVP |v=0\nm=audio 1 RTP/AVP 0\n|v=0\nm=audio 1 |v=0\nm=audio 1 UDP/TLS/'.split('|'),
  `v=0\na=group:BUNDLE ${'1 '.repeat(20)}`,
  `v=0\na=group:BUNDLE ${'1 '.repeat(40)}\nm=audio 1 RTP/AVP 0\n`,
  ...'rtpmap:0 |rtpmap:0 x/|rtpmap:|candidate:|candidate:1 1 UDP 1 |rtcp:1 IN IP4 |ptime:|sendrecv'
    .split('|')
    .map((attribute) => `v=0\nm=audio 1 RTP/AVP 0\na=${attribute}`),
  ...'AMR/8000|opus/48000|iLBC/8000|red/8000'
    .split('|')
    .map((encoding) => `v=0\nm=audio 1 RTP/AVP 96\na=rtpmap:96 ${encoding}\na=fmtp:96 `),
];
const partPatterns = [
  ...'\n|\r\n|-|--|--b|--b\n|--b--|\n--b\n|\n--b\r\n\r\n|-- b\n|--bx\n|x|:|x: y\n| \n|x\n |\t'.split('|'),
  ...'--b\nContent-Type: application/sdp\n|Content-Type: application/sdp\n\n|Content-Disposition: session\n'.split(
    '|',
  ),
  ...'--b\nContent-Type: multipart/mixed;boundary=c\n\n--c\n|--b\nContent-Type: multipart/mixed;boundary=c\n\n'.split(
    '|',
  ),
  ...'Content-Type: multipart/mixed;boundary=b\n|Content-Type: multipart/mixed;"|--b\nContent-Type: multipart/mixed;;;\n\n'.split(
    '|',
  ),
];
const types = [
  ...'multipart/mixed;boundary=b|multipart/mixed;boundary="b"|multipart/mixed'.split('|'),
  `multipart/mixed;boundary=${'-'.repeat(70)}`,
  `multipart/mixed;boundary=${'-b\n'.repeat(20)}`,
];

suite('What is read of a body', () => {
  for (const prefix of prefixes)
    test(`${JSON.stringify(prefix)} and anything many times: a few reads a byte`, () => {
      for (const pattern of patterns) {
        const bytes = encoder.encode(prefix + pattern.repeat(patternLength / pattern.length));
        const reads = countReads(bytes, 0, bytes.length);
        assert.ok(reads <= readsPerByte * bytes.length, `${JSON.stringify(pattern)}: ${reads} reads`);
      }
    });

  for (const type of types)
    test(`${JSON.stringify(type)} and a body of anything many times: a few reads a byte`, () => {
      for (const before of [
        '',
        '--b\n',
        '--b\nContent-Type: application/pdf\n',
        '--b\nContent-Type: multipart/x;boundary=c\n\n',
      ])
        for (const pattern of partPatterns) {
          const body = before + pattern.repeat(patternLength / pattern.length);
          const reads = countPartReads(type, body);
          assert.ok(
            reads <= readsPerByte * (body.length + type.length),
            `${JSON.stringify(pattern)}: ${reads} reads`,
          );
        }
    });

  test('a Content-Type of anything many times: a few reads a byte', () => {
    for (const before of ['', 'multipart/', 'multipart/mixed', 'multipart/mixed;boundary="', 'application/'])
      for (const pattern of [
        ';',
        '"',
        '\\"',
        '; ',
        ';b',
        ';boundary',
        ';boundary=',
        ';boundary="',
        ' ',
        '/',
        'a',
        '\n ',
      ])
        for (const end of ['', ';boundary=b']) {
          const type = before + pattern.repeat(patternLength / pattern.length) + end;
          const reads = countPartReads(type, '--b\n\n');
          assert.ok(
            reads <= readsPerByte * type.length,
            `${JSON.stringify(before + pattern)}: ${reads} reads`,
          );
        }
  });

  test('nothing outside a description, wherever it is cut', () => {
    for (const { lines } of sdpBodies) {
      const bytes = sdpBytes(['', '', ...lines, '', '']);
      for (let length = 0; length <= bytes.length - 8; length++) countReads(bytes, 4, length);
    }
  });

  test('nothing outside a message, wherever its body is cut', () => {
    for (const { fields, body } of multipartBodies) {
      const type = fields.at(-1)!.replace(/^.*?: /, '');
      const bytes = encoder.encode(body);
      for (let length = 0; length <= bytes.length; length++) countPartReads(type, bytes, length);
    }
  });
});
