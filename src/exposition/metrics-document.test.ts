// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { families } from '../metrics/families.ts';
import { renderMetricsDocument } from './metrics-document.ts';
import { boundText } from './text-format.ts';

const committed = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

test('docs/metrics.md is what src/metrics/families/ says; else run "npm run docs"', () => {
  assert.equal(committed, renderMetricsDocument());
});

test('docs/metrics.md has a section for each family, once', () => {
  for (const { name } of families) assert.equal(committed.split(`\n### ${name}\n`).length, 2, name);
});

test('the queries of docs/metrics.md ask for series that are there', () => {
  const queries = [...committed.matchAll(/^```promql\n(.*?)^```$/gms)].map((match) => match[1]!);
  const definitions = new Map(families.map((family) => [family.name, family]));
  for (const query of queries) {
    for (const [, name, labels = ''] of query.matchAll(
      /\b((?:sip|rtp|ringtap|process|nodejs)_\w+)(?:\{(.*?)\})?/g,
    )) {
      const definition =
        definitions.get(name!) ?? definitions.get(name!.replace(/_(?:bucket|sum|count)$/, ''));
      assert.ok(definition, `${name} in ${query}`);
      assert.equal(definition.type === 'histogram', !definitions.has(name!), `${name} in ${query}`);
      for (const [, label, value] of labels.matchAll(/(\w+)(?:=|!=|=~|!~)"(.*?)"/g)) {
        const values: readonly string[] =
          label === 'le' && definition.type === 'histogram'
            ? definition.buckets.map(boundText)
            : (definition.labels.find((own) => own.name === label)?.values ?? []);
        for (const alternative of value!.split('|')) {
          const wanted = new RegExp(`^${alternative}$`);
          assert.ok(
            values.some((one) => wanted.test(one)),
            `${label}="${alternative}" in ${query}`,
          );
        }
      }
    }
  }
});
