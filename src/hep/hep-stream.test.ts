// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { encode, hepJsPacket } from '../../test/hep/packets.ts';
import { ascii, bytesOf } from '../../test/support/udp-frame.ts';
import { HepResult } from './hep-result.ts';
import { HepStream } from './hep-stream.ts';

/** Pushes pieces; returns the packets that were found and the first result that is not `message`. */
function read(
  pieces: readonly Uint8Array[],
  maxPacketBytes = 65_535,
): { packets: string[]; result: HepResult; stream: HepStream } {
  const packets: string[] = [];
  const stream = new HepStream(maxPacketBytes, (bytes, view, offset, length) => {
    assert.equal(view.getUint16(offset + 4), length);
    packets.push(Buffer.from(bytes.subarray(offset, offset + length)).toString('hex'));
  });
  for (const piece of pieces) {
    const result = stream.push(piece, new DataView(piece.buffer, piece.byteOffset, piece.length));
    if (result !== HepResult.message) return { packets, result, stream };
  }
  return { packets, result: HepResult.message, stream };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const three = [hepJsPacket, encode(ascii('')), encode(ascii('x'.repeat(1000)))];

test('however a stream is cut, its packets are the same', () => {
  const bytes = bytesOf(...three);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
      const { packets, result, stream } = read(pieces);
      assert.equal(result, HepResult.message);
      assert.deepEqual(packets, three.map(hex));
      assert.equal(stream.packetCount, 3);
      assert.equal(stream.isIncomplete, false);
    }),
  );
  const single = [...bytes].map((byte) => Uint8Array.of(byte));
  assert.deepEqual(read(single).packets, three.map(hex));
});

test('a stream that is cut off is incomplete, whole packets before it are not lost', () => {
  const { packets, result, stream } = read([bytesOf(hepJsPacket, hepJsPacket.subarray(0, 50))]);
  assert.deepEqual([packets.length, result, stream.isIncomplete], [1, HepResult.message, true]);
});

for (const [name, expected, bytes] of [
  ['what is no HEP', HepResult.notHep, ascii('GET / HTTP/1.1\r\n')],
  ['HEP2', HepResult.notHep, Uint8Array.from([2, 16, 2, 17, 0, 0, 0, 0])],
  ['a length below the header', HepResult.badLength, Uint8Array.from([...ascii('HEP3'), 0, 5])],
  ['a packet that is too long', HepResult.tooLong, Uint8Array.from([...ascii('HEP3'), 0xff, 0xff])],
] as const) {
  test(`${name} ends a stream, in one piece and byte by byte, at its start and later`, () => {
    for (const before of [new Uint8Array(0), hepJsPacket]) {
      const all = bytesOf(before, bytes);
      for (const pieces of [[all], [...all].map((byte) => Uint8Array.of(byte))]) {
        const { packets, result } = read(pieces, 1024);
        assert.equal(result, expected);
        assert.equal(packets.length, before.length === 0 ? 0 : 1);
      }
    }
  });
}
