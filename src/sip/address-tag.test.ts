// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTag, tagLength } from './address-tag.ts';

/** The tag of a field's value, null when it has none. */
function tagOf(value: string): string | null {
  // The value may stand anywhere, with anything before and behind.
  const bytes = new TextEncoder().encode(`;tag=before ${value};tag=behind`);
  const end = bytes.length - ';tag=behind'.length;
  const tag = findTag(bytes, new DataView(bytes.buffer), 12, end);
  if (tag < 0) return null;
  return new TextDecoder().decode(
    bytes.subarray(
      tag,
      tag + tagLength(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), tag, end),
    ),
  );
}

test('the tag is a parameter of the field', () => {
  assert.equal(tagOf('<sip:a@b>;tag=t'), 't');
  assert.equal(tagOf('sip:a@b;tag=t'), 't');
  assert.equal(tagOf('"x" <sip:a@b;tag=w> ; x=y ; Tag\r\n =\tt ; z'), 't');
  assert.equal(tagOf('<sip:a@b>;tag=t;x="\\";tag=w\\\\";y=";tag=w"'), 't');
  assert.equal(tagOf('<sip:a@b>;tag='), '');
});

test('nothing else is', () => {
  for (const value of [
    '',
    ';tag=w',
    'sip:a@b',
    '<sip:a@b;tag=w>',
    '";tag=w" <sip:a@b>',
    '<sip:a@b>;tag',
    '<sip:a@b>;tags=w;xtag=w;ta=w;t',
    '<sip:a@b>;x=";tag=w"',
    '<sip:a@b>;x="\\";tag=w"',
    '<sip:a@b>;"',
    '"',
  ]) {
    assert.equal(tagOf(value), null, value);
  }
});
