// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ascii } from '../../test/support/udp-frame.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from '../../test/support/websocket.ts';
import { StreamChunk, type StreamReader } from '../decode/byte-stream.ts';
import { Opcode } from '../decode/websocket-frame.ts';
import { StreamProtocols } from './stream-protocols.ts';

const mask = [1, 2, 3, 4];
const options = ascii('OPTIONS sip:bob@example.com SIP/2.0\r\n\r\n');
const frame = webSocketFrame({ mask }, options);
const ping = webSocketFrame({ mask, opcode: Opcode.ping }, ascii('ping'));

/** What becomes of segments of one connection: who read how much of each, and bytes nobody read. */
function read(...segments: readonly Uint8Array[]): string[] {
  const events: string[] = [];
  const reader = (name: string): StreamReader => ({
    read: (_stream, { start, end }) => {
      events.push(`${name} ${end - start}`);
      return end - start;
    },
    gap: () => {},
    end: () => {},
  });
  const streamEvents = {
    segmentKind: () => {},
    lost: () => {},
    lostBytes: () => {},
    unread: (_stream: number, lengthBytes: number) => events.push(`unread ${lengthBytes}`),
    noContentLength: () => {},
  };
  const readers = { sip: reader('sip'), websocket: reader('websocket') };
  const protocols = new StreamProtocols(2, readers, streamEvents);
  let waiting = new Uint8Array(0);
  for (const segment of segments) {
    const chunk = new StreamChunk();
    chunk.bytes = Buffer.concat([waiting, segment]);
    chunk.view = new DataView(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.length);
    chunk.end = chunk.bytes.length;
    const used = protocols.read(2, chunk);
    waiting = Uint8Array.from(chunk.bytes.subarray(used));
  }
  return events;
}

test('a connection is what its first bytes say', () => {
  assert.deepEqual(read(options, frame), [`sip ${options.length}`, `sip ${frame.length}`]);
  assert.deepEqual(read(ascii('\r\n\r\n')), ['sip 4']);
  for (const bytes of [upgradeRequest, upgradeResponse, frame]) {
    assert.deepEqual(read(bytes, options), [`websocket ${bytes.length}`, `websocket ${options.length}`]);
  }
  assert.deepEqual(read(ascii('\x16\x03\x01\x00\x05hello')), ['unread 10']);
});

test('few bytes are waited for', () => {
  assert.deepEqual(read(ascii('GE'), ascii('T /')), ['websocket 5']);
  assert.deepEqual(read(ascii('OPT'), ascii('IONS')), ['sip 7']);
  assert.deepEqual(read(frame.subarray(0, 15), frame.subarray(15)), [`websocket ${frame.length}`]);
});

test('in the middle of a WebSocket, what tells nothing is passed over until a frame begins like SIP', () => {
  const rest = webSocketFrame({ mask, opcode: Opcode.continuation }, ascii('the end of a message'));
  const keepAlive = webSocketFrame({ mask }, ascii('\r\n\r\n'));
  const before = [ping, rest, keepAlive].map((bytes) => `unread ${bytes.length}`);
  assert.deepEqual(read(ping, rest, keepAlive, frame, ping), [
    ...before,
    `websocket ${frame.length}`,
    `websocket ${ping.length}`,
  ]);
});
