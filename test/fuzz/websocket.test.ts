// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamChunk } from '../../src/decode/byte-stream.ts';
import { SipTransport } from '../../src/decode/sip-transport.ts';
import { Opcode } from '../../src/decode/websocket-frame.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { WebSocketStreams } from '../../src/sip/websocket-streams.ts';
import { webSocketUnreadNames } from '../../src/sip/websocket-unread.ts';
import { randomSource } from '../support/random.ts';
import { ascii } from '../support/udp-frame.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from '../support/websocket.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const connectionCount = 100_000;
const limits = { maxHeadBytes: 300 };
const maxMessageBytes = 200;
const bufferBytes = 4096;
/** What TCP keeps of a direction at most. */
const maxWaitingBytes = 1024;

const mask = [1, 2, 3, 4];
const invite = ascii('INVITE sip:bob@example.com SIP/2.0\r\nCall-ID: 1\r\n\r\n');
const response = ascii('SIP/2.0 200 OK\r\nCall-ID: 1\r\n\r\n');
const seeds: readonly Uint8Array[] = [
  upgradeRequest,
  upgradeResponse,
  ascii('HTTP/1.1 403 Forbidden\r\n\r\n'),
  webSocketFrame({ mask }, invite),
  webSocketFrame({ opcode: Opcode.binary }, response),
  webSocketFrame({ mask, isFinal: false }, invite.subarray(0, 20)),
  webSocketFrame({ mask, opcode: Opcode.continuation, isFinal: false }, invite.subarray(20, 40)),
  webSocketFrame({ mask, opcode: Opcode.continuation }, invite.subarray(40)),
  webSocketFrame({ mask, opcode: Opcode.ping }, ascii('ping')),
  webSocketFrame({ opcode: Opcode.pong }, ascii('')),
  webSocketFrame({ opcode: Opcode.close }, ascii('')),
  webSocketFrame({ mask, reserved: 4 }, ascii('deflated')),
  webSocketFrame({ lengthBytes: 8 }, ascii('\r\n')),
  webSocketFrame({ lengthBytes: 2 }, new Uint8Array(201)),
  ascii('GET '),
];

test('random and mutated WebSocket streams: in bounds, nothing lent changes, no more kept than a message', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const buffer = new Uint8Array(bufferBytes);
  const chunk = new StreamChunk();
  chunk.bytes = buffer;
  chunk.view = new DataView(buffer.buffer);
  const counts = { messages: 0, pings: 0, pongs: 0, gaps: 0 };
  const unread = new Float64Array(webSocketUnreadNames.length);
  let lent: { bytes: Uint8Array; offset: number; length: number; sum: number }[] = [];
  const sumOf = (bytes: Uint8Array, offset: number, length: number): number => {
    let sum = length;
    for (let i = 0; i < length; i++) sum = (Math.imul(sum, 31) + bytes[offset + i]!) | 0;
    return sum;
  };
  const settle = (): void => {
    for (const { bytes, offset, length, sum } of lent) {
      if (sumOf(bytes, offset, length) !== sum) assert.fail('a lent message has changed');
    }
    lent = [];
  };
  const streams = new WebSocketStreams(
    1,
    limits,
    maxMessageBytes,
    SipTransport.ws,
    {
      message: new SipMessage(),
      take: () => assert.fail('a unit is parsed by the sink'),
      notMessage(_stream, result) {
        if (result === ParseResult.keepAlivePing) counts.pings++;
        else if (result === ParseResult.keepAlivePong) counts.pongs++;
        else assert.fail(`result ${result}`);
      },
      unit(_stream, _transport, bytes, view, offset, length) {
        counts.messages++;
        const isInside = bytes === buffer ? offset >= chunk.start && offset + length <= chunk.end : true;
        if (!isInside || length > maxMessageBytes || view.buffer !== bytes.buffer)
          assert.fail('out of bounds');
        if (offset < 0 || offset + length > bytes.length) assert.fail('out of memory');
        lent.push({ bytes, offset, length, sum: sumOf(bytes, offset, length) });
      },
      settle,
    },
    {
      unread: (_stream, lengthBytes) => {
        if (lengthBytes <= 0 || lengthBytes > bufferBytes) assert.fail(`${lengthBytes} bytes unread`);
      },
      webSocketUnread: (_stream, reason) => unread[reason]!++,
    },
  );

  for (let connection = 0; connection < connectionCount; connection++) {
    const stream = random(2);
    let waiting = 0;
    let next: Uint8Array = random(3) > 0 ? seeds[random(2)]! : seeds[random(seeds.length)]!;
    for (let pieces = random(12); pieces >= 0; pieces--) {
      // What waits stands at the front; the new piece behind it, perhaps changed, perhaps cut.
      buffer.set(next, waiting);
      let end = waiting + next.length;
      if (random(6) === 0) buffer[waiting + random(next.length)] = random(256);
      if (random(8) === 0) end = waiting + random(next.length + 1);
      next = seeds[random(seeds.length)]!;
      for (let from = 0; from < end; ) {
        // All at once, or in two pieces.
        chunk.start = from;
        chunk.end = random(3) === 0 ? from + 1 + random(end - from) : end;
        if (chunk.end <= from + (from === 0 ? waiting : 0) && chunk.end < end) chunk.end = end;
        chunk.wantedBytes = 0;
        const used = streams.read(stream, chunk);
        if (!(used >= 0 && used <= chunk.end - from)) assert.fail(`${used} used of ${chunk.end - from}`);
        if (used < chunk.end - from && chunk.wantedBytes !== 0) {
          if (chunk.wantedBytes <= chunk.end - from - used) assert.fail('it wants what is there');
        }
        from += used;
        if (chunk.end === end) {
          settle();
          buffer.copyWithin(0, from, end);
          waiting = end - from;
          break;
        }
      }
      if (waiting > maxWaitingBytes || random(30) === 0) {
        counts.gaps++;
        waiting = 0;
        streams.gap(stream);
      }
    }
    streams.end(0);
  }

  t.diagnostic(JSON.stringify(counts));
  for (const [name, count] of Object.entries(counts)) assert.ok(count > 0, `no ${name}`);
  for (const [reason, name] of webSocketUnreadNames.entries()) {
    t.diagnostic(`${name} ${unread[reason]}`);
    assert.ok(unread[reason]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
});
