// SPDX-License-Identifier: Apache-2.0
// A million label values of what hurts most, through every format and back. ringtap takes label values from its configuration
// and names of interfaces only; should one ever come from the wire, it still cannot break a scrape.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { renderProtobuf } from '../../src/exposition/protobuf.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Counter } from '../../src/metrics/counter.ts';
import { Space } from '../../src/metrics/definition.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { runCommand } from '../support/command.ts';
import { randomSource } from '../support/random.ts';

const VALUES = 1_000_000;
/** A shard has room for 2,048 texts and contexts, of 63 bytes each. */
const VALUES_OF_A_SHARD = 2_000;
const family = 'sip_missing_content_length_total';
const pieces = [
  ...[
    '"',
    '\\',
    '\n',
    '\\n',
    '\\"',
    '"}',
    '"} 1\n',
    '# EOF\n',
    '# HELP a b\n',
    '\r',
    '\0',
    '\t',
    '{',
    '}',
    ',',
    '=',
  ],
  ...[
    '',
    ' ',
    'a',
    'le="+Inf"',
    '\u00e4',
    '\u{1F600}',
    '\ud800',
    '\udfff',
    '\u2028',
    '\ufeff',
    '\x7f',
    '\x85',
    '%',
    "'",
  ],
];

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

test('a million hostile label values come back from both text formats as they were', {
  timeout: 120_000,
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
      const length = 1 + random(5);
      // The number makes each a value of its own.
      let value = `${count++}`;
      for (let piece = 0; piece < length; piece++) value += pieces[random(pieces.length)]!;
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
    assert.notEqual(renderProtobuf(layout).length, 0);
  }
  // And by Prometheus's own parser.
  await runCommand('promtool', ['check', 'metrics'], { input: last });
});
