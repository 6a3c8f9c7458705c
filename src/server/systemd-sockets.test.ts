// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { ListenError } from './listen-address.ts';
import { listeningDescriptors } from './systemd-sockets.ts';

test('sockets that systemd passed to this process, and whose variables are gone then', () => {
  const environment = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b', HOME: '/' };
  assert.deepEqual(listeningDescriptors(environment, 7), [3, 4]);
  assert.deepEqual(environment, { HOME: '/' });
});

test('sockets of another process, or none', () => {
  for (const environment of [
    {},
    { LISTEN_PID: '8', LISTEN_FDS: '1' },
    { LISTEN_PID: '7' },
    { LISTEN_PID: '7', LISTEN_FDS: '0' },
    { LISTEN_PID: '7', LISTEN_FDS: 'x' },
    { LISTEN_PID: '7', LISTEN_FDS: '1000000000' },
  ]) {
    assert.throws(() => listeningDescriptors(environment, 7), ListenError);
  }
});
