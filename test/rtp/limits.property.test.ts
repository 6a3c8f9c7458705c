// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StreamReport } from '../../src/rtp/stream-events.ts';
import { Phase } from '../../src/rtp/stream-record.ts';
import { RtpMonitor } from './rtp-monitor.ts';

const SENDERS = 24;
const FIRST_PORT = 20_000;
/** Packets of one sender come this far apart. */
const PACKET_MICROS = 20_000;

/** What happens next, to one of the senders. */
type Step =
  /** Packets, the first so many sequence numbers behind the one that came last, or before it. */
  | { kind: 'packets'; sender: number; count: number; skipped: number; payloadType: number }
  | { kind: 'again'; sender: number; laterMicros: number }
  | { kind: 'jump'; sender: number; sequenceNumber: number }
  | { kind: 'newSsrc' | 'bye' | 'announce' | 'withdraw' | 'callEnds' | 'sensorLoss'; sender: number }
  | { kind: 'wait'; sender: number; micros: number };

const sender = fc.nat(SENDERS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('packets' as const),
      sender,
      count: fc.integer({ min: 1, max: 12 }),
      skipped: fc.oneof(fc.constant(0), fc.integer({ min: -130, max: 130 })),
      payloadType: fc.constantFrom(0, 0, 0, 8, 13, 101),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('again' as const), sender, laterMicros: fc.nat(120_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), sender, sequenceNumber: fc.nat(65_535) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('newSsrc', 'bye', 'announce', 'withdraw', 'callEnds', 'sensorLoss'),
      sender,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      sender,
      micros: fc.oneof(fc.nat(300_000), fc.nat(15_000_000), fc.nat(90_000_000)),
    }),
  },
);

const limits = fc.record({
  maxStreams: fc.integer({ min: 1, max: 12 }),
  maxStreamsPerFlow: fc.integer({ min: 1, max: 3 }),
  probation: fc.integer({ min: 2, max: 5 }),
  isDetecting: fc.boolean(),
  idleMicros: fc.constantFrom(5e6, 60e6),
});

/** Senders whose packets the streams get, one after the other in time. */
class Senders {
  readonly monitor: RtpMonitor;
  readonly #idleMicros: number;
  readonly #announced = new Set<number>();
  readonly #ssrcs = new Int32Array(SENDERS);
  readonly #sequenceNumbers = new Int32Array(SENDERS);
  #micros = 10e6;
  given = 0;

  constructor(options: { maxStreams: number; idleMicros: number }) {
    this.monitor = new RtpMonitor(options);
    this.monitor.directory.isAnnounced = (port) => this.#announced.has(port);
    this.#idleMicros = options.idleMicros;
    for (let i = 0; i < SENDERS; i++) this.#ssrcs[i] = 1000 * i;
    // Half of them, two with one address and port.
    for (let i = 0; i < SENDERS; i += 2) this.#announced.add(portOf(i));
  }

  take(next: Step): void {
    const { monitor } = this;
    const { sender } = next;
    const endedBefore = monitor.ended.length;
    let mayEnd = -1;
    switch (next.kind) {
      case 'packets':
        this.#sequenceNumbers[sender]! += next.skipped;
        for (let i = 0; i < next.count; i++) this.#send(sender, next.payloadType);
        break;
      case 'again':
        this.#sequenceNumbers[sender]!--;
        this.#micros += next.laterMicros;
        this.#send(sender, 0);
        break;
      case 'jump':
        this.#sequenceNumbers[sender] = next.sequenceNumber;
        this.#send(sender, 0);
        break;
      case 'newSsrc':
        this.#ssrcs[sender]!++;
        break;
      case 'bye':
      case 'callEnds':
        mayEnd = this.#end(sender, next.kind === 'bye');
        break;
      case 'announce':
        this.#announced.add(portOf(sender));
        monitor.streams.rejoin();
        break;
      case 'withdraw':
        this.#announced.delete(portOf(sender));
        break;
      case 'sensorLoss':
        monitor.streams.sensorLost(this.#micros);
        break;
      case 'wait':
        this.#micros += next.micros;
        monitor.wait(this.#micros);
    }
    this.#check(monitor.ended.slice(endedBefore), mayEnd);
  }

  #send(sender: number, payloadType: number): void {
    this.#micros += PACKET_MICROS;
    this.#sequenceNumbers[sender] = (this.#sequenceNumbers[sender]! + 1) & 0xffff;
    const sequenceNumber = this.#sequenceNumbers[sender]!;
    this.given++;
    this.monitor.take({
      micros: this.#micros,
      sequenceNumber,
      timestamp: sequenceNumber * 160,
      payloadType,
      ssrc: this.#ssrcs[sender]!,
      destinationPort: portOf(sender),
    });
  }

  /** Ends the stream of a sender, if it has one; returns its number. */
  #end(sender: number, isBye: boolean): number {
    const { streams, datagram } = this.monitor;
    const { sourceAddress, destinationAddress } = datagram;
    const ssrc = this.#ssrcs[sender]!;
    const slot = streams.find(sourceAddress, 10_000, destinationAddress, portOf(sender), ssrc);
    if (slot < 0) return -1;
    const stream = streams.table.keyLow(slot);
    if (isBye) streams.bye(slot);
    else streams.end(slot);
    return stream;
  }

  /** Nothing is above its limit; a signalled stream ended because it was told to, or was idle. */
  #check(ended: readonly StreamReport[], mayEnd: number): void {
    const { streams, began, ended: all, clock } = this.monitor;
    const { table } = streams;
    assert.ok(table.size <= table.limit);
    assert.equal(streams.evicted[Phase.signalled], 0);
    assert.equal(began.length - all.length, table.sizeOf(Phase.unsignalled) + table.sizeOf(Phase.signalled));
    assert.ok(streams.flows.table.sizeOf(1) <= began.length - all.length);
    for (const { joinedBy, stream, lastMicros } of ended) {
      const isIdle = clock.micros - lastMicros >= this.#idleMicros;
      assert.ok(joinedBy === 0 || stream === mayEnd || isIdle, 'a signalled stream was given up');
    }
  }
}

/** Two senders share an address and port each. */
function portOf(sender: number): number {
  return FIRST_PORT + (sender >> 1);
}

const sum = (values: Iterable<number>): number => [...values].reduce((before, value) => before + value, 0);

test('tables that are full: every packet is counted in one place, and no signalled stream gives way', () => {
  let evictions = 0;
  let refusals = 0;
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 50, maxLength: 600 }), (options, steps) => {
      const senders = new Senders(options);
      for (const next of steps) senders.take(next);
      const { monitor } = senders;
      const { streams, intervals, ended, began } = monitor.finish();
      assert.equal(streams.table.size, streams.table.sizeOf(Phase.ended));
      assert.equal(ended.length, began.length);
      // What stands before the first context is not counted yet.
      const first = streams.tally.cell(0, 0);
      const counted = sum(streams.tally.packets.subarray(first));
      const repeated = sum(ended.map(({ duplicate, copies }) => duplicate + copies));
      assert.equal(counted + repeated + sum(streams.refused), senders.given);
      assert.equal(sum(ended.map(({ received }) => received)), counted);
      assert.equal(sum(ended.map(({ bytes }) => bytes)), sum(streams.tally.bytes.subarray(first)));
      for (const figure of [
        'received',
        'bytes',
        'lost',
        'unknown',
        'expected',
        'duplicate',
        'copies',
      ] as const) {
        assert.equal(
          sum(intervals.map((report) => report[figure])),
          sum(ended.map((report) => report[figure])),
          figure,
        );
      }
      for (const report of [...intervals, ...ended]) {
        assert.equal(report.expected, report.received + report.lost + report.unknown);
      }
      evictions += sum(streams.evicted);
      refusals += sum(streams.refused);
    }),
    { numRuns: 1000 },
  );
  assert.ok(evictions > 100 && refusals > 1000, `${evictions} evictions, ${refusals} refusals`);
});
