// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { readAddressOfRecord } from '../../src/sip/address-of-record.ts';
import { ContactList } from '../../src/sip/contact-list.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { methodNames } from '../../src/sip/method.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits, type ParserLimits } from '../../src/sip/parser-limits.ts';

/** What `parseMessage` found, as text. */
export interface Outcome {
  result: string;
  method: string;
  status: number;
  requestUri: string;
  sentBy: string;
  branch: string;
  viaCount: number;
  fromTag: string;
  toTag: string;
  callId: string;
  cseq: number;
  /** Length of the body. */
  body: number;
  /** What `readAddressOfRecord` makes of To. */
  addressOfRecord: string;
  /** What `ContactList` gives: `sip:a@x`, `sip:b@y 60` with an expires parameter, `*`; ` | ` between them. */
  contacts: string;
  expires: number;
  sessionExpires: number;
  rseq: number;
  reasonQ850: number;
  reasonSip: number;
  stale: 'yes' | 'no';
}

/** One section of a Markdown file here; README.md has the notation. */
export interface SipCase {
  /** File and heading. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether the block is text whose line ends are all written as such, so that LF alone may take their place. */
  readonly hasPlainLineEnds: boolean;
  /** Those of the program where the case names none. */
  readonly limits: ParserLimits;
  /** Whole for a message; only `result` for any other. */
  readonly expected: Partial<Outcome>;
}

const base: Outcome = {
  result: 'message',
  method: 'INVITE',
  status: 0,
  requestUri: 'sip:bob@example.com',
  sentBy: 'pc33.example.com',
  branch: 'z9hG4bK77',
  viaCount: 1,
  fromTag: 'a1',
  toTag: '',
  callId: 'c1@pc33.example.com',
  cseq: 1,
  body: 0,
  addressOfRecord: 'sip:bob@example.com',
  contacts: '',
  expires: -1,
  sessionExpires: -1,
  rseq: -1,
  reasonQ850: -1,
  reasonSip: -1,
  stale: 'no',
};

const signs: Record<string, string> = { '␉': '\t', '␠': ' ', '␀': '\0', '␍': '\r' };
const sectionPattern = /^## (.+)\n(?:(?!```)[\s\S]*?\n)??```(sip|hex)\n([\s\S]*?)```\n+((?:- .+\n)+)/gm;

/** `«x×3»` is `xxx`. */
function repeated(text: string): string {
  return text.replace(/«(.+?)×(\d+)»/g, (_, part: string, count: string) => part.repeat(Number(count)));
}

function unsigned(text: string): string {
  return text.replace(/[␉␠␀␍]/g, (sign) => signs[sign]!);
}

function textBytes(block: string): Uint8Array {
  const text = repeated(block)
    .replace(/␄[\s\S]*$/, '␄')
    .replace(/(?<!␊)\n/g, '\r\n')
    .replace(/␊\n?/g, '\n')
    .replace('␄', '');
  // Every second part is what stood between `⟨` and `⟩`.
  const parts = unsigned(text).split(/⟨([\da-f ]+)⟩/);
  return Uint8Array.from(
    parts.flatMap((part, index) => [...(index % 2 === 0 ? encoder.encode(part) : hexBytes(part))]),
  );
}

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (hex) => Number(`0x${hex}`));
}

/** The list behind a block: what is expected and, by the names of `ParserLimits`, under which limits. */
function readList(list: string): Pick<SipCase, 'expected' | 'limits'> {
  const given: Record<string, string | number> = {};
  const limits: Record<string, number> = { ...defaultParserLimits };
  for (const [, key, value] of list.matchAll(/^- (\w+): (.+)$/gm)) {
    if (key! in limits) limits[key!] = Number(value);
    else if (!(key! in base)) throw new Error(`no such field: ${key}`);
    else if (value === 'none') given[key!] = '';
    else
      given[key!] =
        typeof base[key as keyof Outcome] === 'number' ? Number(value) : unsigned(repeated(value!));
  }
  const isMessage = given['result'] === undefined || given['result'] === 'message';
  const expected = isMessage
    ? { ...base, ...('status' in given ? { requestUri: '' } : {}), ...given }
    : given;
  return { expected, limits: limits as unknown as ParserLimits };
}

/** All cases of all files. */
export function readSipCases(): SipCase[] {
  const cases: SipCase[] = [];
  for (const file of readdirSync(import.meta.dirname).sort()) {
    if (!file.endsWith('.md') || file === 'README.md') continue;
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    const found = [...text.matchAll(sectionPattern)];
    const headings = text.match(/^## /gm)?.length;
    if (found.length !== headings)
      throw new Error(`${file}: ${found.length} of ${headings} sections are cases`);
    for (const [, heading, kind, block, list] of found) {
      const isText = kind === 'sip';
      cases.push({
        name: `${file}: ${heading}`,
        bytes: isText ? textBytes(block!) : hexBytes(block!),
        hasPlainLineEnds: isText && !/[␊␍␄]/.test(block!),
        ...readList(list!),
      });
    }
  }
  return cases;
}

const resultNames = new Map(Object.entries(ParseResult).map(([name, code]) => [code, name]));
const decoder = new TextDecoder();
const encoder = new TextEncoder();
const message = new SipMessage();
const contactList = new ContactList();
const addressOfRecord = new Uint8Array(256);

function contactsOf(text: (offset: number, length: number) => string): string {
  const contacts: string[] = [];
  contactList.read(message);
  while (contactList.next()) {
    const { isStar, uriOffset, uriLength, expiresSeconds } = contactList;
    const uri = isStar ? '*' : text(uriOffset, uriLength);
    contacts.push(expiresSeconds < 0 ? uri : `${uri} ${expiresSeconds}`);
  }
  return contacts.join(' | ');
}

/** Parses `length` bytes from `offset` and reads every field that may have been found. */
export function outcomeOf(
  bytes: Uint8Array,
  offset = 0,
  length: number = bytes.length - offset,
  limits: ParserLimits = defaultParserLimits,
): Outcome {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = parseMessage(bytes, view, offset, length, limits, message);
  const text = (from: number, count: number) =>
    count === 0 ? '' : decoder.decode(bytes.subarray(from, from + count));
  const { toOffset, toLength } = message;
  const addressLength = readAddressOfRecord(bytes, toOffset, toLength, addressOfRecord);
  return {
    result: resultNames.get(result) ?? `no such result: ${result}`,
    method: methodNames[message.method] ?? `no such method: ${message.method}`,
    status: message.statusCode,
    requestUri: text(message.requestUriOffset, message.requestUriLength),
    sentBy: text(message.sentByOffset, message.sentByLength),
    branch: text(message.branchOffset, message.branchLength),
    viaCount: message.viaCount,
    fromTag: text(message.fromTagOffset, message.fromTagLength),
    toTag: text(message.toTagOffset, message.toTagLength),
    callId: text(message.callIdOffset, message.callIdLength),
    cseq: message.cseqNumber,
    body: message.bodyLength,
    addressOfRecord: decoder.decode(addressOfRecord.subarray(0, addressLength)),
    contacts: result === ParseResult.message ? contactsOf(text) : '',
    expires: message.expiresSeconds,
    sessionExpires: message.sessionExpiresSeconds,
    rseq: message.rseq,
    reasonQ850: message.reasonQ850,
    reasonSip: message.reasonSip,
    stale: message.isStale ? 'yes' : 'no',
  };
}
