// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstParseError, keepAliveNames, ParseResult, parseErrorNames } from './parse-result.ts';

test('the results are numbered in order: the message, keep-alives, errors', () => {
  const entries = Object.entries(ParseResult);
  assert.deepEqual(Object.values(ParseResult), [...entries.keys()]);
  assert.equal(ParseResult.message, 0);
  assert.equal(firstParseError, 1 + keepAliveNames.length);
  assert.equal(entries.length, firstParseError + parseErrorNames.length);
});

test('label values are the names of the results', () => {
  const snake = (text: string) => text.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`);
  const names = Object.keys(ParseResult);
  assert.deepEqual(
    names.slice(1, firstParseError),
    keepAliveNames.map((name) => `keepAlive${name[0]!.toUpperCase()}${name.slice(1)}`),
  );
  assert.deepEqual(
    names.slice(firstParseError).map((name) => snake(name.replace('CSeq', 'Cseq'))),
    parseErrorNames,
  );
});
