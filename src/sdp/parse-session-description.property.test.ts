// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describe, describeRated, resultName } from '../../test/sdp-bodies/described.ts';
import { legalDescriptions } from '../../test/sdp-bodies/legal-description.ts';
import { parseSessionDescription } from './parse-session-description.ts';
import { defaultSdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import { SessionDescription } from './session-description.ts';

const description = new SessionDescription(4);
const surroundings = fc.uint8Array({ maxLength: 40 });

function read(bytes: Uint8Array, offset: number, length: number): string[] {
  const view = new DataView(bytes.buffer);
  const result = parseSessionDescription(bytes, view, offset, length, defaultSdpLimits, description);
  return result === SdpResult.description ? describe(description) : [resultName(result)];
}

test('a description written in any legal way is read as what it says, whatever stands around it', () => {
  fc.assert(
    fc.property(
      legalDescriptions,
      surroundings,
      surroundings,
      ({ text, expected, rated }, before, behind) => {
        const bytes = new TextEncoder().encode(text);
        const buffer = new Uint8Array([...before, ...bytes, ...behind]);
        assert.deepEqual(read(buffer, before.length, bytes.length), expected);
        assert.deepEqual(describeRated(description), rated);
      },
    ),
    { numRuns: 3000 },
  );
});

test('any bytes have the same outcome twice, whatever stands around them', () => {
  const piece = fc.constantFrom(
    'v=0',
    '\r\n',
    '\n',
    'm=',
    'audio ',
    '9 ',
    'RTP/AVP ',
    '8 ',
    'c=IN IP4 ',
    '1.2.3.4',
    'a=',
    ':',
    'rtcp',
    'rtpmap:98 amr/8000',
    'fmtp:98 ',
    'mode-set=',
    ';',
    ',',
    '/',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => new TextEncoder().encode(`v=0\n${pieces.join('')}`)),
    fc
      .tuple(legalDescriptions, fc.nat(), fc.uint8Array({ maxLength: 6 }))
      .map(([{ text }, place, inserted]) => {
        const whole = new TextEncoder().encode(text);
        whole.set(inserted.subarray(0, whole.length), place % (whole.length - 5));
        return whole;
      }),
  );
  fc.assert(
    fc.property(bytes, surroundings, surroundings, (middle, before, behind) => {
      const buffer = new Uint8Array([...before, ...middle, ...behind]);
      const first = read(middle.slice(), 0, middle.length);
      assert.deepEqual(read(buffer, before.length, middle.length), first);
      assert.deepEqual(read(middle.slice(), 0, middle.length), first);
    }),
    { numRuns: 3000 },
  );
});
