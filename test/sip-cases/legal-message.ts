// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { methodNames } from '../../src/sip/method.ts';
import { registeredStatusCodes } from '../../src/sip/status-code.ts';
import type { Outcome } from './sip-case.ts';

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

/** A name-addr, or an addr-spec where it may stand bare, with a tag or another parameter behind it. */
function address(
  addressUri: string,
  tag: string,
  uriParameters: readonly string[] = ['', ';tag=w', ';lr?a=b;tag=w'],
  parameter: fc.Arbitrary<string> = named('tag', tag),
): fc.Arbitrary<string> {
  const displayName = fc.oneof(fc.constantFrom('', 'Alice ', 'A. van der B '), quoted);
  const bracketed = fc
    .tuple(displayName, optionalSpace, fc.constantFrom(...uriParameters))
    .map(([name, gap, inner]) => `${name}${gap}<${addressUri}${inner}>`);
  return fc
    .tuple(fc.oneof(bracketed, fc.constant(addressUri)), parameters(parameter))
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

/** A URI as on the wire and its canonical form as an address-of-record. */
const addressOfRecord = fc.constantFrom(
  { wire: 'sip:c@d', canonical: 'sip:c@d' },
  { wire: 'SIP:%63:secret@D', canonical: 'sip:c@d' },
  { wire: 'sips:Bo%2Bb@[2001:DB8::1]:5061', canonical: 'sips:Bo+b@[2001:db8::1]:5061' },
  { wire: 'Tel:+49-30.123', canonical: 'tel:+4930123' },
);
const seconds = fc.oneof(fc.nat(100_000), fc.constantFrom(0, 0x7fffffff));
const contactUri = fc.constantFrom('sip:a@x', 'sips:+49@[2001:db8::1]:5061', 'mailto:a@x', 'tel:+49');
/** -1 for a field or parameter that is not there. */
const optional = (number: fc.Arbitrary<number>) => fc.oneof(fc.constant(-1), number);
const cause = fc.record({
  protocol: fc.constantFrom('Q.850', 'SIP', 'FreeSwitch', 'Q.8500', 'SIPS'),
  cause: optional(fc.nat(999)),
});

interface Contact {
  readonly uri: string;
  readonly expires: number;
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
  addressOfRecord,
  contacts: fc.oneof(
    fc.constant<Contact[]>([{ uri: '*', expires: -1 }]),
    fc.array<Contact>(fc.record({ uri: contactUri, expires: optional(seconds) }), { maxLength: 4 }),
  ),
  expires: optional(seconds),
  sessionExpires: optional(seconds),
  rseq: optional(fc.nat()),
  reasons: fc.array(cause, { maxLength: 3 }),
  challenges: fc.array(fc.boolean(), { maxLength: 2 }),
});

type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;

/** Values in order, in one field or several (RFC 3261 §7.3.1). */
function listFields(names: string[], listed: fc.Arbitrary<string>[]): fc.Arbitrary<string[]> {
  if (listed.length === 0) return fc.constant([]);
  return fc
    .tuple(fc.tuple(...listed), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), optionalSpace)
    .chain(([texts, joined, gap]) => {
      const lines: string[] = [];
      for (const [i, text] of texts.entries()) {
        if (i > 0 && joined[i]) lines.push(`${lines.pop()}${gap},${gap}${text}`);
        else lines.push(text);
      }
      return fc.tuple(...lines.map((line) => field(names, fc.constant(line))));
    });
}

function contactValue({ uri: contact, expires }: Contact): fc.Arbitrary<string> {
  if (contact === '*') return fc.constant('*');
  return address(contact, '', [''], named('expires', expires < 0 ? '' : `00${expires}`));
}

function reasonValue(reason: Values['reasons'][number]): fc.Arbitrary<string> {
  const number = parameters(named('cause', reason.cause < 0 ? '' : String(reason.cause)));
  return fc.tuple(anyCase(reason.protocol), number).map((parts) => parts.join(''));
}

/** A challenge that says that the nonce is stale, or that does not (RFC 7616 §3.3). */
function challenge(isStale: boolean): fc.Arbitrary<string> {
  const value = isStale ? anyCase('true') : fc.constantFrom('false', 'truer', '"no, stale=true"');
  return fc
    .tuple(fc.constantFrom('realm="stale=true, \\", x"', 'nonce=1'), optionalSpace, anyCase('stale'), value)
    .map(
      ([first, gap, name, text]) =>
        `Digest ${first}${gap},${gap}${name}${gap}=${gap}${text}${gap}, xstale=true`,
    );
}

/** The header fields that there is at most one of, and those of lists, which keep their order. */
function fieldGroups(v: Values): fc.Arbitrary<string[]>[] {
  const number = (name: string, value: number) =>
    value < 0 ? [] : [field([name], fc.constant(String(value)))];
  const single = [
    field(['From', 'f'], address('sip:a@b', v.fromTag)),
    field(['To', 't'], address(v.addressOfRecord.wire, v.toTag)),
    field(['Call-ID', 'i'], fc.constant(v.callId)),
    field(
      ['CSeq'],
      fc
        .tuple(fc.constantFrom('', '0', '000'), space)
        .map(([zeros, gap]) => `${zeros}${v.cseq}${gap}${v.method}`),
    ),
    ...number('Expires', v.expires),
    ...number('RSeq', v.rseq),
    ...(v.sessionExpires < 0
      ? []
      : [
          field(
            ['Session-Expires', 'x'],
            parameters(fc.constant('')).map((rest) => v.sessionExpires + rest),
          ),
        ]),
    ...v.challenges.map((isStale) => field(['WWW-Authenticate', 'Proxy-Authenticate'], challenge(isStale))),
    field(['Max-Forwards', 'Contacts', 'mm', 'c', 'Subject', 'X-Tag', 'Vias', 'Too', 'Callid', 'e'], quoted),
    field(
      ['Route', 'Allow', 'l-', 'From-', 'CSeqs', 'Content-Type', 'Min-Expires', 'Reasons', 'RSeqs', 'p'],
      fc.constant('<sip:x;tag=w>;tag=w;cause=1;expires=1, INVITE'),
    ),
  ];
  if (v.body !== null) {
    const length = new TextEncoder().encode(v.body).length;
    single.push(field(['Content-Length', 'l'], fc.constant(String(length))));
  }
  return [
    ...single.map((line) => line.map((text) => [text])),
    listFields(
      ['Via', 'v'],
      [viaValue(v.sentBy, v.branch), ...v.otherVias.map((sentBy) => viaValue(sentBy, 'other'))],
    ),
    listFields(['Contact', 'm'], v.contacts.map(contactValue)),
    listFields(['Reason'], v.reasons.map(reasonValue)),
  ];
}

/** The header fields of a message in any order; those of one name keep theirs. */
function fields(v: Values): fc.Arbitrary<string[]> {
  const groups = fieldGroups(v);
  const places = fc.array(fc.nat(), { minLength: 64, maxLength: 64 });
  return fc.tuple(fc.tuple(...groups), places).map(([lineGroups, anyPlaces]) => {
    const lines: string[] = [];
    for (const group of lineGroups) {
      const chosen = group.map(() => anyPlaces.pop()! % (lines.length + 1)).sort((a, b) => b - a);
      for (const [i, line] of group.toReversed().entries()) lines.splice(chosen[i]!, 0, line);
    }
    return lines;
  });
}

function firstCause(v: Values, protocol: string): number {
  return v.reasons.find((reason) => reason.protocol === protocol && reason.cause >= 0)?.cause ?? -1;
}

/** A message written in any legal way, and what it says. */
export const messages: fc.Arbitrary<{ text: string; expected: Outcome }> = values.chain((v) =>
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
        addressOfRecord: v.addressOfRecord.canonical,
        contacts: v.contacts
          .map(({ uri: contact, expires }) => (expires < 0 ? contact : `${contact} ${expires}`))
          .join(' | '),
        expires: v.expires,
        sessionExpires: v.sessionExpires,
        rseq: v.rseq,
        reasonQ850: firstCause(v, 'Q.850'),
        reasonSip: firstCause(v, 'SIP'),
        stale: v.challenges.includes(true) ? 'yes' : 'no',
      };
      return { text: leading + head + (v.body ?? ''), expected };
    }),
);
