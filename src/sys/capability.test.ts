// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveCapabilities } from './capability.ts';

test('effective capabilities are read from /proc/PID/status', () => {
  const status = (mask: string) => `Name:\tnode\nCapPrm:\tffffffffffffffff\nCapEff:\t${mask}\nCapBnd:\t0\n`;
  assert.deepEqual(effectiveCapabilities(status('0000000000000000')), []);
  assert.deepEqual(effectiveCapabilities(status('0000000000002000')), ['CAP_NET_RAW']);
  assert.deepEqual(effectiveCapabilities(status('0000008000003000')), [
    'CAP_NET_ADMIN',
    'CAP_NET_RAW',
    'CAP_BPF',
  ]);
  assert.deepEqual(effectiveCapabilities(status('000001ffffffffff')).length, 5);
  assert.deepEqual(effectiveCapabilities('Name:\tnode\n'), []);
});
