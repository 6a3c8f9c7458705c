// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { pcapngBlock, pcapngBytes } from '../../test/support/pcap-formats.ts';
import { Frame } from '../base/frame.ts';
import type { ByteSource } from './byte-source.ts';
import { ByteWindow } from './byte-window.ts';
import { InterfaceNames } from './interface-names.ts';
import { PcapngReader } from './pcapng-reader.ts';
import { ReadStep } from './record-reader.ts';

/** Hands out bytes in pieces of at most `pieceBytes`, then as many zero bytes as wanted, then `last`. */
class TestSource implements ByteSource {
  readonly isCut = false;
  readonly #first: Uint8Array;
  readonly #zeros: number;
  readonly #last: Uint8Array;
  readonly #pieceBytes: number;
  #at = 0;

  constructor(first: Uint8Array, zeros: number, last: Uint8Array, pieceBytes: number) {
    this.#first = first;
    this.#zeros = zeros;
    this.#last = last;
    this.#pieceBytes = pieceBytes;
  }

  read(target: Uint8Array): Promise<number> {
    const lastAt = this.#first.length + this.#zeros;
    const room = Math.min(target.length, this.#pieceBytes);
    let count = 0;
    if (this.#at < this.#first.length) count = this.#copy(target, this.#first, this.#at, room);
    else if (this.#at < lastAt) count = Math.min(room, lastAt - this.#at);
    else count = this.#copy(target, this.#last, this.#at - lastAt, room);
    this.#at += count;
    return Promise.resolve(count);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #copy(target: Uint8Array, bytes: Uint8Array, from: number, room: number): number {
    const piece = bytes.subarray(from, from + room);
    target.set(piece);
    return piece.length;
  }
}

const none = new Uint8Array(0);

test('a stream is seen whole through windows of any size and pieces of any length', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);
  for (const [size, piece] of [
    [1, 1],
    [7, 3],
    [64, 1000],
    [5000, 1000],
  ] as const) {
    const window = new ByteWindow(new TestSource(bytes, 0, none, piece), size);
    const seen: number[] = [];
    for (let wanted = 1; await window.fill(wanted); wanted = (wanted % 13) + 1) {
      assert.equal(window.offsetBytes, seen.length);
      assert.ok(window.availableBytes >= wanted);
      assert.equal(window.view.getUint8(window.start), window.bytes[window.start]);
      for (let i = 0; i < wanted; i++) seen.push(window.bytes[window.start++]!);
    }
    seen.push(...window.bytes.subarray(window.start, window.end));
    assert.deepEqual(seen, [...bytes]);
    assert.equal(await window.fill(1000), false);
  }
});

test('a block that is not read is passed over without memory for it, 4 GiB as well', async () => {
  const interfaces = [{ linktype: 1 }];
  const begin = pcapngBytes({ interfaces, packets: [] });
  const packets = pcapngBytes({ interfaces, packets: [{ micros: 1, bytes: Uint8Array.of(42) }] });
  const blockBytes = 2 ** 32 - 4;
  const head = pcapngBlock(0xbad, none).slice(0, 12);
  new DataView(head.buffer).setUint32(4, blockBytes, true);
  const first = new Uint8Array([...begin, ...head]);
  const source = new TestSource(first, blockBytes - head.length, packets, Number.POSITIVE_INFINITY);
  const window = new ByteWindow(source, 1 << 20);
  const reader = new PcapngReader('test', window, new InterfaceNames());
  const frame = new Frame();
  let step = reader.next(frame);
  while (step === ReadStep.needsBytes && (await window.fill(reader.neededBytes))) step = reader.next(frame);
  assert.equal(step, ReadStep.packet);
  assert.equal(frame.bytes[frame.offset], 42);
  assert.equal(window.bytes.length, 1 << 20);
});
