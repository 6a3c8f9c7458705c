// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { PacketClock } from '../base/packet-clock.ts';
import { SipMessage } from '../sip/message.ts';
import { Method, methodNames } from '../sip/method.ts';
import { keepAliveNames, ParseResult, parseErrorNames } from '../sip/parse-result.ts';
import { registeredStatusCodes } from '../sip/status-code.ts';
import { AttemptResult, attemptResultNames } from '../state/attempt-result.ts';
import {
  Delay,
  DialogState,
  Outcome,
  ReasonProtocol,
  SessionEnd,
  sessionEndNames,
} from '../state/call-events.ts';
import {
  RegistrationResult,
  registrationResultNames,
  resultOfRegistration,
} from '../state/registration-result.ts';
import { cellsPerContext, cellsPerTuple, labelTuples, Space } from './definition.ts';
import { families, familyId } from './families.ts';
import { ShardMemory } from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';
import { SipMetrics } from './sip-metrics.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };
const WINDOW = 300_000_000;
const finalCodes = registeredStatusCodes.filter((statusCode) => statusCode >= 200);

/**
 * Metrics, the context they count in, and a look at a family: counts by label values, joined by a space; of a
 * histogram how many values were observed.
 */
function setUp(peerNames: string[] = []) {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const clock = new PacketClock();
  clock.micros = 1_763_900_000_000_000;
  const metrics = new SipMetrics(writer, clock, WINDOW, peerNames);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const cells = (name: string, at: number): number[] => {
    const base = writer.base(familyId(name), at);
    return [...writer.memory.cells.subarray(base, base + cellsPerContext(families[familyId(name)]!))];
  };
  const counted = (name: string): Record<string, number> => {
    const definition = families[familyId(name)]!;
    const size = cellsPerTuple(definition);
    const values = cells(name, context);
    const counts: Record<string, number> = {};
    for (const [i, tuple] of labelTuples(definition).entries()) {
      const own = values.slice(i * size, (i + 1) * size);
      const count = size === 1 ? own[0]! : own.slice(0, -1).reduce((sum, one) => sum + one, 0);
      if (count !== 0) counts[tuple.join(' ')] = count;
    }
    return counts;
  };
  return { writer, clock, metrics, context, cells, counted };
}

/** Each name once. */
const ones = (names: readonly (string | number)[]) =>
  Object.fromEntries(names.map((name) => [String(name), 1]));

test('a message counts by method and code, with its size from start line to body', () => {
  const { metrics, context, cells, counted } = setUp();
  const message = new SipMessage();
  Object.assign(message, { isRequest: true, method: Method.invite, startOffset: 42 });
  Object.assign(message, { bodyOffset: 542, bodyLength: 800 });
  metrics.message(context, message);
  metrics.retransmission(context, message);
  metrics.captureDuplicate(context, message);
  Object.assign(message, { isRequest: false, statusCode: 486, bodyOffset: 500, bodyLength: 0 });
  metrics.message(context, message);
  metrics.retransmission(context, message);
  metrics.retransmission(context, message);
  assert.deepEqual(counted('sip_requests_total'), { INVITE: 1 });
  assert.deepEqual(counted('sip_responses_total'), { 'INVITE 486': 1 });
  assert.deepEqual(counted('sip_retransmissions_total'), { 'INVITE request': 1, 'INVITE response': 2 });
  assert.deepEqual(counted('sip_capture_duplicates_total'), { '': 1 });
  assert.deepEqual(counted('sip_message_size_bytes'), { '': 2 });
  assert.equal(cells('sip_message_size_bytes', context).at(-1), 1300 + 458);
  // 458 is below 512, 1300 just what fits.
  assert.deepEqual(cells('sip_message_size_bytes', context).slice(0, 6), [0, 1, 0, 0, 1, 0]);
});

test('an INVITE and an attempt count under their final code, unregistered under other, none under timeout', () => {
  const { metrics, context, counted } = setUp();
  for (const statusCode of [...finalCodes, 299, 0]) {
    metrics.inviteEnded(context, statusCode);
    metrics.attemptEnded(1, context, AttemptResult.rejected, statusCode);
  }
  const expected = ones([...finalCodes, 'other', 'timeout']);
  assert.deepEqual(counted('sip_invite_requests_by_final_code_total'), expected);
  assert.deepEqual(counted('sip_session_attempt_codes_total'), expected);
});

test('each value of a closed set counts under its own name', () => {
  const { metrics, context, counted } = setUp();
  for (const result of Object.values(AttemptResult)) metrics.attemptEnded(1, context, result, 200);
  for (const result of Object.values(ParseResult)) if (result > 0) metrics.notMessage(context, result);
  for (const method of Object.values(Method)) metrics.transactionTimeout(context, method);
  for (const reason of Object.values(SessionEnd)) metrics.sessionEnded(1, context, reason);
  assert.deepEqual(counted('sip_session_attempt_results_total'), ones(attemptResultNames));
  assert.deepEqual(counted('sip_parse_errors_total'), ones(parseErrorNames.map((name) => `sip ${name}`)));
  assert.deepEqual(counted('sip_keepalives_total'), ones(keepAliveNames));
  assert.deepEqual(counted('sip_transaction_timeouts_total'), ones(methodNames));
  assert.deepEqual(counted('sip_sessions_ended_total'), ones(sessionEndNames));
});

test('a registration counts under the one pair of result and code that it is', () => {
  const { metrics, context, counted } = setUp();
  const expected: string[] = [];
  const end = (result: RegistrationResult, statusCode: number, code: string | number) => {
    metrics.registrationEnded(1, context, result, statusCode);
    expected.push(`${registrationResultNames[result]} ${code}`);
  };
  for (const statusCode of finalCodes) end(resultOfRegistration(statusCode), statusCode, statusCode);
  for (const statusCode of [299, 399, 499, 599, 699])
    end(resultOfRegistration(statusCode), statusCode, 'other');
  end(RegistrationResult.authenticationFailed, 401, 401);
  end(RegistrationResult.authenticationFailed, 407, 407);
  end(RegistrationResult.timeout, 0, 'timeout');
  assert.deepEqual(counted('sip_registration_results_total'), ones(expected));
  assert.equal(expected.length, labelTuples(families[familyId('sip_registration_results_total')]!).length);
  metrics.registrationBegun(1, context);
  metrics.bindingsChanged(context, 3);
  metrics.bindingsChanged(context, -2);
  assert.deepEqual(counted('sip_registration_attempts_total'), { '': 1 });
  assert.deepEqual(counted('sip_registrations'), { '': 1 });
});

test('a cause counts under its protocol, one that is not registered under other', () => {
  const { metrics, context, counted } = setUp();
  for (const cause of [16, 127, 0, 15, 128, 999]) metrics.reason(context, ReasonProtocol.q850, cause);
  for (const cause of [200, 487, 608, 0, 16, 180, 299, 999])
    metrics.reason(context, ReasonProtocol.sip, cause);
  assert.deepEqual(counted('sip_reason_total'), {
    'Q.850 other': 4,
    'Q.850 16': 1,
    'Q.850 127': 1,
    'SIP other': 5,
    'SIP 200': 1,
    'SIP 487': 1,
    'SIP 608': 1,
  });
});

test('the gauge of dialogs follows their state', () => {
  const { metrics, context, counted } = setUp();
  const change = (from: DialogState, to: DialogState) => metrics.dialogChanged(1, context, from, to);
  change(DialogState.none, DialogState.early);
  change(DialogState.none, DialogState.early);
  change(DialogState.none, DialogState.confirmed);
  assert.deepEqual(counted('sip_dialogs'), { early: 2, confirmed: 1 });
  change(DialogState.early, DialogState.confirmed);
  assert.deepEqual(counted('sip_dialogs'), { early: 1, confirmed: 2 });
  change(DialogState.early, DialogState.terminated);
  change(DialogState.confirmed, DialogState.terminated);
  assert.deepEqual(counted('sip_dialogs'), { confirmed: 1 });
});

test('each kind of delay and a duration is observed in its own histogram, in its unit', () => {
  const { metrics, context, cells, counted } = setUp();
  for (const kind of Object.values(Delay)) {
    metrics.delay(kind, context, Outcome.success, 20_000 + kind);
    metrics.delay(kind, context, Outcome.failure, 40_000);
  }
  const names: Record<keyof typeof Delay, string> = {
    registrationRequest: 'sip_registration_request_delay_seconds',
    sessionRequest: 'sip_session_request_delay_seconds',
    sessionDisconnect: 'sip_session_disconnect_delay_seconds',
    postDial: 'sip_post_dial_delay_seconds',
    answer: 'sip_answer_delay_seconds',
    redirect: 'sip_redirect_delay_seconds',
    cancelRing: 'sip_cancel_ring_seconds',
    optionsResponse: 'sip_options_response_delay_seconds',
  };
  for (const [kind, name] of Object.entries(names)) {
    const hasOutcome = families[familyId(name)]!.labels.length > 0;
    assert.deepEqual(counted(name), hasOutcome ? { success: 1, failure: 1 } : { '': 2 }, name);
    const size = cellsPerTuple(families[familyId(name)]!);
    const sum = 20_000 + Delay[kind as keyof typeof Delay] + (hasOutcome ? 0 : 40_000);
    assert.equal(cells(name, context)[size - 1], sum, name);
  }
  metrics.sessionDuration(context, Outcome.failure, 61_000, true);
  assert.deepEqual(counted('sip_session_duration_seconds'), { failure: 1 });
  assert.equal(cells('sip_session_duration_seconds', context).at(-1), 61_000);
});

test('ready ratios are those of the window, in the operational form', () => {
  const { writer, clock, metrics, context, cells } = setUp();
  const window = writer.context(Space.window, ['5m']);
  const shown = () => {
    metrics.refresh();
    return Object.fromEntries(
      families
        .filter(({ type, space }) => type === 'ratio' && space === Space.window)
        .map(({ name }) => [name, cells(name, window)]),
    );
  };
  const attempts: [AttemptResult, number][] = [
    [AttemptResult.answered, 200],
    [AttemptResult.answered, 202],
    [AttemptResult.redirected, 302],
    [AttemptResult.busy, 486],
    [AttemptResult.busy, 600],
    [AttemptResult.declined, 603],
    [AttemptResult.declined, 607],
    [AttemptResult.noAnswer, 480],
    [AttemptResult.noAnswer, 408],
    [AttemptResult.canceled, 487],
    [AttemptResult.rejected, 404],
    [AttemptResult.rejected, 408],
    [AttemptResult.serverError, 500],
    [AttemptResult.serverError, 503],
    [AttemptResult.serverError, 504],
    [AttemptResult.serverError, 501],
    [AttemptResult.globalError, 606],
    [AttemptResult.challenged, 407],
    [AttemptResult.timeout, 0],
    [AttemptResult.canceled, 0],
  ];
  for (const [result, statusCode] of attempts) metrics.attemptEnded(1, context, result, statusCode);
  metrics.sessionDuration(context, Outcome.success, 1, true);
  metrics.sessionDuration(context, Outcome.success, 1, false);
  metrics.sessionDuration(context, Outcome.failure, 1, true);
  for (const statusCode of [200, 302, 401, 402, 403, 407, 423, 500, 603])
    metrics.registrationEnded(1, context, resultOfRegistration(statusCode), statusCode);
  metrics.registrationEnded(1, context, RegistrationResult.authenticationFailed, 401);
  metrics.registrationEnded(1, context, RegistrationResult.timeout, 0);
  assert.deepEqual(shown(), {
    sip_session_establishment_ratio: [2, 19],
    sip_session_establishment_effectiveness_ratio: [6, 19],
    sip_ineffective_session_attempts_ratio: [6, 20],
    sip_session_completion_ratio: [1, 20],
    sip_answer_seizure_ratio: [2, 20],
    sip_network_effectiveness_ratio: [8, 20],
    sip_ineffective_registration_attempts_ratio: [5, 11],
  });
  clock.micros += WINDOW + 10_000_000;
  assert.ok(
    Object.values(shown())
      .flat()
      .every((cell) => cell === 0),
  );
});

test('a peer is NaN until known; a flap is a change of the verdict, not the first one', () => {
  const { writer, metrics, clock, cells } = setUp(['trunk', 'desk']);
  const look = (peer: string) =>
    ['sip_peer_up', 'sip_peer_round_trip_seconds', 'sip_peer_flaps_total'].map((name) => {
      const [value, timeMicros = clock.micros] = cells(name, writer.context(Space.peer, [peer]));
      // Without a time it is not known.
      assert.ok(timeMicros === 0 || timeMicros === clock.micros);
      return timeMicros === 0 ? Number.NaN : value;
    });
  assert.deepEqual(look('trunk'), [Number.NaN, Number.NaN, 0]);
  metrics.peerChecked(0, false, -1);
  assert.deepEqual(look('trunk'), [0, Number.NaN, 0]);
  metrics.peerChecked(0, true, 12_000);
  assert.deepEqual(look('trunk'), [1, 0.012, 1]);
  metrics.peerChecked(0, true, 500_000);
  metrics.peerChecked(0, false, -1);
  assert.deepEqual(look('trunk'), [0, 0.5, 2]);
  assert.deepEqual(look('desk'), [Number.NaN, Number.NaN, 0]);
});

test('peers may change: one that stays keeps its verdict, of one that goes nothing is known', () => {
  const { writer, metrics, cells } = setUp(['gone', 'stays']);
  metrics.peerChecked(0, true, 1000);
  metrics.peerChecked(1, true, 1000);
  metrics.replacePeers(['stays', 'new']);
  assert.deepEqual(cells('sip_peer_up', writer.context(Space.peer, ['gone']))[0], Number.NaN);
  assert.deepEqual(cells('sip_peer_up', writer.context(Space.peer, ['stays']))[0], 1);
  metrics.peerChecked(0, false, -1);
  assert.deepEqual(cells('sip_peer_flaps_total', writer.context(Space.peer, ['stays'])), [1]);
  metrics.peerChecked(1, false, -1);
  assert.deepEqual(cells('sip_peer_flaps_total', writer.context(Space.peer, ['new'])), [0]);
});
