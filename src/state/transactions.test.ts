// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { answer, invite, request, response, StateRecorder } from '../../test/support/state-recorder.ts';

test('the same datagram again within the window is a capture duplicate and touches nothing', () => {
  const state = new StateRecorder();
  state.take(invite());
  assert.deepEqual(state.copy(invite()), ['duplicate']);
  state.seconds += 0.049;
  assert.deepEqual(state.copy(invite()), ['duplicate']);
  state.take(answer(200));
  assert.deepEqual(state.copy(answer(200)), ['duplicate']);
  state.take(answer(200));
  assert.deepEqual(state.copy(answer(200)), ['duplicate'], 'of the retransmission');
});

test('the same datagram after the window, or with another identification or length, was sent again', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.seconds += 0.5;
  assert.deepEqual(state.copy(invite()), ['again'], 'Linux gives the identification 0 to all');
  assert.deepEqual(state.take(invite()), ['again']);
  state.datagram.payloadLength++;
  assert.deepEqual(state.copy(invite()), ['again']);
});

test('without a window nothing is a duplicate', () => {
  const state = new StateRecorder({ duplicateMicros: 0 });
  state.take(invite());
  assert.deepEqual(state.copy(invite()), ['again']);
});

test('the same message on other addresses is another hop', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.datagram.destinationAddress[3] = 7;
  assert.deepEqual(state.copy(invite()), []);
  assert.deepEqual(state.take(invite()), ['again']);
});

test('responses differ by code, To tag and RSeq', () => {
  const state = new StateRecorder();
  state.take(invite());
  assert.deepEqual(state.take(answer(183, { lines: ['RSeq: 1'] })), ['none>early@0']);
  assert.deepEqual(state.take(answer(183, { lines: ['RSeq: 1'] })), ['again']);
  assert.deepEqual(state.take(answer(183, { lines: ['RSeq: 2'] })), []);
  assert.deepEqual(state.take(answer(183, { to: 'c', lines: ['RSeq: 2'] })), ['none>early@0']);
  assert.deepEqual(state.take(answer(180)), []);
  assert.deepEqual(state.take(invite()), ['again'], 'the request is not forgotten for its responses');
});

test('a response may be seen before its request', () => {
  const state = new StateRecorder();
  state.take(answer(100));
  assert.deepEqual(state.take(invite()), ['begun@0']);
  assert.deepEqual(state.take(answer(180)), ['none>early@0']);
  state.take(response(200, 'INFO', { to: 'b', cseq: 2 }));
  state.take(request('INFO', { to: 'b', cseq: 2 }));
  assert.deepEqual(state.wait(40), []);
  assert.deepEqual(state.wait(173), ['no answer to INVITE', 'invite:0', 'early>terminated@0']);
});

test('CANCEL and ACK have the branch of their INVITE and are not it', () => {
  const state = new StateRecorder();
  state.take(invite());
  assert.deepEqual(state.take(request('CANCEL')), []);
  assert.deepEqual(state.take(request('CANCEL')), ['again']);
  assert.deepEqual(state.take(response(200, 'CANCEL', { to: 'b' })), []);
  state.take(answer(487));
  assert.deepEqual(state.take(request('ACK', { to: 'b' })), []);
  assert.deepEqual(state.take(request('ACK', { to: 'b' })), ['again']);
  assert.deepEqual(state.take(answer(487)), ['again']);
});

test('a peer that uses one branch for ever still makes calls', () => {
  const state = new StateRecorder();
  for (const callId of ['one', 'two']) {
    assert.deepEqual(state.take(invite({ callId, branch: '' })), ['begun@0']);
    assert.deepEqual(state.take(request('INVITE', { callId, branch: '', cseq: 2 })), []);
  }
});

test('requests without a final response: timer F for all, whatever comes before', () => {
  const state = new StateRecorder();
  for (const method of ['BYE', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'INFO', 'ACK']) {
    state.take(request(method, { callId: method, to: 'b' }));
  }
  state.wait(20);
  state.take(response(100, 'MESSAGE', { callId: 'MESSAGE', to: 'b' }));
  state.take(response(200, 'INFO', { callId: 'INFO', to: 'b' }));
  assert.deepEqual(state.wait(11.9), []);
  assert.deepEqual(state.wait(0.2).sort(), [
    'no answer to BYE',
    'no answer to MESSAGE',
    'no answer to PUBLISH',
    'no answer to SUBSCRIBE',
  ]);
  assert.deepEqual(state.take(response(200, 'MESSAGE', { callId: 'MESSAGE', to: 'b' })), []);
  state.wait(65);
  assert.equal(state.calls.transactions.table.size, 0);
});
