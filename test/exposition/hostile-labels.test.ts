// SPDX-License-Identifier: Apache-2.0
// A million label values of what hurts most, through every format and back. ringtap takes label values from its configuration
// and names of interfaces only; should one ever come from the wire, it still cannot break a scrape.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.ts';
import { OtlpRenderer } from '../../src/exposition/otlp.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { renderProtobuf } from '../../src/exposition/protobuf.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Counter } from '../../src/metrics/counter.ts';
import { Space } from '../../src/metrics/definition.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { runCommand } from '../support/command.ts';
import { hostileText } from '../support/hostile-text.ts';
import { decodeOtlp } from '../support/otlp.ts';
import { all, delimited, fieldsOf } from '../support/protobuf.ts';
import { randomSource } from '../support/random.ts';

const VALUES = 1_000_000;
/** The binary formats take longer to read back than to write: every so many shards. RINGTAP_HOSTILE_SHARDS=1 reads all. */
const BINARY_SHARDS = Number(process.env['RINGTAP_HOSTILE_SHARDS'] ?? 10);
/** A shard has room for 2,048 texts and contexts, of 63 bytes each. */
const VALUES_OF_A_SHARD = 2_000;
const family = 'sip_missing_content_length_total';

/** The label `interface` of each sample of the family in the protobuf format. */
function labelsInProtobuf(bytes: Uint8Array): string[] {
  const textOf = (value: number | Uint8Array | undefined): string => decoder.decode(value as Uint8Array);
  const families = delimited(bytes).map(fieldsOf);
  const found = families.filter((fields) => textOf(all(fields, 1)[0]) === family);
  const metrics = found.flatMap((fields) => all(fields, 4));
  return metrics.map((metric) => {
    const [label] = all(fieldsOf(metric as Uint8Array), 1);
    const fields = fieldsOf(label as Uint8Array);
    assert.equal(textOf(all(fields, 1)[0]), 'interface');
    return textOf(all(fields, 2)[0]);
  });
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The attribute `interface` of each point of the family, by OpenTelemetry's own decoder. */
function labelsInOtlp(layout: SeriesLayout): string[] {
  return [...new OtlpRenderer(new Map(), 0).render(layout, 1)]
    .flatMap((bytes) => decodeOtlp(bytes).metrics)
    .filter(({ name }) => name === family)
    .flatMap(({ sum }) => sum!.dataPoints.map((point) => point.attributes![0]!.value.stringValue));
}

/** What is between the quotes of each label `interface` of the family's samples, unescaped. */
function* labelsIn(text: string): Generator<string> {
  const line = new RegExp(
    `^${family}\\{interface="((?:[^"\\\\\\n]|\\\\["\\\\n])*)",direction="inbound"\\} 1\\n`,
    'my',
  );
  for (let at = text.indexOf(`\n${family}{`) + 1; ; ) {
    line.lastIndex = at;
    const found = line.exec(text);
    if (found === null) return;
    yield found[1]!.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
    at = line.lastIndex;
  }
}

test('a million hostile label values come back from every format as they were', {
  timeout: 600_000,
}, async () => {
  const random = randomSource(7);
  const budget = { maxSeriesPerFamily: 10_000, maxSeries: 10_000 };
  let count = 0;
  let last = '';
  while (count < VALUES) {
    const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
    const counter = new Counter(writer, family);
    const expected: string[] = [];
    for (let i = 0; i < VALUES_OF_A_SHARD; i++) {
      // The number makes each a value of its own.
      const value = `${count++}${hostileText(random)}`;
      counter.add(writer.context(Space.traffic, [value, 'inbound']), 0, 1);
      expected.push(value.toWellFormed());
    }
    const layout = new SeriesLayout([writer.memory]);
    layout.refresh();
    last = renderText(layout);
    assert.equal([...labelsIn(last)].join('\u0001'), expected.join('\u0001'));
    const openMetrics = renderOpenMetrics(layout);
    assert.equal([...labelsIn(openMetrics)].join('\u0001'), expected.join('\u0001'));
    assert.ok(openMetrics.endsWith('\n# EOF\n'));
    const protobuf = renderProtobuf(layout);
    assert.notEqual(protobuf.length, 0);
    if ((count / VALUES_OF_A_SHARD) % BINARY_SHARDS === 0) {
      assert.equal(labelsInProtobuf(protobuf).join('\u0001'), expected.join('\u0001'));
      assert.equal(labelsInOtlp(layout).join('\u0001'), expected.join('\u0001'));
    }
  }
  // And by Prometheus's own parser.
  await runCommand('promtool', ['check', 'metrics'], { input: last });
});
