// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptureError, type CaptureOptions, openCapture } from './open-capture.ts';

const OPTIONS: CaptureOptions = {
  interfaces: ['lo'],
  ports: [5060],
  detect: false,
  tunnels: 0,
  promiscuous: false,
  ringBytes: 1 << 20,
};

test('options that make no sense are refused before anything is opened', () => {
  const refused: readonly (readonly [RegExp, Partial<CaptureOptions>])[] = [
    [/name an interface/, { interfaces: [] }],
    [/"any" stands for all/, { interfaces: ['any', 'eth0'] }],
    [/named twice/, { interfaces: ['eth0', 'lo', 'eth0'] }],
    [/promiscuous mode is of one interface/, { interfaces: ['any'], promiscuous: true }],
    [/8192 bytes, not 100/, { ports: new Uint8Array(100) }],
    [/at most 1073741824 bytes, not 1073741825/, { ringBytes: (1 << 30) + 1 }],
    [/not NaN/, { ringBytes: Number.NaN }],
    [/not 0/, { ringBytes: 0 }],
  ];
  for (const [message, changed] of refused) {
    assert.throws(
      () => openCapture({ ...OPTIONS, ...changed }),
      (error) => error instanceof CaptureError && message.test(error.message),
    );
  }
});
