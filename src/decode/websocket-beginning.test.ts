// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ascii } from '../../test/support/udp-frame.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from '../../test/support/websocket.ts';
import { Beginning, frameBeginning } from './websocket-beginning.ts';
import { Opcode } from './websocket-frame.ts';
import { httpBeginning } from './websocket-upgrade.ts';

const mask = [0x37, 0xfa, 0x21, 0x3d];
const invite = `INVITE sip:bob@example.com SIP/2.0\r\nX: ${'x'.repeat(200)}\r\n\r\n`;
const text = (value: string, fields = {}): Uint8Array => webSocketFrame({ mask, ...fields }, ascii(value));

test('a frame is known by the SIP in it', () => {
  const beginning = (bytes: Uint8Array): Beginning =>
    frameBeginning(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  const yes = [
    text(invite),
    text(invite, { mask: undefined }),
    text(invite, { opcode: Opcode.binary, isFinal: false }),
    text('SIP/2.0 200 OK\r\n\r\n'),
    text(invite).subarray(0, 18),
  ];
  for (const bytes of yes) assert.equal(beginning(bytes), Beginning.yes);
  for (let length = 0; length < 18; length++) {
    assert.equal(beginning(text(invite).subarray(0, length)), Beginning.maybe, `${length} bytes`);
  }
  const no = [
    text(invite, { reserved: 4 }),
    text(invite, { opcode: Opcode.continuation }),
    text(invite, { lengthBytes: 8 }),
    text('INVITE sip', { lengthBytes: 2 }),
    text('INVITE si'),
    text(`x${invite}`),
    text('\r\n\r\n'),
    webSocketFrame({ opcode: Opcode.ping }, ascii('INVITE sip:a@b')),
    ascii(invite),
    upgradeRequest,
  ];
  for (const bytes of no) assert.equal(beginning(bytes), Beginning.no);
});

test('HTTP is known by its first bytes', () => {
  const beginning = (bytes: Uint8Array): Beginning => httpBeginning(bytes, 0, bytes.length);
  for (const head of [upgradeRequest, upgradeResponse]) {
    assert.equal(beginning(head), Beginning.yes);
    const enough = head === upgradeRequest ? 4 : 7;
    for (let length = 1; length <= head.length; length++) {
      assert.equal(beginning(head.subarray(0, length)), length < enough ? Beginning.maybe : Beginning.yes);
    }
  }
  for (const other of ['GETS', 'POST / HTTP/1.1', 'HTTP/2.0', invite, '\x81\x05']) {
    assert.equal(beginning(ascii(other)), Beginning.no, other);
  }
});
