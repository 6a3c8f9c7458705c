// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Outcome, outcomeOf } from '../../test/sip-cases/sip-case.ts';
import { methodNames } from './method.ts';
import { registeredStatusCodes } from './status-code.ts';

const tokenLetters = [..."abcXYZ019-.!%*_+`'~"];
const token = fc.string({ unit: fc.constantFrom(...tokenLetters), minLength: 1, maxLength: 20 });
const host = fc.oneof(
  fc.constantFrom('pc33.example.com', '192.0.2.1', '[2001:db8::1]', 'x'),
  fc.constantFrom('a.example.com:5060', '[2001:db8::9:1]:5070', '198.51.100.7:5061'),
);
const uri = fc.constantFrom(
  'sip:alice@example.com',
  'sips:bob@[2001:db8::4]:5061',
  'tel:+4930123456',
  'sip:x@y',
  'urn:service:sos',
);

/** Linear white space: LWS of RFC 3261 §25.1, and the same with a bare LF. */
const space = fc.constantFrom(' ', '\t', '  ', '\r\n ', ' \r\n\t ', '\n ', '\t\n\t');
const optionalSpace = fc.oneof(fc.constant(''), fc.constant(''), space);
const eol = fc.constantFrom('\r\n', '\r\n', '\n');

/** A quoted string that looks like everything else. */
const quoted = fc
  .string({
    unit: fc.constantFrom(';tag=w', ';branch=w', '<', '>', ',', ' ', '\\"', '\\\\', 'é', '\r\n ', 'a'),
  })
  .map((text) => `"${text}"`);
const otherParameter = fc
  .tuple(fc.constantFrom('rport', 'x', 'tags', 'branches', 'lr'), fc.option(fc.oneof(token, quoted)))
  .map(([name, value]) => (value === null ? name : `${name}=${value}`));

/** Parameters behind a value, white space around `;` and `=`, `named` somewhere among them. */
function parameters(named: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(otherParameter, { maxLength: 2 }), named, fc.array(otherParameter, { maxLength: 2 }))
    .chain(([before, one, behind]) =>
      fc
        .tuple(
          ...[...before, ...(one === '' ? [] : [one]), ...behind].map((parameter) =>
            fc.tuple(optionalSpace, optionalSpace).map(([a, b]) => `${a};${b}${parameter}`),
          ),
        )
        .map((texts) => texts.join('')),
    );
}

/** A parameter with this value, or nothing when the value is empty. */
function named(name: string, value: string): fc.Arbitrary<string> {
  if (value === '') return fc.constant('');
  return fc
    .tuple(anyCase(name), optionalSpace, optionalSpace)
    .map(([text, a, b]) => `${text}${a}=${b}${value}`);
}

function anyCase(text: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((flags) => [...text].map((c, i) => (flags[i] ? c.toUpperCase() : c.toLowerCase())).join(''));
}

function field(names: string[], value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names).chain(anyCase);
  const gap = fc.constantFrom('', '', ' ', '\t ');
  return fc.tuple(name, gap, optionalSpace, value, gap).map((parts) => {
    const [text, before, behind, content, tail] = parts;
    return `${text}${before}:${behind}${content}${tail}`;
  });
}

function address(addressUri: string, tag: string): fc.Arbitrary<string> {
  const displayName = fc.oneof(fc.constantFrom('', 'Alice ', 'A. van der B '), quoted);
  const bracketed = fc
    .tuple(displayName, optionalSpace, fc.constantFrom('', ';tag=w', ';lr?a=b;tag=w'))
    .map(([name, gap, inner]) => `${name}${gap}<${addressUri}${inner}>`);
  return fc
    .tuple(fc.oneof(bracketed, fc.constant(addressUri)), parameters(named('tag', tag)))
    .map((parts) => parts.join(''));
}

function viaValue(sentBy: string, branch: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      optionalSpace,
      optionalSpace,
      fc.constantFrom('UDP', 'TCP', 'TLS-SCTP'),
      space,
      parameters(named('branch', branch)),
    )
    .map(([a, b, transport, gap, rest]) => `SIP${a}/${b}2.0${b}/${a}${transport}${gap}${sentBy}${rest}`);
}

/** The values of a message; all else of it is chosen freely. */
const values = fc.record({
  method: fc.oneof(fc.constantFrom(...methodNames.slice(1)), token),
  status: fc.oneof(fc.constant(0), fc.constantFrom(...registeredStatusCodes)),
  requestUri: uri,
  sentBy: host,
  branch: fc.oneof(
    fc.constant(''),
    token,
    token.map((text) => `z9hG4bK${text}`),
  ),
  otherVias: fc.array(host, { maxLength: 4 }),
  fromTag: fc.oneof(fc.constant(''), token),
  toTag: fc.oneof(fc.constant(''), token),
  callId: fc.tuple(token, host).map((parts) => parts.join('@')),
  cseq: fc.oneof(fc.nat(), fc.constantFrom(0, 0x7fffffff)),
  body: fc.option(fc.string({ maxLength: 60 })),
});

type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;

/** The header fields of a message in any order; Via keeps its own. */
function fields(v: Values): fc.Arbitrary<string[]> {
  const vias = fc
    .tuple(viaValue(v.sentBy, v.branch), ...v.otherVias.map((sentBy) => viaValue(sentBy, 'other')))
    .chain((texts) =>
      fc.tuple(fc.constant(texts), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), optionalSpace),
    )
    .chain(([texts, joined, gap]) => {
      const lines: string[] = [];
      for (const [i, text] of texts.entries()) {
        if (i > 0 && joined[i]) lines.push(`${lines.pop()}${gap},${gap}${text}`);
        else lines.push(text);
      }
      return fc.tuple(...lines.map((line) => field(['Via', 'v'], fc.constant(line))));
    });
  const others = [
    field(['From', 'f'], address('sip:a@b', v.fromTag)),
    field(['To', 't'], address('sip:c@d', v.toTag)),
    field(['Call-ID', 'i'], fc.constant(v.callId)),
    field(
      ['CSeq'],
      fc
        .tuple(fc.constantFrom('', '0', '000'), space)
        .map(([zeros, gap]) => `${zeros}${v.cseq}${gap}${v.method}`),
    ),
    field(['Max-Forwards', 'Contact', 'm', 'c', 'Subject', 'X-Tag', 'Vias', 'Too', 'Callid'], quoted),
    field(
      ['Route', 'Allow', 'l-', 'From-', 'CSeqs', 'Content-Type'],
      fc.constant('<sip:x;tag=w>;tag=w, INVITE'),
    ),
  ];
  if (v.body !== null) {
    const length = new TextEncoder().encode(v.body).length;
    others.push(field(['Content-Length', 'l'], fc.constant(String(length))));
  }
  return fc.tuple(vias, fc.tuple(...others)).chain(([viaLines, otherLines]) =>
    fc.array(fc.nat(), { minLength: otherLines.length, maxLength: otherLines.length }).map((places) => {
      const lines = [...viaLines];
      for (const [i, line] of otherLines.entries()) lines.splice(places[i]! % (lines.length + 1), 0, line);
      return lines;
    }),
  );
}

const messages = values.chain((v) =>
  fc
    .tuple(fields(v), fc.infiniteStream(eol), fc.constantFrom('', '\r\n', '\n'))
    .map(([lines, ends, leading]) => {
      const startLine = v.status === 0 ? `${v.method} ${v.requestUri} SIP/2.0` : `SIP/2.0 ${v.status} Reason`;
      const head = [startLine, ...lines, ''].map((line) => line + ends.next().value).join('');
      const expected: Outcome = {
        result: 'message',
        method: methodNames.includes(v.method) ? v.method : 'other',
        status: v.status,
        requestUri: v.status === 0 ? v.requestUri : '',
        sentBy: v.sentBy,
        branch: v.branch,
        viaCount: 1 + v.otherVias.length,
        fromTag: v.fromTag,
        toTag: v.toTag,
        callId: v.callId,
        cseq: v.cseq,
        body: new TextEncoder().encode(v.body ?? '').length,
      };
      return { text: leading + head + (v.body ?? ''), expected };
    }),
);

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
