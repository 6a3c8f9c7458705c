// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import { attemptResultNames } from './attempt-result.ts';
import { type CallEvents, sessionEndNames } from './call-events.ts';
import { Calls, type StateLimits } from './calls.ts';

const SECOND = 1e6;
const limits: StateLimits = {
  maxAttempts: 100,
  maxDialogs: 100,
  retryMicros: 32 * SECOND,
  sessionLimitMicros: 86_400 * SECOND,
};

/** A monitor whose events are written down as text, and a clock in seconds. */
class Bench implements CallEvents {
  readonly events: string[] = [];
  readonly calls: Calls;
  readonly #clock = new PacketClock();
  seconds = 1_700_000_000;

  constructor(options: Partial<StateLimits> = {}) {
    this.calls = new Calls({ ...limits, ...options }, new SeededHash(1, 2), this.#clock, this);
  }

  attemptBegun(context: number): void {
    this.events.push(`begun@${context}`);
  }
  attemptEnded(context: number, result: number): void {
    this.events.push(`${attemptResultNames[result]}@${context}`);
  }
  inviteEnded(_context: number, statusCode: number): void {
    this.events.push(`invite:${statusCode}`);
  }
  sessionBegun(context: number): void {
    this.events.push(`session@${context}`);
  }
  sessionEnded(context: number, reason: number): void {
    this.events.push(`ended:${sessionEndNames[reason]}@${context}`);
  }
  unknownDialogMessage(): void {
    this.events.push('unknown');
  }

  /** Takes a message and returns what happened since the last call. */
  take(text: string, context = 0): string[] {
    const bytes = new TextEncoder().encode(text);
    const message = new SipMessage();
    const result = parseMessage(bytes, new DataView(bytes.buffer), 0, bytes.length, message);
    assert.equal(result, ParseResult.message, text);
    this.#clock.micros = this.seconds * SECOND;
    this.calls.advance();
    this.calls.message(message, context);
    return this.events.splice(0);
  }

  /** Lets time pass and returns what happened. */
  wait(seconds: number): string[] {
    this.seconds += seconds;
    this.#clock.micros = this.seconds * SECOND;
    this.calls.advance();
    return this.events.splice(0);
  }
}

interface Parts {
  readonly callId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly branch?: string;
  readonly cseq?: number;
  /** Hops before the one where the message is seen. */
  readonly hops?: number;
}

function sip(startLine: string, method: string, parts: Parts): string {
  const { callId = 'c1', from = 'a', to = '', branch = 'b1', cseq = 1, hops = 0 } = parts;
  return [
    startLine,
    `Via: SIP/2.0/UDP h;branch=z9hG4bK${branch}`,
    ...Array.from({ length: hops }, (_, hop) => `Via: SIP/2.0/UDP h${hop};branch=z9hG4bKhop${hop}`),
    `From: <sip:a@x>;tag=${from}`,
    `To: <sip:b@x>${to === '' ? '' : `;tag=${to}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    '',
    '',
  ].join('\r\n');
}
const request = (method: string, parts: Parts = {}): string =>
  sip(`${method} sip:b@x SIP/2.0`, method, parts);
const response = (code: number, method: string, parts: Parts = {}): string =>
  sip(`SIP/2.0 ${code} X`, method, parts);
const invite = (parts: Parts = {}): string => request('INVITE', parts);
const answer = (code: number, parts: Parts = {}): string =>
  response(code, 'INVITE', { to: code > 100 ? 'b' : '', ...parts });

test('a plain call: one attempt, answered; one session, ended by its first BYE', () => {
  const bench = new Bench();
  assert.deepEqual(bench.take(invite(), 7), ['begun@7']);
  assert.deepEqual(bench.take(answer(100), 8), []);
  assert.deepEqual(bench.take(answer(180), 8), []);
  assert.deepEqual(bench.take(answer(200), 8), ['session@7', 'invite:200', 'answered@7']);
  assert.deepEqual(bench.take(request('ACK', { to: 'b', branch: 'k' }), 7), []);
  assert.deepEqual(bench.take(request('BYE', { to: 'b', branch: 'y', cseq: 2 }), 7), ['ended:bye@7']);
  assert.deepEqual(bench.take(response(200, 'BYE', { to: 'b', branch: 'y', cseq: 2 }), 8), []);
});

test('retransmissions of INVITE, 200 and BYE change nothing', () => {
  const bench = new Bench();
  bench.take(invite());
  assert.deepEqual(bench.take(invite()), []);
  bench.take(answer(200));
  assert.deepEqual(bench.take(answer(200)), []);
  assert.deepEqual(bench.take(invite()), [], 'a late INVITE');
  bench.take(request('BYE', { to: 'b', cseq: 2 }));
  assert.deepEqual(bench.take(request('BYE', { to: 'b', cseq: 2 })), []);
  assert.deepEqual(bench.take(answer(200)), [], 'a late 200 does not revive the dialog');
});

test('the callee may hang up: its BYE has the tags the other way round', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.take(answer(200));
  assert.deepEqual(bench.take(request('BYE', { from: 'b', to: 'a', cseq: 9 })), ['ended:bye@0']);
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
    const bench = new Bench();
    bench.take(invite());
    const events = bench.take(answer(code));
    assert.equal(events.at(-1), `${result}@0`, String(code));
    assert.ok(events.includes(`invite:${code}`), String(code));
    assert.deepEqual(bench.wait(400), [], 'exactly one result');
  }
});

test('408 after ringing is no answer', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.take(answer(180));
  assert.deepEqual(bench.take(answer(408)), ['invite:408', 'no_answer@0']);
});

for (const code of [401, 407, 422, 302]) {
  test(`${code} keeps the attempt open for the next INVITE`, () => {
    const bench = new Bench();
    bench.take(invite());
    assert.deepEqual(bench.take(answer(code)), [`invite:${code}`]);
    assert.deepEqual(bench.take(answer(code)), [], 'retransmitted');
    assert.deepEqual(bench.take(invite({ cseq: 2, branch: 'b2' })), []);
    assert.deepEqual(bench.take(answer(200, { cseq: 2, branch: 'b2' })), [
      'session@0',
      'invite:200',
      'answered@0',
    ]);
  });

  test(`${code} without a next INVITE ends the attempt after the retry time`, () => {
    const bench = new Bench();
    bench.take(invite());
    bench.take(answer(code));
    assert.deepEqual(bench.wait(31), []);
    const result = code === 302 ? 'redirected' : code === 422 ? 'rejected' : 'challenged';
    assert.deepEqual(bench.wait(2), [`${result}@0`]);
  });
}

test('an INVITE nobody answers times out after timer B; a ringing one only after timer C', () => {
  const bench = new Bench();
  bench.take(invite());
  assert.deepEqual(bench.wait(31), []);
  assert.deepEqual(bench.wait(2), ['invite:0', 'timeout@0']);
  bench.take(invite({ callId: 'c2' }));
  bench.take(answer(180, { callId: 'c2' }));
  assert.deepEqual(bench.wait(170), []);
  bench.take(answer(180, { callId: 'c2' }));
  assert.deepEqual(bench.wait(200), []);
  assert.deepEqual(bench.wait(13), ['invite:0', 'timeout@0']);
});

test('a proxy on the host: two hops are one attempt, and the first hop decides about failures', () => {
  const bench = new Bench();
  bench.take(invite({ branch: 'up' }));
  assert.deepEqual(bench.take(invite({ branch: 'down', hops: 1 })), []);
  assert.deepEqual(bench.take(answer(486, { branch: 'down', hops: 1 })), []);
  assert.deepEqual(bench.take(invite({ branch: 'other', hops: 1 })), [], 'the proxy tries another target');
  assert.deepEqual(bench.take(answer(503, { branch: 'up' })), ['invite:503', 'server_error@0']);
});

test('a 2xx on an inner hop is an answer', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.take(invite({ branch: 'down', hops: 300 }));
  assert.deepEqual(bench.take(answer(200, { branch: 'down', hops: 300 })), [
    'session@0',
    'invite:200',
    'answered@0',
  ]);
  assert.deepEqual(bench.take(answer(200)), []);
});

test('a caller that tries its next server with the same CSeq (RFC 3263 §4.3) gets the answer of that server', () => {
  const bench = new Bench();
  bench.take(invite({ branch: 'first' }));
  bench.take(invite({ branch: 'second' }));
  assert.deepEqual(bench.take(answer(486, { branch: 'second' })), ['invite:486', 'busy@0']);
});

test('a fork: each To tag that confirms is a dialog, the attempt is answered once', () => {
  const bench = new Bench();
  bench.take(invite());
  assert.deepEqual(bench.take(answer(200, { to: 'b1' })), ['session@0', 'invite:200', 'answered@0']);
  assert.deepEqual(bench.take(answer(200, { to: 'b2' })), ['session@0']);
  assert.deepEqual(bench.take(request('BYE', { to: 'b2', cseq: 2 })), ['ended:bye@0']);
  assert.deepEqual(bench.take(request('BYE', { to: 'b1', cseq: 2 })), ['ended:bye@0']);
});

test('CANCEL ends with its 487; a 200 that wins the race is an answer', () => {
  const bench = new Bench();
  bench.take(invite());
  assert.deepEqual(bench.take(request('CANCEL')), []);
  assert.deepEqual(bench.take(response(200, 'CANCEL', { to: 'b' })), [], "CANCEL's own 200 is no answer");
  assert.deepEqual(bench.take(answer(487)), ['invite:487', 'canceled@0']);
  bench.take(invite({ callId: 'c2' }));
  bench.take(request('CANCEL', { callId: 'c2' }));
  assert.deepEqual(bench.take(answer(200, { callId: 'c2' })).at(-1), 'answered@0');
});

test('a re-INVITE is in-dialog: no attempt, and neither its answers nor its failures count for the first', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.take(answer(200));
  for (const tags of [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
  ]) {
    assert.deepEqual(bench.take(invite({ ...tags, cseq: 2, branch: 're' })), []);
    assert.deepEqual(bench.take(answer(488, { ...tags, cseq: 2, branch: 're' })), []);
    assert.deepEqual(bench.take(answer(200, { ...tags, cseq: 3, branch: 're' })), []);
  }
});

test('in mid-call: BYE and re-INVITE of an unknown dialog, and a 200 without its INVITE', () => {
  const bench = new Bench();
  assert.deepEqual(bench.take(request('BYE', { to: 'b' })), ['unknown']);
  assert.deepEqual(bench.take(invite({ to: 'b' })), ['unknown']);
  assert.deepEqual(bench.take(answer(200)), []);
});

test('a long call lives until its BYE; without any sign of life it ends at the session limit', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.take(answer(200));
  assert.deepEqual(bench.wait(80_000), []);
  bench.take(request('UPDATE', { to: 'b', cseq: 2 }));
  assert.deepEqual(bench.wait(80_000), []);
  assert.deepEqual(bench.wait(6_500), ['ended:unknown@0']);
});

test('peers without tags and branches (RFC 2543) still make calls', () => {
  const plain = (text: string): string => text.replaceAll(/;(tag|branch)=\w+/g, '');
  const bench = new Bench();
  assert.deepEqual(bench.take(plain(invite())), ['begun@0']);
  assert.deepEqual(bench.take(plain(answer(200))), ['session@0', 'invite:200', 'answered@0']);
  assert.deepEqual(bench.take(plain(request('BYE', { cseq: 2 }))), ['ended:bye@0']);
});

test('an INVITE with a higher CSeq after the end is a new attempt', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.take(answer(486));
  assert.deepEqual(bench.take(invite({ cseq: 2, branch: 'b2' })), ['begun@0']);
  assert.deepEqual(bench.take(answer(486)), [], 'the late answer of the first');
  assert.deepEqual(bench.take(answer(486, { cseq: 2, branch: 'b2' })), ['invite:486', 'busy@0']);
});

test('a flood evicts half-open attempts and finished dialogs; established dialogs stay', () => {
  const bench = new Bench({ maxAttempts: 10, maxDialogs: 10 });
  for (let i = 0; i < 10; i++) {
    bench.take(invite({ callId: `call${i}` }));
    bench.take(answer(200, { callId: `call${i}` }));
  }
  for (let i = 0; i < 1000; i++) bench.take(invite({ callId: `flood${i}` }));
  const { attempts, dialogs } = bench.calls;
  assert.equal(attempts.table.size, 10);
  assert.equal(attempts.evictedEnded, 10);
  assert.equal(attempts.evictedOpen, 990);
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(bench.take(request('BYE', { callId: `call${i}`, to: 'b', cseq: 2 })), ['ended:bye@0']);
  }
  assert.equal(dialogs.evictedConfirmed, 0);
});

test('a full dialog table gives up the oldest, and says so', () => {
  const bench = new Bench({ maxDialogs: 2 });
  for (let i = 0; i < 3; i++) {
    bench.take(invite({ callId: `call${i}` }), i);
    const events = bench.take(answer(200, { callId: `call${i}` }));
    assert.deepEqual(events.includes('ended:evicted@0'), i === 2);
  }
  assert.equal(bench.calls.dialogs.evictedConfirmed, 1);
  assert.equal(bench.calls.dialogs.table.size, 2);
});

test('a clock that is set back does not stop expiry', () => {
  const bench = new Bench();
  bench.take(invite());
  bench.wait(-7200);
  bench.take(invite({ callId: 'c2' }));
  assert.deepEqual(bench.wait(33), [], 'the older one stands before it in the queue');
  assert.deepEqual(bench.wait(7200), ['invite:0', 'timeout@0', 'invite:0', 'timeout@0']);
});
