// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { compileFieldGlobs, FieldGlobs } from './field-globs.ts';
import { LabelFields } from './label-fields.ts';
import { SipMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';
import { ParseResult } from './parse-result.ts';
import { defaultParserLimits } from './parser-limits.ts';

/** A message with these header fields beside those it must have, and its text. */
function messageOf(from: string, ...fields: string[]): { message: SipMessage; text: string } {
  const head = ['OPTIONS sip:a@b SIP/2.0', 'Via: SIP/2.0/UDP a;branch=z9hG4bK1', from];
  const rest = ['To: <sip:a@b>', 'Call-ID: 1', 'CSeq: 1 OPTIONS', ...fields, 'Content-Length: 20'];
  const text = `${[...head, ...rest].join('\r\n')}\r\n\r\nUser-Agent: in body\n`;
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const message = new SipMessage();
  const result = parseMessage(bytes, view, 0, bytes.length, defaultParserLimits, message);
  assert.equal(result, ParseResult.message);
  return { message, text };
}

/** What is found in such a message. */
function fieldsOf(from: string, ...fields: string[]): { agent: string; from: string; found: number } {
  const { message, text } = messageOf(from, ...fields);
  const found = new LabelFields(new FieldGlobs(globs));
  found.read(message);
  const textAt = (offset: number, length: number): string => text.slice(offset, offset + length);
  return {
    agent: textAt(found.agentOffset, found.agentLength),
    from: textAt(found.fromOffset, found.fromLength),
    found: found.found,
  };
}

const globs = compileFieldGlobs([
  { name: 'X-Carrier', text: 'a*', value: 1 },
  { name: 'User-Agent', text: '*b*', value: 2 },
  { name: 'From', text: '*@c*', value: 3 },
  { name: 'Content-Length', text: '20', value: 4 },
]);

const agentOf = (...fields: string[]): string => fieldsOf('From: <sip:a@b>;tag=1', ...fields).agent;

test('User-Agent, or else Server, whatever the case and the white space', () => {
  assert.equal(agentOf('User-Agent: Cisco/SPA303'), 'Cisco/SPA303');
  assert.equal(agentOf('USER-AGENT \t:  a b  '), 'a b');
  assert.equal(agentOf('User-Agent:\r\n folded'), 'folded');
  assert.equal(agentOf('Server: s'), 's');
  assert.equal(agentOf('Server: s', 'User-Agent: u'), 'u');
  assert.equal(agentOf('User-Agent: u', 'Server: s', 'User-Agent: v'), 'u');
  assert.equal(agentOf('Server: s', 'Server: t'), 's');
});

test('nothing where there is none: other names, no colon, an empty value, the body', () => {
  assert.equal(agentOf(), '');
  assert.equal(agentOf('User-Agents: x', 'User: y', 'Servers: z'), '');
  assert.equal(agentOf('User-Agent x'), '');
  assert.equal(agentOf('User-Agent:', 'Server:'), '');
});

test('User-Agent alone is where the parser has seen it', () => {
  const agent = (...fields: string[]): string => {
    const { message, text } = messageOf('From: <sip:a@b>;tag=1', ...fields);
    const found = new LabelFields();
    found.readUserAgent(message);
    return text.slice(found.agentOffset, found.agentOffset + found.agentLength);
  };
  assert.equal(agent('Server: s', 'USER-agent \t:  a b  ', 'User-Agent: v'), 'a b');
  assert.equal(agent('User-Agent:\r\n folded'), 'folded');
  for (const none of [
    'Server: s',
    'User-Agents: x',
    'User-Ag: y',
    'User: z',
    'User-Agent x',
    'User-Agent:',
  ]) {
    assert.equal(agent(none), '', none);
  }
});

test('From, also in its compact form', () => {
  assert.equal(fieldsOf('From: "A" <sip:+49@b>;tag=1').from, '"A" <sip:+49@b>;tag=1');
  assert.equal(fieldsOf('f : <sip:+49@b>;tag=1 ', 'Foo: x').from, '<sip:+49@b>;tag=1');
  assert.equal(fieldsOf('F:<sip:+49@b>;tag=1', 'From: <sip:second>;tag=2').from, '<sip:+49@b>;tag=1');
});

test('of the fields that patterns are for the lowest value, in whichever order they stand', () => {
  const foundIn = (...fields: string[]): number => fieldsOf('From: <sip:1@c>;tag=1', ...fields).found;
  assert.equal(foundIn(), 3);
  assert.equal(foundIn('User-Agent: b'), 2);
  assert.equal(foundIn('User-Agent: b', 'X-Carrier: a1'), 1);
  assert.equal(foundIn('X-Carrier: a1', 'User-Agent: b'), 1);
  assert.equal(foundIn('X-Carrier: x', 'X-Carrier: a'), 1);
  assert.equal(fieldsOf('From: <sip:1@d>;tag=1').found, 4);
});
