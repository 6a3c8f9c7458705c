// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compileGlobs } from './glob-automaton.ts';

const encoder = new TextEncoder();

function match(patterns: readonly string[], text: string): number {
  const bytes = encoder.encode(`<${text}>`);
  const automaton = compileGlobs(patterns.map((pattern, i) => ({ text: pattern, value: i + 1 })));
  return automaton.match(bytes, 1, bytes.length - 2);
}

/** By trying every split, slow and plain. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)));
  return (
    text !== '' &&
    (pattern[0] === '?' || pattern[0] === text[0]!.toLowerCase()) &&
    matches(pattern.slice(1), text.slice(1))
  );
}

test('prefixes, ends, parts and whole texts, in any case, the first of several', () => {
  const patterns = ['Cisco*', '*scanner*', '*-beta', 'sipp', 'a?c'];
  assert.equal(match(patterns, 'Cisco/SPA303'), 1);
  assert.equal(match(patterns, 'CISCO'), 1);
  assert.equal(match(patterns, 'a Cisco'), 0);
  assert.equal(match(patterns, 'friendly-Scanner 1'), 2);
  assert.equal(match(patterns, 'x-beta-beta'), 3);
  assert.equal(match(patterns, 'x-beta2'), 0);
  assert.equal(match(patterns, 'SIPp'), 4);
  assert.equal(match(patterns, 'cisco scanner-beta'), 1);
  assert.equal(match(patterns, 'abc'), 5);
  assert.equal(match(patterns, ''), 0);
  assert.equal(match(['*'], ''), 1);
  assert.equal(match([], 'x'), 0);
});

test('it agrees with trying every way, whatever patterns and text', () => {
  const letters = (...more: string[]): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom('a', 'b', 'B', '-', ...more), { maxLength: 8 }).map((list) => list.join(''));
  fc.assert(
    fc.property(fc.array(letters('*', '*', '?'), { maxLength: 5 }), letters('A', 'c'), (patterns, text) => {
      const expected = patterns.findIndex((pattern) => matches(pattern.toLowerCase(), text)) + 1;
      assert.equal(match(patterns, text), expected);
    }),
    { numRuns: 2000 },
  );
});

test('patterns that would take too many states are refused, not tried', () => {
  const patterns = Array.from(
    { length: 14 },
    (_, i) => `*${String.fromCharCode(97 + i)}*${String.fromCharCode(97 + i)}*`,
  );
  assert.throws(() => match(patterns, 'x'), RangeError);
});
