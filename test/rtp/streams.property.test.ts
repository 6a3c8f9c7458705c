// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SETTLED_BEHIND } from '../../src/rtp/sequence-window.ts';
import { referenceBurstRatio, referenceBursts, referenceIntervals } from './reference.ts';
import { RtpMonitor, type TestPacket, voice } from './rtp-monitor.ts';

/** What a network does to a packet. */
interface Fate {
  /** Lost with those behind it, so many in all. */
  lost: number;
  copies: number;
  delayMicros: number;
}

/** At most 60 ms more than others: jitter buffers discard nothing, so that losses are all there is. */
const fate: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ lost: fc.constant(0), copies: fc.constant(0), delayMicros: fc.nat(900) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      lost: fc.oneof(fc.nat(3), fc.nat(150)),
      copies: fc.nat(2),
      delayMicros: fc.oneof(fc.nat(15_000), fc.nat(500_000)),
    }),
  },
);

interface Journey {
  fates: Fate[];
  sequenceNumber: number;
  timestamp: number;
}

const journey: fc.Arbitrary<Journey> = fc.record({
  fates: fc.array(fate, { minLength: 30, maxLength: 1500 }),
  sequenceNumber: fc.oneof(fc.nat(65_535), fc.integer({ min: 65_000, max: 65_535 })),
  timestamp: fc.integer(),
});

/** The packets as they come: two first ones in order, so that the stream begins with the first. */
function packetsOf({ fates, sequenceNumber, timestamp }: Journey): TestPacket[] {
  const sent = voice(fates.length + 2, { sequenceNumber, timestamp });
  const arrived = sent.slice(0, 2);
  let losing = 0;
  for (const [i, { lost, copies, delayMicros }] of fates.entries()) {
    const packet = sent[i + 2]!;
    if (losing > 0) {
      losing--;
      continue;
    }
    losing = lost > 0 ? lost - 1 : 0;
    if (lost > 0) continue;
    for (let copy = 0; copy <= copies; copy++) {
      // Copies of the network come later than the duplicate window, but within the order that is known.
      arrived.push({ ...packet, micros: packet.micros + delayMicros + copy * 60_000 });
    }
  }
  return arrived.sort((a, b) => a.micros - b.micros);
}

test('counts and jitter of each interval are those of the reference', () => {
  fc.assert(
    fc.property(journey, (journey) => {
      const packets = packetsOf(journey);
      const monitor = new RtpMonitor().takeAll(packets).finish();
      const expected = referenceIntervals(packets, {
        clockRate: 8000,
        intervalMicros: 10e6,
        settledBehind: SETTLED_BEHIND,
      });
      const counts = monitor.intervals.map(({ received, lost, duplicate, outOfOrder }) => ({
        received,
        lost,
        duplicate,
        outOfOrder,
      }));
      assert.deepEqual(
        counts,
        expected.map(({ received, lost, duplicate, outOfOrder }) => ({
          received,
          lost,
          duplicate,
          outOfOrder,
        })),
      );
      for (const [i, { jitterMicros }] of expected.entries()) {
        assert.ok(
          Math.abs(monitor.intervals[i]!.jitterMicros - jitterMicros) < 0.01,
          `jitter ${jitterMicros}`,
        );
      }
      for (const report of monitor.intervals) {
        assert.equal(report.expected, report.received + report.lost + report.unknown);
        assert.equal(report.unknown, 0);
      }
      const [whole] = monitor.ended;
      assert.equal(whole?.received, monitor.sum('received'));
      assert.equal(whole?.lost, monitor.sum('lost'));
      assert.equal(monitor.ended.length, 1);
    }),
    { numRuns: 300 },
  );
});

/** Loss alone, in bursts: nothing comes late, so that the string of losses is what the network did. */
const losses = fc.array(
  fc.oneof({ weight: 5, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(400) }),
  {
    minLength: 1,
    maxLength: 40,
  },
);

test('bursts, gaps and the burst ratio of each interval are those of RFC 3611 A.2', () => {
  fc.assert(
    fc.property(losses, fc.nat(65_535), (runs, sequenceNumber) => {
      const pattern = `..${runs.map((run, i) => (i % 2 === 0 ? '.'.repeat(run) : '-'.repeat(Math.min(run, 50)))).join('')}.`;
      const packets = voice(pattern.length, { sequenceNumber }).filter((_, i) => pattern[i] === '.');
      const monitor = new RtpMonitor().takeAll(packets).finish();
      const expected = referenceIntervals(packets, {
        clockRate: 8000,
        intervalMicros: 10e6,
        settledBehind: SETTLED_BEHIND,
      });
      assert.equal(expected.map(({ losses }) => losses).join(''), pattern);
      assert.equal(monitor.intervals.length, expected.length);
      for (const [i, { losses }] of expected.entries()) {
        const report = monitor.intervals[i]!;
        const bursts = referenceBursts(losses);
        near(report.burstDensity, bursts.burstDensity);
        near(report.gapDensity, bursts.gapDensity);
        near(report.burstMillis, bursts.burstLength * 20);
        near(report.gapMillis, bursts.gapLength * 20);
        near(report.burstRatio, losses.length === 0 ? 1 : referenceBurstRatio(losses));
      }
    }),
    { numRuns: 500 },
  );
});

test('the sensor lost packets: the same is unknown, not lost', () => {
  fc.assert(
    fc.property(journey, fc.nat(1400), (journey, at) => {
      const packets = packetsOf(journey);
      const monitor = new RtpMonitor();
      for (const [i, packet] of packets.entries()) {
        if (i === Math.min(at, packets.length - 1)) monitor.streams.sensorLost();
        monitor.take(packet);
      }
      monitor.finish();
      const plain = new RtpMonitor().takeAll(packets).finish();
      assert.deepEqual(
        monitor.intervals.map(({ lost, unknown }) => lost + unknown),
        plain.intervals.map(({ lost }) => lost),
      );
      assert.ok(monitor.intervals.some(({ isSensorLossy }) => isSensorLossy));
      for (const report of monitor.intervals)
        assert.ok(report.isSensorLossy ? report.lost === 0 : report.unknown === 0);
    }),
    { numRuns: 100 },
  );
});

test('packets of independent streams in any order give the same reports', () => {
  fc.assert(
    fc.property(journey, journey, (first, second) => {
      const one = packetsOf(first);
      const other = packetsOf(second).map((packet) => ({ ...packet, ssrc: 99, sourcePort: 11_000 }));
      const alone = new RtpMonitor().takeAll(one).finish();
      const both = [...one, ...other].sort((a, b) => a.micros - b.micros);
      const together = new RtpMonitor().takeAll(both).finish();
      const { stream } = alone.ended[0]!;
      const ofOne = together.intervals.filter((report) => report.stream === stream);
      assert.deepEqual(ofOne, alone.intervals);
    }),
    { numRuns: 50 },
  );
});

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}, not ${expected}`);
}
