// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeResult, decodeReasonNames, isDecodeError } from './decode-result.ts';

test('each code indexes its own name in snake_case', () => {
  const names = Object.entries(DecodeResult).map(([key, code]) => {
    assert.equal(
      decodeReasonNames[code],
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    );
    return decodeReasonNames[code];
  });
  assert.deepEqual(names, decodeReasonNames);
});

test('errors are the frames that are cut or malformed', () => {
  const errors = Object.values(DecodeResult).filter(isDecodeError);
  const names = errors.map((code) => decodeReasonNames[code]!);
  assert.ok(names.every((name) => /^(truncated|bad)_/.test(name)));
  assert.equal(names.length, decodeReasonNames.filter((name) => /^(truncated|bad)_/.test(name)).length);
});
