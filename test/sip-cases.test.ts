// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { ParseResult } from '../src/sip/parse-result.ts';
import { type Outcome, outcomeOf, readSipCases, type SipCase } from './sip-cases/sip-case.ts';

const cases = readSipCases();
const latin1 = new TextDecoder('latin1');
const encoder = new TextEncoder();

/** What may stand before and behind a datagram in a ring buffer; a parser that reads on would find it. */
const neighbours = [
  '',
  'A',
  '\n',
  '\r\n\r\n',
  '\r\n \r\n\r\n',
  ' x;tag=wrong\r\n\r\n',
  '9\r\nCSeq: 9 BYE\r\nTo: <sip:x@y>;tag=wrong\r\nVia: SIP/2.0/UDP wrong\r\n\r\n',
  '\0\0\0\0',
  '"',
  ',;',
].map((text) => encoder.encode(text));

/** The sections that have a message, by RFC. */
const tortureSections: Record<string, string[]> = {
  4475: [
    ...Array.from({ length: 13 }, (_, i) => `3.1.1.${i + 1}`),
    ...Array.from({ length: 19 }, (_, i) => `3.1.2.${i + 1}`),
    '3.2.1',
    ...Array.from({ length: 15 }, (_, i) => `3.3.${i + 1}`),
    '3.4.1',
  ],
  5118: Array.from({ length: 10 }, (_, i) => `4.${i + 1}`),
};
const readme = readFileSync(new URL('sip-cases/README.md', import.meta.url), 'utf8');
const rowPattern = /^\| (\d[\d.]+) +\| (.+?) \| (.+?) \|$/gm;

/** The result that stands behind an outcome of the table. */
function resultOf(outcome: string): string | undefined {
  if (outcome === 'valid' || outcome === 'tolerated') return 'message';
  return /^rejected: (\w+)$/.exec(outcome)?.[1];
}

function assertOutcome(actual: Outcome, { expected }: SipCase): void {
  if (expected.result === 'message') assert.deepEqual(actual, expected);
  else assert.equal(actual.result, expected.result);
}

/** Where the body begins, or -1 without an empty line; found in another way than the parser's. */
function bodyStart(bytes: Uint8Array): number {
  const text = latin1.decode(bytes);
  const start = /^[\r\n]*/.exec(text)![0].length;
  const empty = /\n\r?\n/.exec(text.slice(start));
  return empty === null ? -1 : start + empty.index + empty[0].length;
}

suite('SIP cases', () => {
  for (const sipCase of cases) {
    const { name, bytes, hasPlainLineEnds, limits, expected } = sipCase;
    test(name, () => {
      assertOutcome(outcomeOf(bytes, 0, bytes.length, limits), sipCase);
      for (const before of neighbours) {
        for (const behind of neighbours) {
          const buffer = new Uint8Array([...before, ...bytes, ...behind]);
          assertOutcome(outcomeOf(buffer, before.length, bytes.length, limits), sipCase);
        }
      }
      if (hasPlainLineEnds) {
        const split = Math.max(0, bodyStart(bytes));
        const head = latin1.decode(bytes.subarray(0, split || bytes.length)).replaceAll('\r\n', '\n');
        const body = split === 0 ? [] : bytes.subarray(split);
        const whole = new Uint8Array([...Uint8Array.from(head, (c) => c.charCodeAt(0)), ...body]);
        assertOutcome(outcomeOf(whole, 0, whole.length, limits), sipCase);
      }
    });

    test(`${name}, cut off anywhere`, () => {
      const headEnd = bodyStart(bytes);
      for (let length = 0; length < bytes.length; length++) {
        const cut = outcomeOf(bytes, 0, length, limits);
        assert.deepEqual(outcomeOf(bytes.slice(0, length), 0, length, limits), cut);
        if (cut.result !== 'message') continue;
        // Only a body of unstated length can be cut unnoticed, and then all else is as in the whole.
        assert.ok(headEnd >= 0 && length >= headEnd, `a message after ${length} bytes`);
        assert.deepEqual({ ...cut, body: expected.body }, expected);
        assert.ok(cut.body === expected.body || cut.body === length - headEnd);
      }
    });
  }

  for (const [rfc, sections] of Object.entries(tortureSections)) {
    test(`of RFC ${rfc} are in the table of README.md, each section once, with their outcome`, () => {
      const rows = [...readme.split(`### RFC ${rfc}`)[1]!.split('###')[0]!.matchAll(rowPattern)];
      assert.deepEqual(
        rows.map(([, section]) => section),
        sections,
      );
      const listed = rows.flatMap(([, section, outcomes, titles]) => {
        const outcome = outcomes!.trim().split('; ');
        return titles!
          .trim()
          .split('; ')
          .map((title, index) => [`${section} ${title}`, outcome[index]]);
      });
      const written = cases
        .filter(({ name }) => name.startsWith(`rfc-${rfc}`))
        .map(({ name, expected: { result } }) => [name.slice(name.indexOf(': ') + 2), result]);
      assert.deepEqual(
        listed.map(([heading, outcome]) => [heading, resultOf(outcome!)]).sort(),
        written.sort(),
      );
    });
  }

  test('reach every result', () => {
    const reached = new Set(cases.map(({ expected }) => expected.result));
    // Frames of WebSocket are no datagrams.
    assert.deepEqual(
      Object.keys(ParseResult).filter((name) => !reached.has(name)),
      ['keepAlivePing', 'keepAlivePong'],
    );
  });
});
