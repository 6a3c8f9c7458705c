// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { Space, seriesPerContext } from './definition.ts';
import { families, familyId } from './families.ts';
import { SeriesGrants } from './series-grants.ts';
import { type SeriesBudget, ShardMemory } from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';

const requests = familyId('sip_requests_total');
const perContext = seriesPerContext(families[requests]!);
/** Three contexts of the family, not four. */
const budget: SeriesBudget = { maxSeries: 100_000, maxSeriesPerFamily: 3 * perContext + 1 };

test('what one shard was granted another may have too, and nothing beyond the budget of all', () => {
  const one = new SeriesGrants(budget);
  const other = new SeriesGrants(budget, one.buffer);
  assert.ok(one.grant(requests, 'a', perContext, 1));
  assert.ok(other.grant(requests, 'b', perContext, 1));
  assert.ok(one.grant(requests, 'c', perContext, 1));
  assert.ok(!other.grant(requests, 'd', perContext, 1));
  assert.ok(other.grant(requests, 'a', perContext, 1));
  assert.ok(one.grant(requests, 'b', perContext, 0.5), 'it is there already');
});

test('half of the budget is kept for what counts', () => {
  const grants = new SeriesGrants(budget);
  assert.ok(grants.grant(requests, 'a', perContext, 0.5));
  assert.ok(!grants.grant(requests, 'b', perContext, 0.5));
  assert.ok(grants.grant(requests, 'b', perContext, 1));
});

test('a refusal is the first one once', () => {
  const one = new SeriesGrants(budget);
  const other = new SeriesGrants(budget, one.buffer);
  assert.ok(one.isFirstRefusal(requests, 'a'));
  assert.ok(!other.isFirstRefusal(requests, 'a'));
  assert.ok(other.isFirstRefusal(requests, 'b'));
  assert.ok(other.isFirstRefusal(requests + 1, 'a'));
});

test('two shards that see different interfaces expose no more series than the budget, and count an overflow once', () => {
  const grants = new SeriesGrants(budget);
  const shards = [0, 1].map(() => ShardMemory.allocate(budget));
  const writers = shards.map((shard) => new ShardWriter(shard, budget, grants));
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e', 'a', 'e', 'd'].entries()) {
    const writer = writers[index % 2]!;
    writer.memory.cells[writer.base(requests, writer.context(Space.traffic, [name, 'inbound']))]! += 1;
  }
  const layout = new SeriesLayout(shards);
  layout.refresh();
  const family = layout.families[requests]!;
  assert.deepEqual(family.contexts.map(([name]) => name).sort(), ['a', 'b', 'c', 'other']);
  assert.equal(layout.total('sip_requests_total'), 8);
  assert.equal(layout.total('sip_requests_total', 'interface="other"'), 4);
  assert.equal(layout.total('ringtap_metric_series_overflow_total'), 2);
});

test('a name is the same context in every shard', () => {
  const [one, other] = [0, 1].map(() => new ShardWriter(ShardMemory.allocate(budget), budget));
  other!.context(Space.traffic, ['x', 'unknown']);
  const context = one!.context(Space.traffic, ['eth0', 'inbound']);
  const there = other!.contextOf(one!.memory, context);
  assert.equal(there, other!.context(Space.traffic, ['eth0', 'inbound']));
  assert.notEqual(there, context);
});
