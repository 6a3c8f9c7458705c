// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Counter } from './counter.ts';
import { cellsPerContext, contextLabels, Space, seriesPerContext, spaceLabels } from './definition.ts';
import { families, familyId } from './families.ts';
import {
  BLOCK_SIZE,
  CONTEXT_SIZE,
  Header,
  MAX_CONTEXTS,
  MAX_TEXTS,
  type SeriesBudget,
  ShardMemory,
  TEXT_SIZE,
} from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';

const plenty: SeriesBudget = { maxSeriesPerFamily: 100_000, maxSeries: 500_000 };
const requests = familyId('sip_requests_total');
const responses = familyId('sip_responses_total');
const overflow = familyId('ringtap_metric_series_overflow_total');

function makeWriter(budget: SeriesBudget = plenty): ShardWriter {
  return new ShardWriter(ShardMemory.allocate(budget), budget);
}

interface Block {
  readonly family: number;
  readonly context: number;
  readonly base: number;
}

/** What a reader in another thread finds: only what is in the buffer. */
function blocksOf(writer: ShardWriter): Block[] {
  const { header, blocks } = new ShardMemory(writer.memory.buffer);
  return Array.from({ length: header[Header.blockCount]! }, (_, i) => ({
    family: blocks[i * BLOCK_SIZE]!,
    context: blocks[i * BLOCK_SIZE + 1]!,
    base: blocks[i * BLOCK_SIZE + 2]!,
  }));
}

function labelsOf(writer: ShardWriter, context: number): string[] {
  const { contexts, texts } = new ShardMemory(writer.memory.buffer);
  const space = contexts[context * CONTEXT_SIZE]!;
  // Those that are only there where they are configured have no value.
  const width = space === Space.traffic ? 2 : spaceLabels[space]!.length;
  return Array.from({ length: width }, (_, i) => {
    const start = contexts[context * CONTEXT_SIZE + 1 + i]! * TEXT_SIZE;
    return new TextDecoder('utf-8', { fatal: true }).decode(
      texts.slice(start + 1, start + 1 + texts[start]!),
    );
  });
}

test('the same label values are the same context, other values another', () => {
  const writer = makeWriter();
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  assert.equal(writer.context(Space.traffic, ['eth0', 'inbound']), context);
  assert.notEqual(writer.context(Space.traffic, ['eth0', 'outbound']), context);
  assert.notEqual(writer.context(Space.build, ['eth0', 'inbound']), context);
  assert.deepEqual(labelsOf(writer, context), ['eth0', 'inbound']);
});

test('label values that only look alike when joined are different contexts', () => {
  const writer = makeWriter();
  const first = writer.context(Space.traffic, ['a\nb', 'c']);
  const second = writer.context(Space.traffic, ['a', 'b\nc']);
  assert.notEqual(first, second);
  assert.deepEqual(labelsOf(writer, first), ['a\nb', 'c']);
  assert.deepEqual(labelsOf(writer, second), ['a', 'b\nc']);
});

test('a text that is too long is cut between characters', () => {
  const writer = makeWriter();
  for (let length = TEXT_SIZE - 6; length < TEXT_SIZE; length++) {
    const text = `${'x'.repeat(length)}äö€😀`;
    const [cut] = labelsOf(writer, writer.context(Space.interface, [text]));
    assert.ok(text.startsWith(cut!));
    assert.ok(
      cut!.length >= TEXT_SIZE - 6 && Buffer.byteLength(cut!) < TEXT_SIZE,
      `${cut!.length} characters`,
    );
  }
});

test('more contexts than there is room for become "other"', () => {
  const writer = makeWriter();
  const ids = new Set<number>();
  for (let i = 0; i < MAX_CONTEXTS + 100; i++) ids.add(writer.context(Space.interface, [`eth${i}`]));
  const last = writer.context(Space.interface, ['one more']);
  assert.deepEqual(labelsOf(writer, last), ['other']);
  assert.equal(writer.context(Space.interface, ['eth0']), [...ids][0]);
  assert.ok(ids.size <= MAX_CONTEXTS);
});

test('every series of a context but rare ones starts at 0 and is there before the first event', () => {
  const writer = makeWriter();
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  writer.openAll(Space.traffic, context);
  const expected = [...families.keys()].filter(
    (id) => families[id]!.space === Space.traffic && !families[id]!.isRare,
  );
  const blocks = blocksOf(writer);
  assert.deepEqual(
    blocks.map(({ family }) => family),
    expected,
  );
  for (const { base, family } of blocks) {
    const cells = writer.memory.cells.subarray(base, base + cellsPerContext(families[family]!));
    assert.ok(cells.every((cell) => cell === 0));
  }
  writer.openAll(Space.traffic, context);
  assert.equal(blocksOf(writer).length, expected.length);
});

test('beyond the budget a context counts under "other", and each label set that did is counted', () => {
  const series = seriesPerContext(families[responses]!);
  const writer = makeWriter({ maxSeriesPerFamily: 2 * series, maxSeries: 500_000 });
  const counter = new Counter(writer, 'sip_responses_total');
  for (let i = 0; i < 5; i++) {
    const context = writer.context(Space.traffic, [`eth${i}`, 'inbound']);
    for (let packet = 0; packet < 10; packet++) counter.add(context, 7, 1);
  }
  const blocks = blocksOf(writer).filter(({ family }) => family === responses);
  const counts = blocks.map(({ context, base }) => [
    ...labelsOf(writer, context),
    writer.memory.cells[base + 7],
  ]);
  assert.deepEqual(counts, [
    ['eth0', 'inbound', 10],
    ['eth1', 'inbound', 10],
    ['other', 'other', 30],
  ]);
  const overflowBase = writer.base(overflow, writer.context(Space.global, []));
  assert.equal(writer.memory.cells[overflowBase + responses], 3);
  assert.equal(writer.memory.cells[overflowBase + requests], 0);
});

test('without any budget the families without context labels still count', () => {
  const writer = makeWriter({ maxSeriesPerFamily: 0, maxSeries: 0 });
  const context = writer.context(Space.global, []);
  writer.openAll(Space.global, context);
  new Counter(writer, 'process_open_fds').set(context, 0, 12);
  new Counter(writer, 'sip_requests_total').add(writer.context(Space.traffic, ['eth0', 'inbound']), 3, 1);
  assert.equal(writer.memory.cells[writer.base(familyId('process_open_fds'), context)], 12);
  assert.equal(writer.memory.cells[writer.base(overflow, context) + requests], 1);
});

test('the families without context labels and "other" take nothing from the budget', () => {
  const series = seriesPerContext(families[requests]!);
  const writer = makeWriter({ maxSeriesPerFamily: series, maxSeries: series });
  writer.openAll(Space.global, writer.context(Space.global, []));
  const counter = new Counter(writer, 'sip_requests_total');
  counter.add(writer.context(Space.traffic, ['other', 'other']), 0, 1);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  counter.add(context, 0, 1);
  assert.ok(blocksOf(writer).some((block) => block.family === requests && block.context === context));
});

test('openAll leaves three quarters of the budget for what really comes', () => {
  const series = seriesPerContext(families[responses]!);
  const writer = makeWriter({ maxSeriesPerFamily: 7 * series, maxSeries: 500_000 });
  const contexts = ['inbound', 'outbound'].map((direction) =>
    writer.context(Space.traffic, ['eth0', direction]),
  );
  for (const context of contexts) writer.openAll(Space.traffic, context);
  const opened = (): number[] =>
    blocksOf(writer)
      .filter(({ family }) => family === responses)
      .map(({ context }) => context);
  assert.deepEqual(opened(), [contexts[0]]);
  new Counter(writer, 'sip_responses_total').add(contexts[1]!, 0, 1);
  assert.deepEqual(opened(), contexts);
});

test('openMain has small families in all contexts before larger ones, up to half of the budget', () => {
  const attempts = familyId('sip_session_attempts_total');
  const codes = familyId('sip_session_attempt_codes_total');
  const contexts = Array.from({ length: 40 }, (_, i) => ['eth0', 'inbound', `c${i}`]);
  const make = (maxSeries: number): ShardWriter => {
    const writer = makeWriter({ maxSeriesPerFamily: 100_000, maxSeries });
    writer.openMain(contexts.map((values) => writer.context(Space.traffic, values)));
    return writer;
  };
  const countOf = (writer: ShardWriter, family: number): number =>
    blocksOf(writer).filter((block) => block.family === family).length;
  const main = families
    .filter(({ isMain }) => isMain)
    .reduce((sum, family) => sum + seriesPerContext(family), 0);
  const large = make(2 * 40 * main);
  assert.equal(countOf(large, attempts), 40);
  assert.equal(countOf(large, codes), 40);
  assert.equal(countOf(large, responses), 0);
  const small = make(40 * main);
  assert.equal(countOf(small, attempts), 40);
  assert.ok(countOf(small, codes) < 40);
});

test('label sets that there is no context for are counted once each, by the label that has the most values', () => {
  const writer = makeWriter();
  const setOf = (carrier: number): number =>
    writer.context(Space.traffic, ['eth0', 'inbound', `carrier-${carrier % 1000}`, `ua-${carrier}`]);
  for (let i = 0; i < MAX_TEXTS; i++) setOf(i);
  const overflowOf = (label: string): number =>
    writer.memory.cells[
      writer.base(familyId('ringtap_metric_label_overflow_total'), writer.context(Space.global, [])) +
        contextLabels.indexOf(label)
    ]!;
  const refused = overflowOf('ua_type');
  assert.ok(refused > 900, `${refused}`);
  const other = writer.context(Space.traffic, ['eth0', 'inbound', 'other', 'other']);
  assert.equal(setOf(MAX_TEXTS - 1), other);
  assert.equal(overflowOf('ua_type'), refused);
  assert.equal(overflowOf('carrier'), 0);
});

test('property: blocks never overlap, stay inside the memory and within the budget', () => {
  const action = fc.record({
    family: fc.nat(families.length - 1),
    interfaceNumber: fc.nat(12),
    isAll: fc.boolean(),
  });
  const budgets = fc.record({ maxSeriesPerFamily: fc.nat(5_000), maxSeries: fc.nat(20_000) });
  fc.assert(
    fc.property(budgets, fc.array(action, { maxLength: 60 }), (budget, actions) => {
      const writer = makeWriter(budget);
      const used = new Map<string, number>();
      for (const { family, interfaceNumber, isAll } of actions) {
        const { space } = families[family]!;
        const labels = [`eth${interfaceNumber}`, 'inbound'].slice(0, spaceLabels[space]!.length);
        const context = writer.context(space, labels);
        if (isAll) writer.openAll(space, context);
        used.set(`${family} ${context}`, writer.base(family, context));
      }
      const blocks = blocksOf(writer).sort((a, b) => a.base - b.base);
      let end = 0;
      let series = 0;
      const seriesOfFamily = new Map<number, number>();
      const seen = new Set<string>();
      for (const { family, context, base } of blocks) {
        assert.equal(base, end, 'blocks lie side by side');
        end = base + cellsPerContext(families[family]!);
        assert.ok(!seen.has(`${family} ${context}`), 'one block a family and context');
        seen.add(`${family} ${context}`);
        const labels = labelsOf(writer, context);
        if (labels.length === 0 || labels[0] === 'other') continue;
        series += seriesPerContext(families[family]!);
        seriesOfFamily.set(family, (seriesOfFamily.get(family) ?? 0) + seriesPerContext(families[family]!));
      }
      assert.ok(end <= writer.memory.cells.length);
      assert.ok(series <= budget.maxSeries);
      for (const count of seriesOfFamily.values()) assert.ok(count <= budget.maxSeriesPerFamily);
      for (const [key, base] of used) {
        const family = Number(key.split(' ')[0]);
        assert.equal(writer.base(family, Number(key.split(' ')[1])), base, 'a first cell never moves');
        assert.ok(
          blocks.some((block) => block.base === base && block.family === family),
          'a first cell is that of a block of its family',
        );
      }
    }),
    { numRuns: 150 },
  );
});
