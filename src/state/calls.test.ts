// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { answer, invite, request, response, StateRecorder } from '../../test/support/state-recorder.ts';

/** Dialog and session of an answer. */
const confirmed = ['none>confirmed@0'];

test('a plain call: one attempt, answered; one session, ended by its first BYE', () => {
  const state = new StateRecorder();
  assert.deepEqual(state.take(invite(), 7), ['begun@7']);
  assert.deepEqual(state.take(answer(100), 8), []);
  assert.deepEqual(state.take(answer(180), 8), ['none>early@7']);
  assert.deepEqual(state.take(answer(200), 8), ['invite:200', 'early>confirmed@7', 'answered:200@7']);
  assert.deepEqual(state.take(request('ACK', { to: 'b', branch: 'k' }), 7), []);
  assert.deepEqual(state.take(request('BYE', { to: 'b', branch: 'y', cseq: 2 }), 7), [
    'confirmed>terminated@7',
    'ended:bye',
  ]);
  assert.deepEqual(state.take(response(200, 'BYE', { to: 'b', branch: 'y', cseq: 2 }), 8), []);
  assert.deepEqual(state.wait(400), []);
  assert.deepEqual(
    state.calls.tables.map(({ size }) => size),
    [0, 0, 0, 0, 0],
  );
});

test('every delay and duration of a plain call', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  const at = (seconds: number, text: string): string[] => {
    state.wait(seconds);
    return state.take(text).filter((event) => /[:].*[:]/.test(event));
  };
  state.take(invite());
  assert.deepEqual(at(0.25, answer(100)), []);
  assert.deepEqual(at(0.25, answer(183)), ['post_dial:success:0.5']);
  assert.deepEqual(at(1.5, answer(180)), []);
  assert.deepEqual(at(2, answer(200)), ['request:success:0.5', 'answer:success:4']);
  assert.deepEqual(at(60, request('BYE', { to: 'b', branch: 'y', cseq: 2 })), []);
  assert.deepEqual(at(0.125, response(200, 'BYE', { to: 'b', branch: 'y', cseq: 2 })), [
    'disconnect:success:0.125',
    'duration:success:60',
  ]);
});

test('retransmissions of INVITE, 200 and BYE change nothing', () => {
  const state = new StateRecorder();
  state.take(invite());
  assert.deepEqual(state.take(invite()), ['again']);
  state.take(answer(200));
  assert.deepEqual(state.take(answer(200)), ['again']);
  assert.deepEqual(state.take(invite()), ['again'], 'a late INVITE');
  state.take(request('BYE', { to: 'b', cseq: 2 }));
  assert.deepEqual(state.take(request('BYE', { to: 'b', cseq: 2 })), ['again']);
  assert.deepEqual(state.take(answer(200)), ['again'], 'a late 200 does not revive the dialog');
});

test('the callee may hang up: its BYE has the tags the other way round', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(200));
  assert.deepEqual(state.take(request('BYE', { from: 'b', to: 'a', cseq: 9 })).at(-1), 'ended:bye');
});

test('every final code gives its result', () => {
  const expected: readonly (readonly [number, string])[] = [
    [202, 'answered'],
    [299, 'answered'],
    [400, 'rejected'],
    [404, 'rejected'],
    [408, 'rejected'],
    [480, 'no_answer'],
    [486, 'busy'],
    [487, 'canceled'],
    [500, 'server_error'],
    [503, 'server_error'],
    [600, 'busy'],
    [603, 'declined'],
    [604, 'global_error'],
    [607, 'declined'],
    [608, 'declined'],
  ];
  for (const [code, result] of expected) {
    const state = new StateRecorder();
    state.take(invite());
    const events = state.take(answer(code));
    assert.ok(events.includes(`invite:${code}`), String(code));
    if (code >= 300) {
      assert.deepEqual(state.wait(4), [], 'another branch may do better');
      events.push(...state.wait(1.5));
    }
    assert.equal(events.at(-1), `${result}:${code}@0`, String(code));
    assert.deepEqual(state.wait(400), [], 'exactly one result');
  }
});

test('408 after ringing is no answer', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(180));
  assert.deepEqual(state.take(answer(408)), ['invite:408', 'early>terminated@0']);
  assert.deepEqual(state.wait(6), ['no_answer:408@0']);
});

for (const code of [401, 407, 422, 302]) {
  test(`${code} keeps the attempt open for the next INVITE`, () => {
    const state = new StateRecorder();
    state.take(invite());
    assert.deepEqual(state.take(answer(code)), [`invite:${code}`]);
    assert.deepEqual(state.take(answer(code)), ['again'], 'retransmitted');
    assert.deepEqual(state.take(invite({ cseq: 2, branch: 'b2' })), []);
    assert.deepEqual(state.take(answer(200, { cseq: 2, branch: 'b2' })), [
      'invite:200',
      ...confirmed,
      'answered:200@0',
    ]);
  });

  test(`${code} without a next INVITE ends the attempt after the retry time`, () => {
    const state = new StateRecorder();
    state.take(invite());
    state.take(answer(code));
    assert.deepEqual(state.wait(31), []);
    const result = code === 302 ? 'redirected' : code === 422 ? 'rejected' : 'challenged';
    assert.deepEqual(state.wait(2), [`${result}:${code}@0`]);
  });
}

test('an INVITE nobody answers times out after timer B; a ringing one only after timer C', () => {
  const state = new StateRecorder();
  state.take(invite());
  assert.deepEqual(state.wait(31), []);
  assert.deepEqual(state.wait(2), ['no answer to INVITE', 'invite:0']);
  assert.deepEqual(state.wait(6), ['timeout:0@0']);
  state.take(invite({ callId: 'c2' }));
  state.take(answer(180, { callId: 'c2' }));
  assert.deepEqual(state.wait(170), []);
  assert.deepEqual(state.take(answer(180, { callId: 'c2' })), ['again']);
  assert.deepEqual(state.wait(200), []);
  assert.deepEqual(state.wait(13), ['no answer to INVITE', 'invite:0', 'early>terminated@0']);
  assert.deepEqual(state.wait(6), ['timeout:0@0']);
});

test('a proxy on the host: two hops are one attempt, and the first hop decides about failures', () => {
  const state = new StateRecorder();
  state.take(invite({ branch: 'up' }));
  assert.deepEqual(state.take(invite({ branch: 'down', hops: 1 })), []);
  assert.deepEqual(state.take(answer(486, { branch: 'down', hops: 1 })), []);
  assert.deepEqual(state.take(invite({ branch: 'other', hops: 1 })), [], 'the proxy tries another target');
  assert.deepEqual(state.take(answer(503, { branch: 'up' })), ['invite:503']);
  assert.deepEqual(state.wait(6), ['server_error:503@0']);
});

test('a later hop that is seen first gives way to the hop before it', () => {
  const state = new StateRecorder();
  state.take(invite({ branch: 'down', hops: 1 }));
  state.take(invite({ branch: 'up' }));
  assert.deepEqual(state.take(answer(486, { branch: 'down', hops: 1 })), []);
  assert.deepEqual(state.take(answer(503, { branch: 'up' })), ['invite:503']);
});

test('a 2xx on an inner hop is an answer; the INVITE and the delays are those of the first hop', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  state.take(invite());
  state.take(invite({ branch: 'down', hops: 60 }));
  state.seconds += 1;
  assert.deepEqual(state.take(answer(200, { branch: 'down', hops: 60 })), [...confirmed, 'answered:200@0']);
  state.seconds += 1;
  assert.deepEqual(state.take(answer(200)), [
    'invite:200',
    'post_dial:success:2',
    'request:success:2',
    'answer:success:2',
  ]);
});

test('a caller that tries its next server with the same CSeq (RFC 3263 §4.3) gets the answer of that server', () => {
  const state = new StateRecorder();
  state.take(invite({ branch: 'first' }));
  state.take(invite({ branch: 'second' }));
  assert.deepEqual(state.take(answer(486, { branch: 'second' })), ['invite:486']);
  assert.deepEqual(state.wait(33), ['no answer to INVITE', 'invite:0']);
  assert.deepEqual(state.wait(6), ['busy:486@0']);
});

test('a fork seen from above: each To tag that confirms is a dialog, the attempt is answered once', () => {
  const state = new StateRecorder();
  state.take(invite());
  assert.deepEqual(state.take(answer(180, { to: 'b1' })), ['none>early@0']);
  assert.deepEqual(state.take(answer(180, { to: 'b2' })), ['none>early@0']);
  assert.deepEqual(state.take(answer(180, { to: 'b3' })), ['none>early@0']);
  assert.deepEqual(state.take(answer(200, { to: 'b1' })), [
    'invite:200',
    'early>confirmed@0',
    'answered:200@0',
  ]);
  assert.deepEqual(state.take(answer(200, { to: 'b2' })), ['early>confirmed@0']);
  assert.deepEqual(state.wait(33), ['early>terminated@0'], 'the third is over 32 s later');
  assert.deepEqual(state.take(request('BYE', { to: 'b2', cseq: 2, branch: 'y2' })).at(-1), 'ended:bye');
  assert.deepEqual(state.take(request('BYE', { to: 'b1', cseq: 2 })).at(-1), 'ended:bye');
});

test('a fork seen from below: the best of all branches, and none before the last', () => {
  const below = { hops: 1 };
  const state = new StateRecorder();
  for (const branch of ['x', 'y', 'z']) state.take(invite({ branch, ...below }));
  assert.deepEqual(state.take(answer(180, { branch: 'x', to: 'x', ...below })), ['none>early@0']);
  assert.deepEqual(state.take(answer(486, { branch: 'x', to: 'x', ...below })), [
    'invite:486',
    'early>terminated@0',
  ]);
  assert.deepEqual(state.take(answer(503, { branch: 'y', to: 'y', ...below })), ['invite:503']);
  assert.deepEqual(state.wait(20), []);
  assert.deepEqual(state.take(answer(404, { branch: 'z', to: 'z', ...below })), ['invite:404']);
  assert.deepEqual(state.wait(6), ['busy:486@0'], 'the first of the lowest class');
});

test('199 ends the early dialog of its branch', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(180, { to: 'x' }));
  assert.deepEqual(state.take(answer(199, { to: 'x' })), ['early>terminated@0']);
  assert.deepEqual(state.take(answer(199, { to: 'y' })), []);
});

test('a 2xx after a failure wins: of another branch, or of the next in a row', () => {
  const below = { hops: 1 };
  const state = new StateRecorder();
  state.take(invite({ branch: 'x', ...below }));
  state.take(answer(486, { branch: 'x', to: 'x', ...below }));
  state.wait(1);
  assert.deepEqual(state.take(invite({ branch: 'y', ...below })), []);
  assert.deepEqual(state.wait(20), []);
  assert.equal(state.take(answer(200, { branch: 'y', to: 'y', ...below })).at(-1), 'answered:200@0');
  state.take(invite({ callId: 'c2' }));
  state.take(answer(486, { callId: 'c2', to: 'x' }));
  state.wait(4);
  assert.equal(state.take(answer(200, { callId: 'c2', to: 'y' })).at(-1), 'answered:200@0');
});

test('CANCEL ends with its 487; a 200 that wins the race is an answer', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  state.take(invite());
  state.take(answer(180));
  state.seconds += 3;
  state.take(request('CANCEL', { lines: ['Reason: SIP;cause=600, Q.850;cause=16'] }));
  assert.deepEqual(state.take(response(200, 'CANCEL', { to: 'b' })), [], "CANCEL's own 200 is no answer");
  assert.deepEqual(state.take(answer(487)), ['invite:487', 'early>terminated@0']);
  assert.deepEqual(state.wait(6), [
    'cancel:success:3',
    'Q.850:16',
    'SIP:600',
    'request:failure:0',
    'canceled:487@0',
  ]);
  state.take(invite({ callId: 'c2' }));
  state.take(request('CANCEL', { callId: 'c2' }));
  assert.equal(state.take(answer(200, { callId: 'c2' })).at(-1), 'answered:200@0');
});

test('a CANCEL by a proxy that has a 6xx, or tries its next target, is not the caller giving up', () => {
  const below = { hops: 1 };
  const state = new StateRecorder();
  state.withDelays = true;
  for (const branch of ['x', 'y']) state.take(invite({ branch, ...below }));
  state.take(answer(180, { branch: 'x', to: 'x', ...below }));
  state.take(answer(603, { branch: 'y', to: 'y', ...below }));
  state.take(request('CANCEL', { branch: 'x', lines: ['Reason: SIP;cause=603'] }));
  assert.deepEqual(state.wait(40).slice(-3), ['request:failure:0', 'declined:603@0', 'early>terminated@0']);
  const serial = { callId: 'c2', ...below };
  state.take(invite({ branch: 'x', ...serial }));
  state.take(answer(180, { branch: 'x', to: 'x', ...serial }));
  state.take(request('CANCEL', { branch: 'x', callId: 'c2' }));
  state.take(answer(487, { branch: 'x', to: 'x', ...serial }));
  state.take(invite({ branch: 'y', ...serial }));
  state.take(answer(480, { branch: 'y', to: 'y', ...serial }));
  assert.deepEqual(state.wait(6), ['request:failure:0', 'no_answer:480@0']);
});

test('a CANCEL without any final response ends the attempt 32 s later (RFC 3261 §9.1)', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(180));
  state.wait(10);
  state.take(request('CANCEL'));
  assert.deepEqual(state.wait(31), []);
  assert.deepEqual(state.wait(2), [
    'no answer to CANCEL',
    'no answer to INVITE',
    'invite:0',
    'canceled:0@0',
    'early>terminated@0',
  ]);
});

test('a re-INVITE is in-dialog: no attempt, and neither its answers nor its failures count for the first', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(200));
  for (const tags of [
    { from: 'a', to: 'b', branch: 'r1' },
    { from: 'b', to: 'a', branch: 'r2' },
  ]) {
    assert.deepEqual(state.take(invite({ ...tags, cseq: 2 })), []);
    assert.deepEqual(state.take(answer(488, { ...tags, cseq: 2 })), []);
    assert.deepEqual(state.take(answer(200, { ...tags, cseq: 3 })), []);
  }
});

test('in mid-call: BYE and re-INVITE of an unknown dialog, and a 200 without its INVITE', () => {
  const state = new StateRecorder();
  assert.deepEqual(state.take(request('BYE', { to: 'b' })), ['unknown']);
  assert.deepEqual(state.take(invite({ to: 'b' })), ['unknown']);
  assert.deepEqual(state.take(answer(200)), []);
});

test('a long call lives until its BYE; without any sign of life it ends at the session limit', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(200));
  assert.deepEqual(state.wait(80_000), []);
  assert.deepEqual(state.take(request('UPDATE', { to: 'b', cseq: 2 })), []);
  assert.deepEqual(state.take(response(200, 'UPDATE', { to: 'b', cseq: 2 })), []);
  assert.deepEqual(state.wait(80_000), []);
  assert.deepEqual(state.wait(6_500), ['confirmed>terminated@0', 'ended:unknown']);
});

test('a session timer that was agreed and not refreshed ends the session 32 s late (RFC 4028)', () => {
  const lines = ['Session-Expires: 100;refresher=uac'];
  const state = new StateRecorder();
  state.take(invite({ lines: ['Session-Expires: 50'] }));
  state.take(answer(200, { lines }));
  state.wait(90);
  const update = { to: 'b', cseq: 2, branch: 'u' };
  state.take(request('UPDATE', { ...update, lines }));
  state.take(response(200, 'UPDATE', { ...update, lines: ['x: 200'] }));
  assert.deepEqual(state.wait(230), []);
  const reInvite = { to: 'b', cseq: 3, branch: 'r' };
  state.take(invite({ ...reInvite, lines }));
  state.take(answer(488, reInvite));
  assert.deepEqual(state.wait(4), ['confirmed>terminated@0', 'ended:session_timer']);
});

test('a BYE that is answered by something else, or not at all', () => {
  for (const code of [481, 0]) {
    const state = new StateRecorder();
    state.withDelays = true;
    state.take(invite());
    state.take(answer(200));
    state.wait(10);
    state.take(request('BYE', { to: 'b', cseq: 2, lines: ['Reason: Q.850;cause=31'] }));
    if (code === 481) {
      state.wait(0.5);
      assert.deepEqual(state.take(response(481, 'BYE', { to: 'b', cseq: 2 })), [
        'disconnect:failure:0.5',
        'duration:success:10',
      ]);
    } else {
      assert.deepEqual(state.wait(32), ['no answer to BYE', 'disconnect:failure:32', 'duration:failure:42']);
    }
    assert.deepEqual(state.wait(100), []);
  }
});

test('a challenged BYE: the session ends at the first, the answer is that of the second', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  state.take(invite());
  state.take(answer(200));
  state.wait(10);
  assert.deepEqual(state.take(request('BYE', { to: 'b', cseq: 2 })).at(-1), 'ended:bye');
  assert.deepEqual(state.take(response(407, 'BYE', { to: 'b', cseq: 2 })), []);
  state.wait(0.5);
  assert.deepEqual(state.take(request('BYE', { to: 'b', cseq: 3, branch: 'b3' })), []);
  assert.deepEqual(state.take(response(200, 'BYE', { to: 'b', cseq: 3, branch: 'b3' })), [
    'disconnect:success:0.5',
    'duration:success:10',
  ]);
});

test('a BYE in an early dialog ends it, and no session', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(180));
  assert.deepEqual(state.take(request('BYE', { to: 'b', cseq: 2 })), ['early>terminated@0']);
});

test('peers without tags and branches (RFC 2543) still make calls', () => {
  const plain = (text: string): string => text.replaceAll(/;(tag|branch)=\w+/g, '');
  const state = new StateRecorder();
  assert.deepEqual(state.take(plain(invite())), ['begun@0']);
  assert.deepEqual(state.take(plain(answer(200))), ['invite:200', ...confirmed, 'answered:200@0']);
  assert.deepEqual(state.take(plain(invite({ cseq: 2 }))), [], 'a re-INVITE without To tag');
  assert.deepEqual(state.take(plain(request('BYE', { cseq: 3 }))).at(-1), 'ended:bye');
});

test('an INVITE with a higher CSeq: part of the attempt while it has no result, then a new one', () => {
  const state = new StateRecorder();
  state.take(invite());
  state.take(answer(415));
  assert.deepEqual(state.take(invite({ cseq: 2, branch: 'b2' })), [], 'RFC 3261 §8.1.3.5');
  state.take(answer(486, { cseq: 2, branch: 'b2' }));
  assert.deepEqual(state.wait(6), ['busy:486@0']);
  assert.deepEqual(state.take(invite({ cseq: 3, branch: 'b3' })), ['begun@0']);
  assert.deepEqual(
    state.take(answer(486, { cseq: 2, branch: 'b2' })),
    ['again'],
    'the late answer of the second',
  );
  state.take(answer(404, { cseq: 3, branch: 'b3' }));
  state.calls.finish();
  assert.deepEqual(state.wait(0), ['invite:404', 'rejected:404@0'].slice(1));
});

test('a flood evicts half-open attempts and finished dialogs; established dialogs stay', () => {
  const state = new StateRecorder({ maxTransactions: 10, maxAttempts: 10, maxDialogs: 10 });
  for (let i = 0; i < 10; i++) {
    state.take(invite({ callId: `call${i}` }));
    state.take(answer(200, { callId: `call${i}` }));
  }
  for (let i = 0; i < 1000; i++) state.take(invite({ callId: `flood${i}` }));
  const { attempts, dialogs, transactions } = state.calls;
  assert.equal(attempts.table.size, 10);
  assert.equal(attempts.table.evictedFinished, 10);
  assert.equal(attempts.table.evictedOpen, 990);
  assert.equal(transactions.table.size, 10);
  assert.equal(transactions.table.evictedOpen, 990);
  for (let i = 0; i < 10; i++) {
    const events = state.take(request('BYE', { callId: `call${i}`, to: 'b', cseq: 2 }));
    assert.equal(events.at(-1), 'ended:bye');
  }
  assert.equal(dialogs.table.evictedOpen, 0);
});

for (const bound of [{ maxDialogs: 5 }, { maxEarlyDialogs: 5 }]) {
  test(`a flood of ringing on one attempt is bounded by ${Object.keys(bound)}, and what it leaves is cleared away`, () => {
    const state = new StateRecorder(bound);
    state.take(invite());
    let early = 0;
    for (let i = 0; i < 100; i++) {
      for (const event of state.take(answer(180, { to: `t${i}` })))
        early += event === 'none>early@0' ? 1 : -1;
    }
    assert.equal(early, 5);
    assert.equal(state.calls.dialogs.table.evictedOpen, 95);
    for (const event of state.take(answer(486))) if (event === 'early>terminated@0') early--;
    assert.equal(early, 0);
  });
}

test('what is due at once is done in portions', () => {
  const state = new StateRecorder({ maxTransactions: 3000, maxAttempts: 3000 });
  for (let i = 0; i < 3000; i++) state.take(invite({ callId: `call${i}` }));
  state.seconds += 40;
  const events = state.take(request('OPTIONS'));
  assert.ok(events.length > 0 && events.length < 3000, `${events.length}`);
  events.push(...state.wait(0));
  assert.equal(events.filter((event) => event === 'invite:0').length, 3000);
});

test('a full dialog table gives up the oldest, and says so', () => {
  const state = new StateRecorder({ maxDialogs: 2 });
  for (let i = 0; i < 3; i++) {
    state.take(invite({ callId: `call${i}` }), i);
    const events = state.take(answer(200, { callId: `call${i}` }));
    assert.deepEqual(events.includes('ended:evicted'), i === 2);
  }
  assert.equal(state.calls.dialogs.table.evictedOpen, 1);
  assert.equal(state.calls.dialogs.table.size, 2);
});

test('OPTIONS: the delay of every answer; a configured peer is up, or down after 503 and after silence', () => {
  const peers = [{ name: 'a', address: [0, 0, 0xffff, 0x0a000001], port: 5060 }];
  const state = new StateRecorder({}, peers);
  state.withDelays = true;
  state.datagram.destinationAddress.set([0, 0, 0xffff, 0x0a000001]);
  const ping = (n: number): string[] => state.take(request('OPTIONS', { callId: `o${n}` }));
  const pong = (n: number, code: number): string[] =>
    state.take(response(code, 'OPTIONS', { callId: `o${n}`, to: 'b' }));
  state.datagram.destinationPort = 5061;
  ping(0);
  assert.deepEqual(pong(0, 200), ['options:success:0'], 'another port is another peer');
  state.datagram.destinationPort = 5060;
  ping(1);
  state.wait(0.25);
  assert.deepEqual(pong(1, 404), ['options:success:0.25', 'peer0:up:0.25']);
  ping(2);
  assert.deepEqual(pong(2, 503), ['options:success:0', 'peer0:down']);
  ping(3);
  assert.deepEqual(state.wait(33), ['no answer to OPTIONS', 'peer0:down']);
});

test('peers may change: a request to one of before is of none, and what a peer that stays answered is known', () => {
  const address = [0, 0, 0xffff, 0x0a000001];
  const [a, b] = [
    { name: 'a', address, port: 5060 },
    { name: 'b', address, port: 5061 },
  ];
  const state = new StateRecorder({}, [a!]);
  state.datagram.destinationAddress.set(address);
  state.datagram.destinationPort = 5060;
  const ping = (n: number): string[] => state.take(request('OPTIONS', { callId: `o${n}` }));
  const pong = (n: number): string[] =>
    state
      .take(response(200, 'OPTIONS', { callId: `o${n}`, to: 'b' }))
      .filter((event) => event.startsWith('peer'));
  ping(1);
  state.calls.replacePeers([b!, a!]);
  assert.deepEqual(pong(1), [], 'it went to peer 0 when that was another one');
  ping(2);
  ping(3);
  assert.deepEqual(pong(3).length, 1);
  state.calls.replacePeers([a!]);
  assert.deepEqual(state.wait(33), ['no answer to OPTIONS'], 'a request from before the change');
  ping(4);
  assert.match(pong(4)[0]!, /^peer0:up/);
  state.calls.replacePeers([]);
  ping(5);
  assert.deepEqual(pong(5), []);
});

test('property: when what is due ends does not depend on what else is seen', () => {
  const fork = (state: StateRecorder, afterSeconds: number, others: readonly number[]): string[] => {
    const other = invite({ callId: 'other', from: 'other' });
    const events = [...state.take(invite()), ...state.take(answer(503, { to: 'b' }))];
    const begunSeconds = state.seconds;
    for (const seconds of others.filter((seconds) => seconds < afterSeconds).sort((a, b) => a - b)) {
      state.wait(begunSeconds + seconds - state.seconds);
      state.take(other);
    }
    events.push(...state.wait(begunSeconds + afterSeconds - state.seconds));
    events.push(...state.take(invite({ branch: 'second' })));
    return events.filter((event) => event === 'begun@0');
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 4900, max: 5200 }),
      fc.array(fc.integer({ min: 1, max: 5200 }), { maxLength: 20 }),
      (startMillis, afterMillis, others) => {
        const run = (millis: readonly number[]): string[] => {
          const state = new StateRecorder();
          state.seconds += startMillis / 1000;
          return fork(
            state,
            afterMillis / 1000,
            millis.map((at) => at / 1000),
          );
        };
        assert.deepEqual(run(others), run([]));
      },
    ),
  );
});
