// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { Spread } from '../base/spread.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import { defaultParserLimits } from '../sip/parser-limits.ts';
import { MessageOwner, PEERS_OWNER } from './message-owner.ts';

const spread = new Spread(4, { seed: 99, multiplier: 0x9e3779b1 });
const calls = Array.from({ length: 40 }, (_, call) => `call-${call}`);

function parse(startLine: string, method: string, callId: string, to = '<sip:bob@example.com>'): SipMessage {
  const text =
    `${startLine}\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nFrom: <sip:c@d>;tag=1\r\nTo: ${to}\r\n` +
    `Call-ID: ${callId}\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;
  const bytes = new TextEncoder().encode(text);
  const message = new SipMessage();
  const parsed = parseMessage(
    bytes,
    new DataView(bytes.buffer),
    0,
    bytes.length,
    defaultParserLimits,
    message,
  );
  assert.equal(parsed, ParseResult.message);
  return message;
}

const ownersOf = (owner: MessageOwner, startLine: string, method: string, to?: string): Set<number> =>
  new Set(calls.map((callId) => owner.of(parse(startLine, method, callId, to))));

test('a request and its responses belong to the worker of their Call-ID', () => {
  const owner = new MessageOwner(spread, true);
  for (const callId of calls) {
    const expected = spread.workerOf(new TextEncoder().encode(callId), 0, callId.length);
    assert.equal(owner.of(parse('INVITE sip:a@b SIP/2.0', 'INVITE', callId)), expected);
    assert.equal(owner.of(parse('SIP/2.0 180 Ringing', 'INVITE', callId)), expected);
    assert.equal(owner.of(parse('BYE sip:a@b SIP/2.0', 'BYE', callId)), expected);
  }
  assert.equal(ownersOf(owner, 'INVITE sip:a@b SIP/2.0', 'INVITE').size, 4);
});

test('registrations belong to the worker of their address-of-record, however it is written', () => {
  const owner = new MessageOwner(spread, false);
  const forms = [
    '<sip:bob@example.com>',
    '"Bob" <SIP:b%6Fb:secret@EXAMPLE.com;user=phone>;tag=7',
    'sip:bob@example.com',
  ];
  const owners = forms.flatMap((to) => [
    ...ownersOf(owner, 'REGISTER sip:example.com SIP/2.0', 'REGISTER', to),
    ...ownersOf(owner, 'SIP/2.0 200 OK', 'REGISTER', to),
  ]);
  assert.equal(new Set(owners).size, 1);
  const users = calls.map((user) => [
    ...ownersOf(owner, 'SIP/2.0 200 OK', 'REGISTER', `<sip:${user}@example.com>`),
  ]);
  assert.equal(new Set(users.flat()).size, 4);
});

test('OPTIONS belong to one worker where there are peers, else to that of their Call-ID', () => {
  const withPeers = new MessageOwner(spread, true);
  const without = new MessageOwner(spread, false);
  for (const startLine of ['OPTIONS sip:a@b SIP/2.0', 'SIP/2.0 200 OK']) {
    assert.deepEqual([...ownersOf(withPeers, startLine, 'OPTIONS')], [PEERS_OWNER]);
    assert.equal(ownersOf(without, startLine, 'OPTIONS').size, 4);
  }
});
