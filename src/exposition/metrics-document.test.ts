// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { families } from '../metrics/families.ts';
import { renderMetricsDocument } from './metrics-document.ts';

const committed = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

test('docs/metrics.md is what src/metrics/families.ts says; else run "npm run docs"', () => {
  assert.equal(committed, renderMetricsDocument());
});

test('docs/metrics.md has a section for each family, once', () => {
  for (const { name } of families) assert.equal(committed.split(`\n### ${name}\n`).length, 2, name);
});
