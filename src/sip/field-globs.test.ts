// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compileFieldGlobs, FieldGlobs } from './field-globs.ts';

const encoder = new TextEncoder();

/** `NAME:PATTERN` each; what is found is its place, from 1 on. */
function match(patterns: readonly string[], field: string): number {
  const split = patterns.map((pattern, i) => {
    const at = pattern.indexOf(':');
    return { name: pattern.slice(0, at), text: pattern.slice(at + 1), value: i + 1 };
  });
  const bytes = encoder.encode(`:${field}:`);
  return new FieldGlobs(compileFieldGlobs(split)).match(bytes, 1, bytes.length - 1);
}

test('the whole value of a header field, in any case, whatever white space is around it', () => {
  const patterns = ['X-Carrier:north', 'P-Asserted-Identity:*@north.example*', 'X-Carrier:n*'];
  assert.equal(match(patterns, 'X-Carrier: north'), 1);
  assert.equal(match(patterns, 'x-CARRIER \t:\r\n NORTH  \r'), 1);
  assert.equal(match(patterns, 'X-Carrier:northern'), 3);
  assert.equal(match(patterns, 'P-Asserted-Identity: "A" <sip:+49@north.example;user=phone>'), 2);
  assert.equal(match(patterns, 'P-Asserted-Identity: <sip:+49@south.example>'), 0);
});

test('nothing where the name is another one, or there is no colon', () => {
  const patterns = ['X-Carrier:*', 'X:b'];
  assert.equal(match(patterns, 'X-Carriers: a'), 0);
  assert.equal(match(patterns, 'X-Carrie: a'), 0);
  assert.equal(match(patterns, 'X-Carrier'), 0);
  assert.equal(match(patterns, 'X-Carrier a: b'), 0);
  assert.equal(match(patterns, ' X-Carrier: a'), 0);
  assert.equal(match(patterns, ''), 0);
  assert.equal(match(patterns, 'X-Carrier:'), 1);
  assert.equal(match([], 'X-Carrier: a'), 0);
});

test('compact forms and long ones are the same field, whichever is configured', () => {
  for (const configured of ['From:*@a*', 'f:*@a*']) {
    for (const sent of ['From: <sip:1@a>', 'f:<sip:1@a>', 'F: <sip:1@A>'])
      assert.equal(match([configured], sent), 1);
    assert.equal(match([configured], 't: <sip:1@a>'), 0);
  }
  assert.equal(match(['Contact:*;tgrp=tg1;*'], 'm: <sip:+49;tgrp=tg1;trunk-context=x@gw>'), 1);
});

test('it agrees with reading the field as text, whatever the bytes', () => {
  const patterns = ['ab:x*', 'a:*y', 'ab:?', 't:x'];
  const expected = (field: string): number => {
    const [, name = '', value = ''] = /^([^:\s]*)[ \t]*:(.*)$/s.exec(field) ?? [];
    const trimmed = value.trim();
    const globs = [/^ab:x.*$/s, /^(?:a|accept-contact):.*y$/s, /^ab:.$/s, /^(?:t|to):x$/];
    return globs.findIndex((glob) => glob.test(`${name}:${trimmed}`.toLowerCase())) + 1;
  };
  const text = fc
    .array(fc.constantFrom('a', 'b', 'A', 'x', 'y', 't', 'o', ':', ' ', '\t', '\r\n ', 'ab:'), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (field) =>
      assert.equal(match(patterns, field), expected(field), JSON.stringify(field)),
    ),
    { numRuns: 3000 },
  );
});
