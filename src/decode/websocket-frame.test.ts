// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ascii, bytesOf } from '../../test/support/udp-frame.ts';
import { webSocketFrame } from '../../test/support/websocket.ts';
import { FrameHeader, Opcode, parseFrameHeader, unmask, WebSocketFrame } from './websocket-frame.ts';

const parse = (bytes: Uint8Array): number => parseFrameHeader(bytes, 0, bytes.length, new WebSocketFrame());

test('the examples of RFC 6455 §5.7', () => {
  const frame = new WebSocketFrame();
  const single = bytesOf([0x81, 0x05], ascii('Hello'));
  assert.equal(parseFrameHeader(single, 0, single.length, frame), 2);
  assert.deepEqual({ ...frame }, { ...new WebSocketFrame(), isFinal: true, opcode: 1, payloadLength: 5 });

  const masked = Uint8Array.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58);
  assert.equal(parseFrameHeader(masked, 0, masked.length, frame), 6);
  assert.equal(frame.maskingKey, 0x37fa213d);
  const text = new Uint8Array(5);
  unmask(new DataView(masked.buffer), 6, 5, frame.maskingKey, new DataView(text.buffer), 0);
  assert.deepEqual(text, ascii('Hello'));

  assert.equal(parse(Uint8Array.of(0x01, 0x03)), 2);
  assert.equal(parse(Uint8Array.of(0x82, 0x7e, 0x01, 0x00)), 4);
  const long = Uint8Array.of(0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0);
  assert.equal(parseFrameHeader(long, 0, long.length, frame), 10);
  assert.equal(frame.payloadLength, 65536);
});

test('a header that is not all there is incomplete at every length', () => {
  const mask = [1, 2, 3, 4];
  for (const lengthBytes of [0, 2, 8] as const) {
    const header = webSocketFrame({ mask, lengthBytes }, new Uint8Array(0));
    for (let end = 0; end < header.length; end++) {
      assert.equal(parseFrameHeader(header, 0, end, new WebSocketFrame()), FrameHeader.incomplete);
    }
    assert.equal(parse(header), header.length);
  }
});

test('what contradicts RFC 6455 §5.2 and §5.5 is malformed', () => {
  const malformed: Record<string, number[]> = {
    'opcode 3': [0x83, 0],
    'opcode 7': [0x87, 0],
    'opcode 11': [0x8b, 0],
    'opcode 15': [0x8f, 0],
    RSV2: [0xa1, 0],
    RSV3: [0x91, 0],
    'RSV1 of a ping': [0xc9, 0],
    'RSV1 of a continuation': [0xc0, 0],
    'fragmented ping': [0x09, 0],
    'close of 126 bytes': [0x88, 126, 0, 126],
    '2 GiB': [0x82, 127, 0, 0, 0, 0, 0x80, 0, 0, 0],
    '2^63': [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
    '4 GiB': [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0],
  };
  for (const [name, bytes] of Object.entries(malformed)) {
    assert.equal(parse(Uint8Array.from(bytes)), FrameHeader.malformed, name);
  }
});

test('the header is what was written', () => {
  const fields = fc.record({
    opcode: fc.constantFrom(...Object.values(Opcode)),
    isFinal: fc.boolean(),
    reserved: fc.constantFrom(0, 4),
    mask: fc.option(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), { nil: undefined }),
    length: fc.constantFrom(0, 1, 125, 126, 127, 300, 65535, 65536, 70000),
  });
  fc.assert(
    fc.property(fields, ({ opcode, isFinal, reserved, mask, length }) => {
      const isControl = opcode >= 8;
      fc.pre(!isControl || (isFinal && reserved === 0 && length < 126));
      fc.pre(opcode !== Opcode.continuation || reserved === 0);
      const bytes = webSocketFrame(
        { opcode, isFinal, reserved, ...(mask && { mask }) },
        new Uint8Array(length),
      );
      const frame = new WebSocketFrame();
      assert.equal(parseFrameHeader(bytes, 0, bytes.length, frame), bytes.length - length);
      const key = mask === undefined ? 0 : new DataView(Uint8Array.from(mask).buffer).getInt32(0);
      assert.deepEqual(
        { ...frame },
        {
          isFinal,
          isCompressed: reserved === 4,
          opcode,
          isControl,
          maskingKey: key,
          payloadLength: length,
        },
      );
    }),
  );
});
