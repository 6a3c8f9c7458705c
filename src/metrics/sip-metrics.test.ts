// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { PacketClock } from '../base/packet-clock.ts';
import { keepAliveNames, ParseResult, parseErrorNames } from '../sip/parse-result.ts';
import { registeredStatusCodes } from '../sip/status-code.ts';
import { AttemptResult, attemptResultNames } from '../state/attempt-result.ts';
import { Space, seriesPerContext } from './definition.ts';
import { families, familyId } from './families.ts';
import { ShardMemory } from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';
import { SipMetrics } from './sip-metrics.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };

/** Metrics, the context they count in, and a look at a family: label values of its last label and their counts. */
function setUp() {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const clock = new PacketClock();
  const metrics = new SipMetrics(writer, clock);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const counted = (name: string): Record<string, number> => {
    const definition = families[familyId(name)]!;
    const values = definition.labels.at(-1)!.values;
    const base = writer.base(familyId(name), context);
    const counts: Record<string, number> = {};
    for (let i = 0; i < seriesPerContext(definition); i++) {
      const count = writer.memory.cells[base + i]!;
      if (count !== 0) counts[values[i % values.length]!] = count;
    }
    return counts;
  };
  return { writer, clock, metrics, context, counted };
}

test('an INVITE counts under its final code, an unregistered one under other, none under timeout', () => {
  const { metrics, context, counted } = setUp();
  const finalCodes = registeredStatusCodes.filter((statusCode) => statusCode >= 200);
  for (const statusCode of finalCodes) metrics.inviteEnded(context, statusCode);
  metrics.inviteEnded(context, 299);
  metrics.inviteEnded(context, 0);
  const expected = Object.fromEntries([...finalCodes, 'other', 'timeout'].map((code) => [String(code), 1]));
  assert.deepEqual(counted('sip_invite_requests_by_final_code_total'), expected);
});

test('each result of an attempt, parse error and keep-alive counts under its own name', () => {
  const { metrics, context, counted } = setUp();
  for (const result of Object.values(AttemptResult)) metrics.attemptEnded(context, result);
  for (const result of Object.values(ParseResult)) if (result > 0) metrics.notMessage(context, result);
  const ones = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 1]));
  assert.deepEqual(counted('sip_session_attempt_results_total'), ones(attemptResultNames));
  assert.deepEqual(counted('sip_parse_errors_total'), ones(parseErrorNames));
  assert.deepEqual(counted('sip_keepalives_total'), ones(keepAliveNames));
});

test('the establishment ratio leaves redirected attempts out and forgets after its window', () => {
  const { writer, clock, metrics, context } = setUp();
  clock.micros = 1_763_900_000_000_000;
  const base = writer.base(familyId('sip_session_establishment_ratio'), writer.context(Space.global, []));
  const cells = () => [...writer.memory.cells.subarray(base, base + 2)];
  metrics.attemptEnded(context, AttemptResult.answered);
  metrics.attemptEnded(context, AttemptResult.redirected);
  metrics.attemptEnded(context, AttemptResult.busy);
  metrics.refresh();
  assert.deepEqual(cells(), [1, 2]);
  clock.micros += 310_000_000;
  metrics.refresh();
  assert.deepEqual(cells(), [0, 0]);
});

test('a session raises the gauge of dialogs until it ends', () => {
  const { metrics, context, counted } = setUp();
  metrics.sessionBegun(context);
  metrics.sessionBegun(context);
  metrics.sessionEnded(context, 0);
  assert.deepEqual(counted('sip_dialogs'), { confirmed: 1 });
  assert.deepEqual(counted('sip_sessions_ended_total'), { bye: 1 });
});
