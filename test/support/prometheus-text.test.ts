// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedExposition, parsePrometheusText } from './prometheus-text.ts';

const head = '# HELP a_total Things.\n# TYPE a_total counter\n';

test('reads names, labels, escapes and values', () => {
  const exposition = parsePrometheusText(
    `${head}a_total{x="1",y="q\\"\\\\\\nz"} 3\na_total{x="2",y=""} 4.5e1\n# HELP b What.\n# TYPE b gauge\nb NaN\n`,
  );
  assert.deepEqual(exposition.samples[0], { name: 'a_total', labels: { x: '1', y: 'q"\\\nz' }, value: 3 });
  assert.equal(exposition.sum('a_total'), 48);
  assert.equal(exposition.find('a_total', { x: '2' }), 45);
  assert.equal(exposition.find('a_total', { x: '3' }), undefined);
  assert.equal(exposition.find('b'), Number.NaN);
  assert.deepEqual(exposition.byLabels('a_total', ['x']), { '1': 3, '2': 45 });
});

test('knows the lines of a histogram as one family', () => {
  const text = '# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 2\nh_count 1\n';
  assert.equal(parsePrometheusText(text).sum('h_count'), 1);
});

const malformed: Readonly<Record<string, string>> = {
  'no end of line': `${head}a_total 1`,
  'an empty line': `${head}\na_total 1\n`,
  'no TYPE': 'a_total 1\n',
  'a TYPE without HELP': '# TYPE a_total counter\na_total 1\n',
  'a second TYPE': `${head}${head}a_total 1\n`,
  'an unknown type': '# HELP a A.\n# TYPE a number\na 1\n',
  'a series twice': `${head}a_total{x="1"} 1\na_total{x="1"} 2\n`,
  'a label twice': `${head}a_total{x="1",x="1"} 1\n`,
  'an open quote': `${head}a_total{x="1} 1\n`,
  'a raw backslash': `${head}a_total{x="\\d"} 1\n`,
  'no value': `${head}a_total{x="1"}\n`,
  'a word as value': `${head}a_total undefined\n`,
  'two spaces': `${head}a_total  1\n`,
  'a family in two places': `${head}a_total 1\n# HELP b B.\n# TYPE b gauge\nb 1\na_total{x="1"} 1\n`,
  'a bucket of a counter': `${head}a_total_bucket 1\n`,
};
for (const [what, text] of Object.entries(malformed)) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parsePrometheusText(text), MalformedExposition);
  });
}
