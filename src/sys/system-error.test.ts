// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checked, errnoName, SystemError } from './system-error.ts';

test('a system error carries call, name and a sentence', () => {
  const error = new SystemError('bind', 19, 'bind to eth0');
  assert.equal(error.message, 'cannot bind to eth0: bind: ENODEV, no such device');
  assert.deepEqual([error.syscall, error.code, error.errno], ['bind', 'ENODEV', 19]);
});

test('an error number without a name is given as it is', () => {
  assert.equal(errnoName(524), 'errno 524');
  assert.equal(errnoName(0), 'errno 0');
  assert.equal(new SystemError('bpf', 524, 'load').message, 'cannot load: bpf: errno 524');
});

test('results that are not negative pass', () => {
  assert.equal(checked(0, 'bind', 'bind'), 0);
  assert.equal(checked(7, 'socket', 'open'), 7);
});
