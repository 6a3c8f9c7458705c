// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SdpResult, sdpResultNames } from '../sdp/sdp-result.ts';
import { Space } from './definition.ts';
import { familyId } from './families.ts';
import { MediaSignallingMetrics } from './media-signalling-metrics.ts';
import { ShardMemory } from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';

test('every description counts once under its result, and what was left out of it', () => {
  const budget = { maxSeriesPerFamily: 1000, maxSeries: 10_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const metrics = new MediaSignallingMetrics(writer);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const cell = (name: string, index: number) =>
    writer.memory.cells[writer.base(familyId(name), context) + index];

  for (const result of Object.values(SdpResult)) metrics.description(context, result, 0);
  metrics.description(context, SdpResult.description, 3);
  metrics.description(context, SdpResult.description, 4);
  for (const [index, name] of sdpResultNames.entries()) {
    assert.equal(cell('sip_session_descriptions_total', index), name === 'read' ? 3 : 1, name);
  }
  assert.equal(cell('sip_session_description_overflows_total', 0), 7);
});
