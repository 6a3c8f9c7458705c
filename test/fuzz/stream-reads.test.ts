// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { BufferPool } from '../../src/decode/buffer-pool.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult } from '../../src/decode/decode-result.ts';
import { decodeFrame } from '../../src/decode/frame-decoder.ts';
import { SipTransport } from '../../src/decode/sip-transport.ts';
import { SegmentKind, type StreamEvents } from '../../src/decode/stream-events.ts';
import { TcpConnections } from '../../src/decode/tcp-connections.ts';
import { SipMessage } from '../../src/sip/message.ts';
import type { MessageSink } from '../../src/sip/message-sink.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { SipStreams } from '../../src/sip/sip-streams.ts';
import { testStreamLimits } from '../pipeline/monitor.ts';
import { lendBytes } from '../support/lend-frame.ts';
import { randomSource } from '../support/random.ts';
import { StreamSender, shuffled } from '../support/segmenter.ts';

// What is read of the memory where streams wait, and copied inside it, counted item by item: a statement about time that no
// other load on the machine can change. A segment of one byte is read in place only while nothing waits.

const seed = 20_261_126;
const lengthBytes = 60_000;
/** More reads for a byte than this, and the time would not be linear. */
const readsPerByte = 10;

const nobody: MessageSink & StreamEvents = {
  message: new SipMessage(),
  take: () => {},
  notMessage: () => {},
  unit: () => {},
  settle: () => {},
  lost: () => {},
  lostBytes: () => {},
  unread: () => {},
  noContentLength: () => {},
};

/** Streams over a memory whose reads are counted. */
class WatchedStreams {
  reads = 0;
  readonly #frame = new Frame();
  readonly #datagram = new Datagram();
  readonly #connections: TcpConnections;

  constructor() {
    const limits = testStreamLimits;
    const { maxConnections } = limits;
    const pool = new BufferPool(limits.memoryBytes, limits.directionBytes, () => {});
    const clock = new PacketClock();
    clock.micros = 1_700_000_000_000_000;
    this.#watchView(pool.view);
    Object.defineProperty(pool, 'bytes', { value: this.#watched(pool.bytes) });
    Object.defineProperty(pool, 'bits', { value: this.#watched(pool.bits) });
    const sip = new SipStreams(maxConnections, defaultParserLimits, SipTransport.tcp, nobody, nobody);
    this.#connections = new TcpConnections(limits, new SeededHash(1, 2), clock, pool, sip, nobody);
  }

  take(bytes: Uint8Array): SegmentKind {
    lendBytes(this.#frame, bytes);
    assert.equal(decodeFrame(this.#frame, this.#datagram), DecodeResult.segment);
    return this.#connections.segment(this.#datagram, 1, 2);
  }

  #watchView(view: DataView): void {
    for (const name of ['getInt32', 'getUint8'] as const) {
      view[name] = (offset: number) => {
        this.reads++;
        return DataView.prototype[name].call(view, offset);
      };
    }
  }

  #watched(array: Uint8Array | Int32Array): unknown {
    return new Proxy(array, {
      get: (target, key) => {
        if (key === 'copyWithin') {
          return (to: number, from: number, end: number) => {
            this.reads += end - from;
            return target.copyWithin(to, from, end);
          };
        }
        if (typeof key === 'string' && /^\d+$/.test(key)) this.reads++;
        const value: unknown = Reflect.get(target, key, target);
        assert.notEqual(typeof value, 'function', `${String(key)} is not counted`);
        return value;
      },
      set: (target, key, value) => Reflect.set(target, key, value, target),
    });
  }
}

/** What is read for some bytes of a stream, one a segment. */
function countReads(bytes: Uint8Array, isReordered: boolean): number {
  const streams = new WatchedStreams();
  const random = randomSource(seed);
  const from = { address: '192.0.2.1', port: 1000 };
  const sender = new StreamSender(from, { address: '198.51.100.2', port: 5060 }, 0, random);
  const syn = sender.control('S');
  const frames: Uint8Array[] = [];
  for (let p = 0; p < bytes.length; p += 100)
    frames.push(...sender.send(bytes.subarray(p, p + 100), { maxBytes: 1 }));
  streams.take(syn);
  const kinds = (isReordered ? shuffled(frames, random) : frames).map((frame) => streams.take(frame));
  assert.equal(kinds.includes(SegmentKind.outOfOrder), isReordered);
  assert.ok(!kinds.includes(SegmentKind.repeated));
  return streams.reads;
}

const largeMessage =
  'INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n' +
  'From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: 1\r\n' +
  `CSeq: 1 INVITE\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(60_000)}`;

const hostile: Readonly<Record<string, string>> = {
  'a large message': largeMessage,
  'header fields without end': `INVITE sip:b SIP/2.0\r\n${'X: y\r\n'.repeat(10_000)}`,
  'one line without end': 'x'.repeat(60_000),
  'a start line in every second line': 'SIP/2.0 200 OK\r\nA: b\r\n'.repeat(2800),
  'messages without what a message needs': 'SIP/2.0 200 OK\r\nA: b\r\n\r\n'.repeat(2600),
  'a folded field without end': `INVITE sip:b SIP/2.0\r\nVia: x\r\n${' y\r\n'.repeat(15_000)}`,
};

for (const [name, text] of Object.entries(hostile)) {
  test(`time is linear, byte by byte: ${name}`, () => {
    const bytes = new TextEncoder().encode(text);
    assert.ok(bytes.length >= lengthBytes, `${bytes.length}`);
    for (const isReordered of [false, true]) {
      const reads = countReads(bytes.subarray(0, lengthBytes), isReordered);
      assert.ok(reads > lengthBytes && reads <= readsPerByte * lengthBytes, `${reads} reads`);
    }
  });
}
