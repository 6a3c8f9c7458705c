// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { ascii } from '../../test/support/udp-frame.ts';
import { hasKey } from './auth-key.ts';
import { HepPacket } from './hep-packet.ts';

test('the key is the key and nothing else', () => {
  const packet = new HepPacket();
  const isRight = (given: string): boolean => {
    packet.keyOffset = 2;
    packet.keyLength = given.length;
    return hasKey(ascii(`ke${given}y`), packet, ascii('myHep'));
  };
  assert.ok(isRight('myHep'));
  for (const wrong of ['', 'myHe', 'myHepmyHep', 'myHep\0', 'MyHep', 'x', 'myHex'])
    assert.ok(!isRight(wrong), wrong);
});
