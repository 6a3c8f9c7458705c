// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomSource } from '../../test/support/random.ts';
import { StreamSender, shuffled } from '../../test/support/segmenter.ts';
import { tcpFrame } from '../../test/support/tcp-frame.ts';
import { Frame } from '../base/frame.ts';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { Ticks } from '../base/ticks.ts';
import { BufferPool } from './buffer-pool.ts';
import type { StreamChunk, StreamReader } from './byte-stream.ts';
import { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeFrame } from './frame-decoder.ts';
import { SegmentKind, type StreamEvents, type StreamLoss, streamLossNames } from './stream-events.ts';
import { defaultStreamLimits, type StreamLimits } from './stream-limits.ts';
import { TcpConnections } from './tcp-connections.ts';

const caller = { address: '192.0.2.1', port: 40_000 };
const callee = { address: '198.51.100.2', port: 5060 };
const START_MICROS = 1_700_000_000_000_000;

/** A reader that writes down what it gets, in text; `|` stands for a gap. It may leave bytes for the next time. */
class Recorder implements StreamReader, StreamEvents {
  readonly texts: string[] = ['', ''];
  readonly ended: number[] = [];
  readonly losses: Record<string, number> = {};
  readonly bytes: Record<string, number> = {};
  /** How many of so many bytes are used. */
  use: (lengthBytes: number) => number = (lengthBytes) => lengthBytes;
  wantedBytes = 0;

  read(stream: number, chunk: StreamChunk): number {
    const used = this.use(chunk.end - chunk.start);
    this.texts[stream] += String.fromCharCode(...chunk.bytes.subarray(chunk.start, chunk.start + used));
    chunk.wantedBytes = this.wantedBytes;
    return used;
  }
  gap(stream: number): void {
    this.texts[stream] += '|';
  }
  end(connection: number): void {
    this.ended.push(connection);
  }
  lost(_stream: number, reason: StreamLoss): void {
    const name = streamLossNames[reason]!;
    this.losses[name] = (this.losses[name] ?? 0) + 1;
  }
  lostBytes(_stream: number, reason: StreamLoss, lengthBytes: number): void {
    const name = streamLossNames[reason]!;
    this.bytes[name] = (this.bytes[name] ?? 0) + lengthBytes;
  }
  unread(): void {}
  noContentLength(): void {}
}

/** Connections with a recorder, fed with frames. */
class Monitor {
  readonly recorder = new Recorder();
  readonly pool: BufferPool;
  readonly connections: TcpConnections;
  readonly #clock = new PacketClock();
  readonly #ticks: Ticks;
  readonly #datagram = new Datagram();

  constructor(options: Partial<StreamLimits> = {}) {
    const limits = { ...defaultStreamLimits, maxConnections: 4, memoryBytes: 2 ** 18, ...options };
    this.#clock.micros = START_MICROS;
    this.pool = new BufferPool(limits.memoryBytes, limits.directionBytes, () => {});
    const hash = new SeededHash(1, 2);
    this.connections = new TcpConnections(limits, hash, this.#clock, this.pool, this.recorder, this.recorder);
    this.#ticks = new Ticks(this.#clock, 10_000, [this.connections]);
  }

  take(...frames: readonly Uint8Array[]): SegmentKind[] {
    return frames.map((bytes) => {
      const frame = new Frame();
      frame.bytes = bytes;
      frame.view = new DataView(bytes.buffer, bytes.byteOffset);
      frame.capturedLength = bytes.length;
      frame.originalLength = bytes.length;
      assert.equal(decodeFrame(frame, this.#datagram), DecodeResult.segment);
      return this.connections.segment(this.#datagram, 1, 2);
    });
  }

  wait(seconds: number): void {
    this.#clock.micros = this.#clock.micros + seconds * 1e6;
    while (this.#ticks.advance());
  }
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const at = (sequence: number, text: string, flags = 'PA'): Uint8Array =>
  tcpFrame(caller, callee, { sequence, flags }, ascii(text));
const back = (
  fields: { sequence?: number; acknowledgment?: number; flags?: string },
  text = '',
): Uint8Array => tcpFrame(callee, caller, fields, ascii(text));

test('bytes come in order, once, whatever the segments', () => {
  const byte = fc.integer({ min: 97, max: 122 });
  const scene = fc.record({
    sends: fc.array(fc.array(byte, { minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 5 }),
    maxBytes: fc.constantFrom(1, 3, 100, 1460, 60_000),
    seed: fc.integer(),
    firstSequence: fc.oneof(fc.integer({ min: 2 ** 32 - 3000, max: 2 ** 32 - 1 }), fc.nat(2 ** 31)),
    leaves: fc.constantFrom(1, 2, 7),
  });
  fc.assert(
    fc.property(scene, ({ sends, maxBytes, seed, firstSequence, leaves }) => {
      const random = randomSource(seed);
      const monitor = new Monitor();
      // Some readers leave bytes, and use those only when there are more.
      monitor.recorder.use = (length) => Math.ceil(length / (1 + random(leaves)));
      const sender = new StreamSender(caller, callee, firstSequence, random);
      monitor.take(sender.control('S'));
      const how = { maxBytes, isReordered: true, repeatOneIn: 4, overlapOneIn: 4 };
      for (const bytes of sends) monitor.take(...sender.send(Uint8Array.from(bytes), how));
      monitor.recorder.use = (length) => length;
      monitor.take(...sender.send(ascii('!'), { maxBytes: 1 }));
      assert.equal(monitor.recorder.texts[0], `${sends.map((s) => String.fromCharCode(...s)).join('')}!`);
      assert.deepEqual(monitor.recorder.losses, {});
      assert.equal(monitor.pool.usedBytes, 0);
    }),
    { numRuns: 200 },
  );
});

test('of bytes that overlap, those seen first win', () => {
  const monitor = new Monitor();
  monitor.take(at(0, '', 'S'), at(4, 'DEF'), at(9, 'IJ'), at(1, 'abcdefghijkl'));
  assert.equal(monitor.recorder.texts[0], 'abcDEFghIJkl');
  monitor.take(at(1, 'ABCDEFGHIJKLmn'));
  assert.equal(monitor.recorder.texts[0], 'abcDEFghIJklmn');
});

test('both directions are told apart, and a connection met in the middle begins with what is seen first', () => {
  const monitor = new Monitor();
  assert.deepEqual(monitor.take(at(900, 'abc'), back({ sequence: 5 }, 'xyz'), at(900, 'abc'), at(903, '')), [
    SegmentKind.inOrder,
    SegmentKind.inOrder,
    SegmentKind.repeated,
    SegmentKind.empty,
  ]);
  assert.deepEqual(monitor.recorder.texts, ['abc', 'xyz']);
  const datagram = new Datagram();
  monitor.connections.endpoints(1, datagram);
  assert.deepEqual([datagram.sourcePort, datagram.destinationPort, datagram.ipVersion], [5060, 40_000, 4]);
});

test('what nobody acknowledges is waited for until the gap time-out', () => {
  const monitor = new Monitor();
  monitor.take(at(0, '', 'S'), at(1, 'a'), at(5, 'efg'));
  monitor.wait(4.9);
  monitor.take(at(8, 'h'));
  assert.equal(monitor.recorder.texts[0], 'a');
  monitor.wait(0.2);
  assert.equal(monitor.recorder.texts[0], 'a|efgh');
  assert.deepEqual([monitor.recorder.losses, monitor.recorder.bytes], [{ gap: 1 }, { gap: 3 }]);
  assert.deepEqual(monitor.take(at(2, 'bcd')), [SegmentKind.repeated]);
});

test('what its receiver acknowledged was not seen: it is waited for only as long as captures are apart', () => {
  const monitor = new Monitor();
  monitor.take(at(0, '', 'S'), at(1, 'a'), at(5, 'efg'), back({ acknowledgment: 8 }));
  monitor.wait(0.01);
  assert.equal(monitor.recorder.texts[0], 'a');
  monitor.wait(0.02);
  assert.equal(monitor.recorder.texts[0], 'a|efg');
  // Acknowledged before the hole shows, and still on its way to the sensor.
  monitor.take(back({ acknowledgment: 14 }), at(11, 'klm'));
  monitor.wait(0.01);
  monitor.take(at(8, 'hij'));
  assert.equal(monitor.recorder.texts[0], 'a|efghijklm');
  assert.deepEqual(monitor.recorder.bytes, { gap: 3 });
});

test('at the end of a capture what is behind a hole is read', () => {
  const monitor = new Monitor();
  monitor.take(at(0, '', 'S'), at(3, 'c'), at(5, 'e'));
  monitor.connections.finish();
  assert.equal(monitor.recorder.texts[0], '|c|e');
});

test('more than a direction may keep behind a hole makes it go on without', () => {
  const monitor = new Monitor({ directionBytes: 4096 });
  monitor.take(
    at(0, '', 'S'),
    at(2, 'x'.repeat(2000)),
    at(3002, 'y'.repeat(1000)),
    at(4002, 'z'.repeat(100)),
  );
  assert.equal(monitor.recorder.texts[0], `|${'x'.repeat(2000)}`);
  assert.deepEqual(
    [monitor.recorder.losses, monitor.recorder.bytes],
    [{ buffer_full: 1 }, { buffer_full: 1 }],
  );
  // A reader that wants more than the buffer may keep gets nothing kept, here three times.
  monitor.recorder.wantedBytes = 5000;
  monitor.recorder.use = () => 0;
  monitor.take(at(2002, 'w'.repeat(1000)));
  assert.deepEqual(monitor.recorder.losses, { buffer_full: 4 });
});

test('without memory a stream goes on without what is missing', () => {
  const monitor = new Monitor({ directionBytes: 4096, memoryBytes: 4096 });
  const other = (sequence: number, text: string): Uint8Array =>
    tcpFrame({ ...caller, port: 4 }, callee, { sequence, flags: 'PA' }, ascii(text));
  monitor.take(at(0, '', 'S'), at(2, 'x'.repeat(3000)));
  monitor.recorder.texts.push('', '');
  monitor.take(other(1, 'a'), other(3, 'c'));
  assert.deepEqual(monitor.recorder.texts[2], 'a|c');
  monitor.recorder.use = () => 0;
  monitor.take(other(4, 'd'));
  assert.deepEqual([monitor.recorder.losses, monitor.recorder.bytes], [{ memory: 2 }, { memory: 2 }]);
});

test('FIN, RST and idleness end what waits; late copies are no new connection', () => {
  for (const [reason, end] of [
    ['closed', (monitor: Monitor) => monitor.take(at(4, '', 'FA'), back({ flags: 'FA' }))],
    ['reset', (monitor: Monitor) => monitor.take(at(4, '', 'R'))],
    ['idle', (monitor: Monitor) => monitor.wait(61)],
  ] as const) {
    const monitor = new Monitor();
    monitor.recorder.use = () => 0;
    monitor.take(at(0, '', 'S'), at(1, 'abc'));
    end(monitor);
    assert.deepEqual([monitor.recorder.losses, monitor.recorder.bytes], [{ [reason]: 1 }, { [reason]: 3 }]);
    assert.equal(monitor.pool.usedBytes, 0);
    assert.deepEqual(monitor.take(at(1, 'abc')), [SegmentKind.repeated], reason);
    monitor.wait(61);
    monitor.wait(2 * 86_400);
    assert.deepEqual(monitor.recorder.ended, [0]);
    assert.equal(monitor.connections.table.size, 0);
  }
});

test('a SYN with another number is another connection; one that comes again is not', () => {
  const monitor = new Monitor();
  monitor.take(at(0, '', 'S'), at(1, 'abc'), at(0, '', 'S'), at(4, 'def'));
  assert.deepEqual([monitor.recorder.texts[0], monitor.recorder.ended], ['abcdef', []]);
  monitor.recorder.use = () => 0;
  monitor.take(at(7, 'ghi'), at(5000, '', 'S'), at(5001, 'xyz'));
  assert.deepEqual([monitor.recorder.ended, monitor.recorder.losses], [[0], { reset: 1 }]);
  // A SYN that is seen late.
  const late = new Monitor();
  late.take(at(1, 'abc'), at(0, '', 'S'), at(4, 'def'));
  assert.deepEqual([late.recorder.texts[0], late.recorder.ended], ['abcdef', []]);
});

test('numbers that are far off are another connection whose SYN was not seen', () => {
  for (const sequence of [2 ** 31 - 5, 2 ** 31 + 5, 2 ** 32 - 2 ** 21]) {
    const monitor = new Monitor();
    monitor.take(at(0, '', 'S'), at(1, 'abc'), at(sequence, 'xyz'), at(sequence + 3, '!'));
    assert.equal(monitor.recorder.texts[0], 'abc|xyz!');
    assert.deepEqual(monitor.recorder.losses, { gap: 1 });
  }
});

test('a full table gives up connections that are over first, then the one that is silent for the longest time', () => {
  const monitor = new Monitor({ maxConnections: 2 });
  const from = (port: number, text: string, flags = 'PA'): Uint8Array =>
    tcpFrame({ ...caller, port }, callee, { sequence: 1, flags }, ascii(text));
  monitor.recorder.texts.push('', '');
  monitor.recorder.use = () => 0;
  monitor.take(from(1, 'a'), from(2, '', 'S'), from(3, 'c'));
  assert.equal(monitor.connections.table.evictedFinished, 1);
  assert.deepEqual(monitor.recorder.losses, {});
  monitor.take(from(4, 'd'));
  assert.equal(monitor.connections.table.evictedOpen, 1);
  assert.deepEqual(monitor.recorder.losses, { evicted: 1 });
});

test('property: garbage never throws, and memory comes back', () => {
  const segment = fc.record({
    port: fc.nat(5),
    isBack: fc.boolean(),
    sequence: fc.oneof(
      fc.nat(70_000),
      fc.integer({ min: 2 ** 32 - 70_000, max: 2 ** 32 - 1 }),
      fc.nat(2 ** 31),
    ),
    acknowledgment: fc.nat(70_000),
    flags: fc.constantFrom('A', 'PA', 'S', 'SA', 'FA', 'R', 'SFR'),
    length: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(9000)),
    waitSeconds: fc.constantFrom(0, 0, 0, 0.01, 1, 70),
  });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 60 }), fc.integer(), (segments, seed) => {
      const random = randomSource(seed);
      const monitor = new Monitor({ directionBytes: 16_384, memoryBytes: 65_536 });
      for (let i = 0; i < 8; i++) monitor.recorder.texts.push('');
      monitor.recorder.use = (length) => (random(2) === 0 ? length : random(length + 1));
      for (const { port, isBack, sequence, acknowledgment, flags, length, waitSeconds } of segments) {
        const ends = [{ ...caller, port }, callee] as const;
        const [source, destination] = isBack ? [ends[1], ends[0]] : ends;
        monitor.recorder.wantedBytes = random(3) === 0 ? random(20_000) : 0;
        monitor.take(
          tcpFrame(source, destination, { sequence, acknowledgment, flags }, new Uint8Array(length)),
        );
        monitor.wait(waitSeconds);
        assert.ok(monitor.pool.usedBytes <= 65_536);
      }
      monitor.connections.finish();
      monitor.wait(61);
      assert.equal(monitor.pool.usedBytes, 0);
      assert.ok(monitor.pool.bits.every((word) => word === 0));
      monitor.wait(2 * 86_400);
      assert.equal(monitor.connections.table.size, 0);
    }),
    { numRuns: 300 },
  );
});

test('time is linear: 64 KiB byte by byte, backwards', () => {
  const monitor = new Monitor();
  const bytes = new Uint8Array(65_000).fill(0x61);
  const sender = new StreamSender(caller, callee, 0, randomSource(1));
  monitor.take(sender.control('S'));
  const frames = shuffled([...sender.send(bytes, { maxBytes: 1 })].reverse(), randomSource(2));
  let reads = 0;
  monitor.recorder.use = (length) => {
    reads += length;
    return length;
  };
  monitor.take(...frames);
  assert.equal(monitor.recorder.texts[0]!.length, 65_000);
  assert.equal(reads, 65_000, 'no byte is read twice');
});
