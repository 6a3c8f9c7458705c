// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Parts, request, response, StateRecorder } from '../../test/support/state-recorder.ts';

const register = (cseq: number, lines: readonly string[] = [], parts: Parts = {}): string =>
  request('REGISTER', { cseq, branch: `r${cseq}`, lines, ...parts });
const reply = (code: number, cseq: number, lines: readonly string[] = [], parts: Parts = {}): string =>
  response(code, 'REGISTER', { cseq, branch: `r${cseq}`, to: 'reg', lines, ...parts });

test('a challenge round is inside the attempt and its delay', () => {
  const state = new StateRecorder();
  state.withDelays = true;
  assert.deepEqual(state.take(register(1, ['Contact: <sip:a@h1>'])), ['register']);
  assert.deepEqual(state.take(reply(100, 1)), []);
  assert.deepEqual(state.take(reply(401, 1)), []);
  state.seconds += 0.5;
  assert.deepEqual(state.take(register(2, ['Contact: <sip:a@h1>'])), []);
  assert.deepEqual(state.take(reply(200, 2, ['Contact: <sip:a@h1>;expires=60'])), [
    'registration:success:0.5',
    'succeeded:200',
    'bindings+1',
  ]);
  assert.deepEqual(state.wait(61.5), ['bindings-1']);
});

test('results: gave up, refused again, stale, rejected, silence', () => {
  const state = new StateRecorder();
  state.take(register(1));
  state.take(reply(401, 1));
  assert.deepEqual(state.wait(33), ['challenged:401']);
  const again = { callId: 'c2' };
  state.take(register(1, [], again));
  state.take(reply(401, 1, [], again));
  state.take(register(2, [], again));
  assert.deepEqual(state.take(reply(401, 2, ['WWW-Authenticate: Digest realm="x", stale=TRUE'], again)), []);
  state.take(register(3, [], again));
  assert.deepEqual(state.take(reply(407, 3, [], again)), [], 'a proxy asks for its own');
  state.take(register(4, [], again));
  assert.deepEqual(state.take(reply(401, 4, [], again)), ['authentication_failed:401']);
  state.take(register(1, [], { callId: 'c3' }));
  assert.deepEqual(state.take(reply(403, 1, [], { callId: 'c3' })), ['rejected:403']);
  state.take(register(1, [], { callId: 'c4' }));
  assert.deepEqual(state.wait(33), ['no answer to REGISTER', 'timeout:0']);
  state.take(register(1, [], { callId: 'c5' }));
  assert.deepEqual(state.take(reply(423, 1, [], { callId: 'c5' })), [], 'asks for a longer time');
  state.take(register(2, [], { callId: 'c5' }));
  assert.deepEqual(state.take(reply(200, 2, [], { callId: 'c5' })), ['succeeded:200']);
});

test('two hops are one registration, with the result of the first', () => {
  const state = new StateRecorder();
  assert.deepEqual(state.take(register(1, ['m: <sip:a@h>'])), ['register']);
  const inner = { branch: 'inner', hops: 1 };
  assert.deepEqual(state.take(register(1, ['m: <sip:a@h>'], inner)), []);
  assert.deepEqual(state.take(reply(200, 1, ['m: <sip:a@h>;expires=60'], inner)), ['bindings+1']);
  assert.deepEqual(state.take(reply(200, 1, ['m: <sip:a@h>;expires=60'])), ['succeeded:200']);
});

test('the 2xx lists every binding there is', () => {
  const state = new StateRecorder();
  const change = (cseq: number, answered: readonly string[], asked: readonly string[] = []): string[] => {
    state.take(register(cseq, asked));
    return state.take(reply(200, cseq, answered)).slice(1);
  };
  assert.deepEqual(change(1, ['Contact: <sip:a@h1>, <sip:a@h2>;expires=30', 'Expires: 100']), ['bindings+2']);
  assert.deepEqual(
    change(2, ['m: <sip:a@h1>;expires=100', 'm: <sip:a@h3>;expires=100, sip:a@h2;expires=50']),
    ['bindings+1'],
  );
  assert.deepEqual(
    change(3, ['m: <sip:a@h1>;expires=100, <sip:a@h3>;expires=100, <sip:a@h4>, <sip:a@h5>']),
    [],
  );
  assert.equal(state.calls.registrar.registrations.table.evictedOpen, 1, 'three at most here');
  assert.deepEqual(change(4, ['m: <sip:a@h1>;expires=0, <sip:a@h3>;expires=10']), ['bindings-2']);
  assert.deepEqual(change(5, [], ['Contact: *', 'Expires: 0']), ['bindings-1']);
  assert.equal(state.calls.registrar.registrations.table.size, 0);
});

test('a 2xx that lists nothing: what was asked for is done', () => {
  const state = new StateRecorder();
  const change = (cseq: number, asked: readonly string[]): string[] => {
    state.take(register(cseq, asked));
    return state.take(reply(200, cseq)).slice(1);
  };
  assert.deepEqual(change(1, ['Contact: <sip:a@h1>', 'Expires: 60']), ['bindings+1']);
  assert.deepEqual(change(2, ['Contact: <sip:a@h2>;expires=60']), ['bindings+1']);
  assert.deepEqual(change(3, ['Contact: <sip:a@h1>;expires=0']), ['bindings-1']);
  assert.deepEqual(change(4, []), ['bindings-1'], 'a query, and no binding is listed');
});

test('expiry: Contact, then Expires of the answer, then of the request, then an hour; never above the limit', () => {
  const cases: readonly (readonly [readonly string[], readonly string[], number])[] = [
    [['Contact: <sip:a@h>;expires=500'], ['Contact: <sip:a@h>;expires=40', 'Expires: 90'], 40],
    [['Contact: <sip:a@h>;expires=500'], ['Contact: <sip:a@h>', 'Expires: 90'], 90],
    [['Contact: <sip:a@h>;expires=500'], ['Contact: <sip:a@h>'], 500],
    [['Contact: <sip:a@h>', 'Expires: 700'], ['Contact: <sip:a@h>'], 700],
    [['Contact: <sip:a@h>'], ['Contact: <sip:a@h>'], 3600],
    [['Contact: <sip:a@h>'], ['Contact: <sip:a@h>;expires=4000000000'], 7200],
  ];
  for (const [asked, answered, seconds] of cases) {
    const state = new StateRecorder();
    state.take(register(1, asked));
    state.take(reply(200, 1, answered));
    assert.deepEqual(state.wait(seconds - 1), [], String(seconds));
    assert.deepEqual(state.wait(2.1), ['bindings-1'], String(seconds));
  }
});

test('a full table gives up the registration that ends first', () => {
  const state = new StateRecorder({ maxRegistrations: 2 });
  let bindings = 0;
  for (let i = 0; i < 5; i++) {
    const of = { callId: `c${i}` };
    const rename = (text: string): string => text.replace('To: <sip:b@x>', `To: <sip:b${i}@x>`);
    state.take(rename(register(1, ['m: <sip:a@h>'], of)));
    for (const event of state.take(rename(reply(200, 1, ['m: <sip:a@h>'], of)))) {
      if (event.startsWith('bindings')) bindings += Number(event.slice('bindings'.length));
    }
  }
  assert.equal(bindings, 2);
  assert.equal(state.calls.registrar.registrations.table.evictedOpen, 3);
});
