// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomSource } from '../../test/support/random.ts';
import { ascii, bytesOf } from '../../test/support/udp-frame.ts';
import { upgradeRequest, webSocketFrame } from '../../test/support/websocket.ts';
import { WebSocketListener } from '../../test/support/websocket-listener.ts';
import { StreamChunk } from '../decode/byte-stream.ts';
import { Opcode } from '../decode/websocket-frame.ts';

const maxMessageBytes = 2000;

/** Frames of a message: any number, masked or not, with pings and pongs between them. Adds to `events` what comes of them. */
function framesOf(message: Uint8Array, random: (limit: number) => number, events: string[]): Uint8Array[] {
  const isMasked = random(2) === 0;
  const frames: Uint8Array[] = [];
  const cuts = Array.from({ length: random(5) }, () => random(message.length + 1)).sort((a, b) => a - b);
  const bounds = [0, ...cuts, message.length];
  for (let i = 1; i < bounds.length; i++) {
    const mask = [random(256), random(256), random(256), random(256)];
    const length = bounds[i]! - bounds[i - 1]!;
    const lengths = ([0, 2, 8] as const).filter((bytes) => bytes > 0 || length < 126);
    frames.push(
      webSocketFrame(
        {
          opcode: i > 1 ? Opcode.continuation : random(2) === 0 ? Opcode.text : Opcode.binary,
          isFinal: i === bounds.length - 1,
          lengthBytes: lengths[random(lengths.length)]!,
          ...(isMasked && { mask }),
        },
        message.subarray(bounds[i - 1], bounds[i]),
      ),
    );
    if (random(4) === 0 && i < bounds.length - 1) {
      const isPing = random(2) === 0;
      events.push(isPing ? '<ping>' : '<pong>');
      frames.push(
        webSocketFrame({ opcode: isPing ? Opcode.ping : Opcode.pong }, new Uint8Array(random(126))),
      );
    }
  }
  return frames;
}

test('any messages, in any frames, in any segments: exactly these messages', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: maxMessageBytes }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.nat(), (all, seed) => {
      const random = randomSource(seed);
      const expected: string[] = [];
      const frames = all.flatMap((message) => {
        const pieces = framesOf(message, random, expected);
        expected.push(Buffer.from(message).toString('latin1'));
        return pieces;
      });
      const bytes = bytesOf(upgradeRequest, ...frames);
      const listener = new WebSocketListener(4096, maxMessageBytes);
      for (let p = 0; p < bytes.length; ) {
        const length = 1 + random(random(2) === 0 ? 20 : 1500);
        listener.take(bytes.subarray(p, p + length));
        p += length;
      }
      listener.settle();
      assert.deepEqual(listener.events, expected);
    }),
  );
});

test('noise, gaps and ends never throw', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.nat(), (all, seed) => {
      const random = randomSource(seed);
      const listener = new WebSocketListener(400, 300);
      if (random(2) === 0) listener.take(upgradeRequest);
      for (const piece of all) {
        if (piece.length > 0) piece[0] = [0x01, 0x81, 0x82, 0x00, 0x80, 0x89, piece[0]!][random(7)]!;
        listener.take(piece);
        if (random(10) === 0) listener.gap();
        if (random(10) === 0) listener.streams.end(1);
      }
    }),
  );
});

test('time is linear: bytes that come again are not looked at again', () => {
  const fragment = (fields: object): Uint8Array =>
    webSocketFrame({ isFinal: false, ...fields }, Uint8Array.of(0x78));
  const continuation = fragment({ opcode: Opcode.continuation });
  const streams: Record<string, Uint8Array> = {
    'one message in fragments of one byte': bytesOf(
      upgradeRequest,
      fragment({}),
      ...Array.from({ length: 5000 }, () => continuation),
      fragment({ opcode: Opcode.continuation, isFinal: true }),
    ),
    'a long head': bytesOf(
      upgradeRequest.subarray(0, -2),
      ...Array.from({ length: 5000 }, () => ascii('x:\n')),
      ascii('\n'),
    ),
  };
  for (const [name, bytes] of Object.entries(streams)) {
    let looks = 0;
    const counting = new Proxy(bytes, {
      get: (target, key) => {
        looks++;
        return Reflect.get(target, key);
      },
    });
    const listener = new WebSocketListener(20_000, maxMessageBytes * 3);
    const chunk = new StreamChunk();
    chunk.bytes = counting;
    chunk.view = new DataView(bytes.buffer);
    // One byte more at a time.
    for (chunk.end = 1; chunk.end <= bytes.length; chunk.end++)
      chunk.start += listener.streams.read(3, chunk);
    assert.ok(looks > bytes.length, 'the bytes are counted');
    assert.ok(looks < bytes.length * 12, `${name}: ${looks} looks at ${bytes.length} bytes`);
    assert.equal(chunk.start, bytes.length, name);
  }
});
