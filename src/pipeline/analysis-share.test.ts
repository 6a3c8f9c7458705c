// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { testAnalysis, testLimits } from '../../test/pipeline/monitor.ts';
import { analysisOfWorker } from './analysis-share.ts';

const peer = { name: 'proxy', address: [0, 0, 0xffff, 1], port: 0 };

test('the tables of all workers hold what the process was told, one record each at least', () => {
  for (const workers of [1, 2, 3, 7, 16]) {
    for (const limit of [16, 1000, 131_072]) {
      const state = { ...testLimits, maxTransactions: limit, maxRegistrations: limit, maxBindings: 10 };
      const analysis = { ...testAnalysis, state };
      const shares = Array.from(
        { length: workers },
        (_, worker) => analysisOfWorker(analysis, worker, workers).state,
      );
      const total = (name: 'maxTransactions' | 'maxRegistrations') =>
        shares.reduce((sum, { [name]: share }) => sum + share, 0);
      assert.equal(total('maxTransactions'), limit);
      assert.equal(total('maxRegistrations'), limit);
      for (const { maxBindings } of shares) assert.equal(maxBindings, 10);
    }
  }
  for (const worker of [0, 1, 2]) {
    assert.equal(
      analysisOfWorker({ ...testAnalysis, state: { ...testLimits, maxDialogs: 1 } }, worker, 3).state
        .maxDialogs,
      1,
    );
  }
});

test('one worker has the peers', () => {
  const analysis = { ...testAnalysis, peers: [peer] };
  assert.deepEqual(
    [0, 1, 2].map((worker) => analysisOfWorker(analysis, worker, 3).peers),
    [[peer], [], []],
  );
});
