// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertCommitted } from '../../support/committed-captures.ts';
import { readPcap } from '../../support/pcap.ts';
import { callCases } from './cases.ts';
import { networkOf } from './dialogue.ts';
import { bucketBounds, differences, expectedFigures, figuresOf, ratiosOf } from './figures.ts';
import { captureFolder, generate } from './generate.ts';
import { replay } from './monitor.ts';
import { play } from './scenario.ts';

const bounds = bucketBounds(replay(play(callCases[0]!)));

test('the committed captures are what the generator writes', () => {
  assertCommitted(captureFolder, generate);
});

test('no two cases share a name or a network', () => {
  assert.equal(new Set(callCases.map(({ name }) => name)).size, callCases.length);
  assert.equal(new Set(callCases.map(({ name }) => networkOf(name))).size, callCases.length);
});

for (const callCase of callCases) {
  test(`${callCase.name}: ${callCase.meaning}`, () => {
    const records = readPcap(join(captureFolder, `${callCase.name}.pcap`));
    const frames = play(callCase);
    const exposition = replay(records.map((record, i) => ({ ...frames[i]!, ...record })));
    assert.deepEqual(differences(figuresOf(exposition), expectedFigures(callCase, frames, bounds)), []);
    for (const [name, value] of ratiosOf(exposition)) {
      assert.ok(value >= 0 && value <= 1, `${name} is ${value}`);
    }
    assert.equal(replay(frames), exposition, 'the same frames twice give the same bytes');
  });
}
