// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { JsonReader, JsonToken } from './json-reader.ts';

const names = Object.fromEntries(Object.entries(JsonToken).map(([name, token]) => [token, name]));

/** What a text is made of, up to its end or what is bad. */
function tokensOf(text: string): string[] {
  const bytes = new TextEncoder().encode(`{"x":${text}`);
  const reader = new JsonReader();
  const tokens: string[] = [];
  const start = 5;
  reader.open(bytes, start, bytes.length - start);
  for (;;) {
    const token = reader.next();
    const { keyOffset, keyLength } = reader;
    const key = new TextDecoder().decode(bytes.subarray(keyOffset, keyOffset + keyLength));
    tokens.push(
      `${key === '' ? '' : `${key} `}${token === JsonToken.number ? reader.number[0] : names[token]}`,
    );
    if (token === JsonToken.done || token === JsonToken.bad) return tokens;
  }
}

test('numbers with their keys, texts stepped over', () => {
  assert.deepEqual(
    tokensOf(
      ' {"a" : 1, "b":[-2.5,{"c":"4294967295"}],"d":"x","e":null,"f\\"":true,"g":{},"h":"\\\\"} behind',
    ),
    [
      ...['begin', 'a 1', 'b begin', '-2.5', 'begin', 'c 4294967295', 'end', 'end', 'd other', 'e other'],
      ...['f\\" other', 'g begin', 'end', 'h other', 'done'],
    ],
  );
  assert.deepEqual(tokensOf('[1e3,1.5E+2,25e-1,"","1x","-7",1e999]').slice(1, -1), [
    ...['1000', '150', '2.5', 'other', 'other', '-7', '100000000000000000000'],
  ]);
});

test('what is no object or array, not whole, closed by the wrong bracket or nested too deep is bad', () => {
  for (const text of [
    '',
    ' ',
    '1',
    '"a"',
    ']',
    '{',
    '{"a"',
    '{"a":',
    '{"a"1}',
    '{"a":}',
    '{1}',
    '[1}',
    '["a]',
    '[?]',
  ]) {
    assert.match(tokensOf(text).at(-1)!, /bad$/, text);
  }
  assert.equal(tokensOf('['.repeat(8) + ']'.repeat(8)).at(-1), 'done');
  assert.equal(tokensOf('['.repeat(9) + ']'.repeat(9)).at(-1), 'bad');
});

test('property: the numbers of any JSON are those of JSON.parse', () => {
  const numbersIn = (value: unknown): number[] => {
    if (typeof value === 'number') return [value];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
  };
  const words = fc.stringMatching(/^[a-z"\\{},: ]{0,6}x$/);
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      words,
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('node'), { maxLength: 4 }),
    map: fc.dictionary(words, tie('node'), { maxKeys: 4 }),
  })).map;
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (tree, indent) => {
      const tokens = tokensOf(JSON.stringify(tree, undefined, indent));
      assert.equal(tokens.at(-1), 'done');
      const found = tokens.map((token) => token.split(' ').at(-1)!).filter((text) => /^-?\d+$/.test(text));
      assert.deepEqual(
        found.map(Number),
        numbersIn(tree).map((one) => one + 0),
      );
    }),
  );
});
