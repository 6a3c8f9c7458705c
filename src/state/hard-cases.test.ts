// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { answer, invite, request, response, StateRecorder } from '../../test/support/state-recorder.ts';
import { SeededHash } from '../base/hash.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { defaultParserLimits } from '../sip/parser-limits.ts';
import { CallKey } from './call-key.ts';

/** Takes a message as NAT on this host shows it: on the addresses before it and on those behind it. */
function takeTwice(state: StateRecorder, text: string): string[] {
  const events = state.take(text);
  state.datagram.sourcePort += 1;
  events.push(...state.take(text));
  state.datagram.sourcePort -= 1;
  return events;
}

test('a branch on two pairs of addresses is one: its CANCEL, its redirection, its end', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  takeTwice(state, invite());
  takeTwice(state, answer(180));
  state.seconds += 4;
  takeTwice(state, request('CANCEL', { lines: ['Reason: SIP;cause=200'] }));
  takeTwice(state, answer(487));
  assert.deepEqual(state.wait(6), ['cancel:success:4', 'SIP:200', 'request:failure:0', 'canceled:487@0']);
  takeTwice(state, invite({ callId: 'c2' }));
  assert.deepEqual(takeTwice(state, answer(302, { callId: 'c2' })), ['invite:302', 'redirect:success:0']);
  takeTwice(state, invite({ callId: 'c3' }));
  state.take(answer(404, { callId: 'c3' }));
  assert.equal(state.wait(6).at(-1), 'rejected:404@0', 'answers that go another way end it as well');
});

test('whoever hangs up after an hour of ringing has not hung up at once', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.withDelays = true;
  for (let minute = 0; minute < 60; minute++, state.wait(60)) state.take(answer(180));
  state.take(request('CANCEL'));
  state.take(answer(487));
  assert.equal(state.wait(6)[0], 'cancel:success:2147.483647', 'the longest that is told');
});

test('an OPTIONS whose destination NAT changes still asks the peer', () => {
  const peer = { name: 'p', address: [0, 0, 0xffff, 7], port: 5060 };
  const state = new StateRecorder({}, [peer]);
  state.datagram.destinationAddress.set(peer.address);
  state.datagram.destinationPort = 5060;
  state.take(request('OPTIONS'));
  state.datagram.destinationPort = 5070;
  state.take(request('OPTIONS'));
  assert.deepEqual(state.take(response(200, 'OPTIONS')), ['peer0:up:0']);
});

test('one lost response does not make a peer down that has answered later requests', () => {
  const peer = { name: 'p', address: [0, 0, 0xffff, 7], port: 0 };
  const state = new StateRecorder({}, [peer]);
  state.datagram.destinationAddress.set(peer.address);
  const events: string[] = [];
  for (let cseq = 1; cseq <= 4; cseq++) {
    state.take(request('OPTIONS', { cseq }));
    if (cseq > 1) assert.deepEqual(state.take(response(200, 'OPTIONS', { cseq })), ['peer0:up:0']);
    events.push(...state.wait(9));
  }
  assert.deepEqual(events, ['no answer to OPTIONS']);
  state.take(request('OPTIONS', { cseq: 5 }));
  assert.deepEqual(state.wait(33), ['no answer to OPTIONS', 'peer0:down']);
});

test('a peer that uses its Call-ID, tag and CSeq number again calls again', () => {
  const state = new StateRecorder();
  state.take(invite({ cseq: 7 }));
  state.take(answer(486, { cseq: 7 }));
  assert.deepEqual(state.wait(6), ['busy:486@0']);
  for (const [cseq, branch] of [[7, 'b2'] as const, [1, 'b3'] as const]) {
    assert.deepEqual(state.take(invite({ cseq, branch })), ['begun@0']);
    assert.equal(state.take(answer(200, { cseq, branch, to: branch })).at(-1), 'answered:200@0');
    state.wait(6);
  }
});

test('a branch of a fork that another branch has just answered begins nothing', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(200));
  assert.deepEqual(state.take(invite({ branch: 'b2' })), []);
  assert.deepEqual(state.take(invite({ branch: 'b3', hops: 1 })), []);
});

test('REGISTER with the same CSeq number for the next server, and with a lower one after a restart', () => {
  const state = new StateRecorder();
  const register = (branch: string, cseq: number, code: number): string[] => [
    ...state.take(request('REGISTER', { branch, cseq })),
    ...state.take(response(code, 'REGISTER', { branch, cseq, to: 'r' })),
  ];
  assert.deepEqual(register('b1', 5, 503), ['register', 'server_error:503']);
  assert.deepEqual(register('b2', 5, 200), ['register', 'succeeded:200']);
  assert.deepEqual(register('b3', 1, 200), ['register', 'succeeded:200']);
  assert.deepEqual(state.take(request('REGISTER', { branch: 'b4', hops: 1 })), [], 'the next hop');
});

test('what a longer way said before is not for the hop that comes later with fewer Vias', () => {
  const state = new StateRecorder();
  state.take(invite({ branch: 'long', hops: 2 }));
  state.take(answer(486, { branch: 'long', hops: 2 }));
  state.take(invite({ branch: 'short', hops: 1 }));
  assert.deepEqual(state.wait(20), [], 'it may ring as long as it likes');
  assert.equal(state.take(answer(200, { branch: 'short', hops: 1 })).at(-1), 'answered:200@0');
});

test('a final response ends its own branch only: not after its timeout, not without its INVITE', () => {
  const state = new StateRecorder();
  state.take(invite({ branch: 'x' }));
  state.take(invite({ branch: 'y' }));
  state.wait(30);
  state.take(answer(180, { branch: 'y', to: 'y' }));
  assert.deepEqual(state.wait(3), ['no answer to INVITE', 'invite:0']);
  assert.deepEqual(state.take(answer(503, { branch: 'x' })), []);
  assert.deepEqual(state.take(answer(486, { branch: 'unseen' })), ['invite:486']);
  assert.deepEqual(state.wait(20), []);
  assert.equal(state.take(answer(200, { branch: 'y', to: 'y' })).at(-1), 'answered:200@0');
});

test('the INVITE or REGISTER that a challenge asks for was not seen, but its responses', () => {
  const state = new StateRecorder();
  const next = { cseq: 2, branch: 'b2' };
  state.take(invite());
  state.take(answer(407));
  assert.deepEqual(state.take(answer(180, next)), ['none>early@0']);
  assert.deepEqual(state.wait(40), []);
  assert.deepEqual(state.take(answer(200, next)), ['invite:200', 'early>confirmed@0', 'answered:200@0']);
  state.take(invite({ callId: 'c2' }));
  state.take(answer(407, { callId: 'c2' }));
  state.take(answer(603, { callId: 'c2', ...next }));
  assert.deepEqual(state.wait(6), ['declined:603@0']);
  state.take(request('REGISTER'));
  state.take(response(401, 'REGISTER', { to: 'r' }));
  assert.deepEqual(state.take(response(200, 'REGISTER', { to: 'r', ...next })), ['succeeded:200']);
});

test('a session timer that a proxy brings in above it counts', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(invite({ branch: 'below', hops: 1 }));
  state.take(answer(200, { branch: 'below', hops: 1 }));
  state.take(answer(200, { lines: ['Session-Expires: 600;refresher=uac'] }));
  assert.deepEqual(state.wait(620), []);
  assert.equal(state.wait(20).at(-1), 'ended:session_timer');
});

test('nobody can make texts whose records share a bucket without knowing the key', () => {
  // What differs in the top bit of a word and in two bits of the next is the same to one lane, whatever the key is.
  const pairs = 8;
  const text = request('OPTIONS', { callId: 'a'.repeat(pairs * 8) });
  const bytes = new TextEncoder().encode(text);
  const offset = text.indexOf('aaaaaaaa');
  const message = new SipMessage();
  const key = new CallKey(new SeededHash(1, 2));
  const lows = { transactions: new Set<number>(), attempts: new Set<number>(), dialogs: new Set<number>() };
  for (let which = 0; which < 2 ** pairs; which++) {
    for (let pair = 0; pair < pairs; pair++) {
      const flip = (which >> pair) & 1;
      bytes[offset + pair * 8 + 3] = 0x61 ^ (flip * 0x80);
      bytes[offset + pair * 8 + 7] = 0x61 ^ (flip * 0x80);
      bytes[offset + pair * 8 + 6] = 0x61 ^ flip;
    }
    parseMessage(bytes, new DataView(bytes.buffer), 0, bytes.length, defaultParserLimits, message);
    key.read(message);
    lows.transactions.add(key.transactionLow);
    lows.attempts.add(key.attemptLow);
    lows.dialogs.add(key.dialogLow);
  }
  for (const [table, seen] of Object.entries(lows)) assert.equal(seen.size, 2 ** pairs, table);
});

test('the sensor missed the 2xx: its ACK, which has a branch of its own, says that there was one', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  state.take(invite());
  state.take(answer(180));
  state.seconds += 5;
  assert.deepEqual(state.take(request('ACK', { to: 'b', branch: 'k' })), [
    'early>confirmed@0',
    'answered:200@0',
  ]);
  assert.equal(state.take(request('BYE', { to: 'b', cseq: 2 })).at(-1), 'ended:bye');
});

test('the ACK of a failure is no answer, nor is that of a re-INVITE', () => {
  const state = new StateRecorder();
  for (const branch of ['x', 'y']) state.take(invite({ branch, hops: 1 }));
  state.take(answer(486, { branch: 'x', to: 'x', hops: 1 }));
  assert.deepEqual(state.take(request('ACK', { branch: 'x', to: 'x' })), []);
  assert.equal(state.take(answer(200, { branch: 'y', to: 'y', hops: 1 })).at(-1), 'answered:200@0');
  assert.deepEqual(state.take(request('ACK', { branch: 'k', to: 'y' })), []);
  assert.deepEqual(state.take(request('ACK', { branch: 'k2', to: 'y', cseq: 2 })), []);
});

test('a 481 to a re-INVITE or UPDATE: one end has forgotten the dialog, which ends soon without a BYE', () => {
  for (const method of ['INVITE', 'UPDATE']) {
    const state = new StateRecorder();
    state.take(invite());
    state.take(answer(200, { lines: ['Session-Expires: 1800'] }));
    state.take(request(method, { to: 'b', cseq: 2, branch: 'r' }));
    state.take(response(481, method, { to: 'b', cseq: 2, branch: 'r' }));
    assert.deepEqual(state.wait(31), [], method);
    assert.deepEqual(state.wait(2), ['confirmed>terminated@0', 'ended:unknown'], method);
  }
});

test('overlap dialling: whichever INVITE is answered, the attempt is (RFC 3578)', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(invite({ cseq: 2, branch: 'b2' }));
  assert.deepEqual(state.take(answer(200)), ['invite:200', 'none>confirmed@0', 'answered:200@0']);
});
