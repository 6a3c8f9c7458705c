// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messages } from '../../test/sip-cases/legal-message.ts';
import { outcomeOf } from '../../test/sip-cases/sip-case.ts';

const surroundings = fc.uint8Array({ maxLength: 40 });

test('a message written in any legal way is read as what it says, whatever stands around it', () => {
  fc.assert(
    fc.property(messages, surroundings, surroundings, ({ text, expected }, before, behind) => {
      const bytes = new TextEncoder().encode(text);
      const buffer = new Uint8Array([...before, ...bytes, ...behind]);
      assert.deepEqual(outcomeOf(buffer, before.length, bytes.length), expected);
    }),
    { numRuns: 2000 },
  );
});

test('any bytes have the same outcome twice and whatever stands around them', () => {
  const piece = fc.constantFrom(
    'SIP/2.0',
    ' ',
    '\r\n',
    '\n',
    ':',
    ';',
    ',',
    '"',
    '<',
    '>',
    '\\',
    'INVITE',
    'Via',
    'f',
    '200',
    '\0',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.array(piece, { maxLength: 60 }).map((pieces) => new TextEncoder().encode(pieces.join(''))),
    fc.tuple(messages, fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([{ text }, place, inserted]) => {
      const whole = new TextEncoder().encode(text);
      whole.set(inserted.subarray(0, whole.length), place % (whole.length - Math.min(7, whole.length - 1)));
      return whole;
    }),
  );
  fc.assert(
    fc.property(bytes, surroundings, surroundings, (middle, before, behind) => {
      const buffer = new Uint8Array([...before, ...middle, ...behind]);
      const first = outcomeOf(middle);
      assert.deepEqual(outcomeOf(buffer, before.length, middle.length), first);
      assert.deepEqual(outcomeOf(middle), first);
    }),
    { numRuns: 3000 },
  );
});
