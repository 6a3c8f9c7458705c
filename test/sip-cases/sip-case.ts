// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { SipMessage } from '../../src/sip/message.ts';
import { methodNames } from '../../src/sip/method.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';

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
}

/** One section of a Markdown file here; README.md has the notation. */
export interface SipCase {
  /** File and heading. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether the block is text whose line ends are all written as such, so that LF alone may take their place. */
  readonly hasPlainLineEnds: boolean;
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
};

const signs: Record<string, string> = { '␉': '\t', '␠': ' ', '␀': '\0', '␍': '\r' };
const sectionPattern = /^## (.+)\n(?:(?!```)[\s\S]*?\n)??```(sip|hex)\n([\s\S]*?)```\n+((?:- .+\n)+)/gm;

function textBytes(block: string): Uint8Array {
  const text = block
    .replace(/«(.+?)×(\d+)»/g, (_, part: string, count: string) => part.repeat(Number(count)))
    .replace(/␄[\s\S]*$/, '␄')
    .replace(/(?<!␊)\n/g, '\r\n')
    .replace(/␊\n?/g, '\n')
    .replace('␄', '')
    .replace(/[␉␠␀␍]/g, (sign) => signs[sign]!);
  return new TextEncoder().encode(text);
}

function expectation(list: string): Partial<Outcome> {
  const given: Record<string, string | number> = {};
  for (const [, key, value] of list.matchAll(/^- (\w+): (.+)$/gm)) {
    if (!(key! in base)) throw new Error(`no such field: ${key}`);
    given[key!] =
      value === 'none' ? '' : typeof base[key as keyof Outcome] === 'number' ? Number(value) : value!;
  }
  if (given['result'] !== undefined && given['result'] !== 'message') return given;
  return { ...base, ...('status' in given ? { requestUri: '' } : {}), ...given };
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
        bytes: isText
          ? textBytes(block!)
          : Uint8Array.from(block!.trim().split(/\s+/), (hex) => Number(`0x${hex}`)),
        hasPlainLineEnds: isText && !/[␊␍␄]/.test(block!),
        expected: expectation(list!),
      });
    }
  }
  return cases;
}

const resultNames = new Map(Object.entries(ParseResult).map(([name, code]) => [code, name]));
const decoder = new TextDecoder();
const message = new SipMessage();

/** Parses `length` bytes from `offset` and reads every field that may have been found. */
export function outcomeOf(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): Outcome {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = parseMessage(bytes, view, offset, length, message);
  const text = (from: number, count: number) => decoder.decode(bytes.subarray(from, from + count));
  return {
    result: resultNames.get(result) ?? `no such result: ${result}`,
    method: methodNames[message.method] ?? `no such method: ${message.method}`,
    status: message.statusCode,
    requestUri:
      message.requestUriLength === 0 ? '' : text(message.requestUriOffset, message.requestUriLength),
    sentBy: message.sentByLength === 0 ? '' : text(message.sentByOffset, message.sentByLength),
    branch: message.branchLength === 0 ? '' : text(message.branchOffset, message.branchLength),
    viaCount: message.viaCount,
    fromTag: message.fromTagLength === 0 ? '' : text(message.fromTagOffset, message.fromTagLength),
    toTag: message.toTagLength === 0 ? '' : text(message.toTagOffset, message.toTagLength),
    callId: message.callIdLength === 0 ? '' : text(message.callIdOffset, message.callIdLength),
    cseq: message.cseqNumber,
    body: message.bodyLength,
  };
}
