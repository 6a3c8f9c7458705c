// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { procNetAddress } from './udp-listener.ts';

test('an address as /proc/net has it', () => {
  assert.equal(procNetAddress('127.0.0.1', 9060), '0100007F:2364');
  assert.equal(procNetAddress('::1', 80), '00000000000000000000000001000000:0050');
  assert.equal(procNetAddress('2001:db8::a:b', 1), 'B80D012000000000000000000B000A00:0001');
});

test('the kernel writes it so', async () => {
  for (const [address, type, file] of [
    ['127.0.0.1', 'udp4', '/proc/net/udp'],
    ['::1', 'udp6', '/proc/net/udp6'],
  ] as const) {
    const socket = createSocket(type).bind(0, address);
    await once(socket, 'listening');
    const text = procNetAddress(address, socket.address().port);
    assert.ok(readFileSync(file, 'latin1').includes(` ${text} `), text);
    socket.close();
  }
});
