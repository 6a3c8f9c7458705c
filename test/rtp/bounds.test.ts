// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../src/rtp/refusal.ts';
import { Phase } from '../../src/rtp/stream-record.ts';
import { randomSource } from '../support/random.ts';
import { RtpMonitor, type TestPacket, voice } from './rtp-monitor.ts';

const forgedCount = 1_000_000;
const streamCount = 500;

/**
 * Signalled streams with forged packets between theirs, but for their first rounds; every stream must be whole at the end.
 */
function flood(
  isDetecting: boolean,
  quietRounds: number,
  forge: (index: number) => Partial<TestPacket>,
): RtpMonitor {
  const monitor = new RtpMonitor({ maxStreams: 1000, isDetecting });
  monitor.directory.isAnnounced = (port) => port < 30_000;
  const rounds = 20 + quietRounds;
  const each = forgedCount / (streamCount * (rounds - quietRounds));
  let forged = 0;
  for (let round = 0; round < rounds; round++) {
    for (let stream = 0; stream < streamCount; stream++) {
      const micros = 1e6 + round * 20_000 + stream * 40;
      const [packet] = voice(1, { micros, sequenceNumber: round, timestamp: round * 160 });
      monitor.take({ ...packet!, destinationPort: 20_000 + stream });
      for (let i = 0; round >= quietRounds && i < each; i++) {
        monitor.take({ ...packet!, ...forge(forged++) });
        assert.ok(monitor.streams.table.size <= 1000);
      }
    }
  }
  monitor.finish();
  const whole = monitor.ended.filter(({ received, lost }) => received === rounds && lost === 0);
  assert.equal(whole.length, streamCount);
  assert.equal(monitor.streams.evicted[Phase.signalled], 0);
  assert.equal(forged, forgedCount);
  return monitor;
}

test('a million forged SSRCs that nobody announced', () => {
  const random = randomSource(7);
  const monitor = flood(true, 0, (index) => ({
    ssrc: index * 7 + 1,
    sequenceNumber: random(65_536),
    destinationPort: 40_000,
  }));
  assert.equal(monitor.ended.length, streamCount);
  assert.ok(monitor.streams.evicted[Phase.probation]! > forgedCount / 2);
  assert.equal(monitor.streams.refused[Refusal.probation], forgedCount);
});

test('a million forged SSRCs at announced addresses and ports', () => {
  const random = randomSource(8);
  const monitor = flood(false, 2, (index) => ({
    ssrc: index * 7 + 1,
    sequenceNumber: random(65_536),
    destinationPort: 20_000 + (index % streamCount),
  }));
  assert.equal(monitor.ended.length, streamCount);
  assert.equal(monitor.streams.refused[Refusal.probation], forgedCount);
});

test('forged SSRCs with consecutive numbers at one announced port: as many streams as a flow may have', () => {
  const monitor = flood(false, 2, (index) => ({
    ssrc: -1 - Math.floor(index / 2),
    sequenceNumber: index & 0xffff,
    destinationPort: 20_000,
  }));
  assert.ok(monitor.ended.length <= streamCount + 7);
  assert.ok(monitor.streams.refused[Refusal.flowFull]! > 0);
});

test('a table full of signalled streams refuses what is new', () => {
  const monitor = new RtpMonitor({ maxStreams: 10 });
  for (let stream = 0; stream < 12; stream++) {
    monitor.takeAll(voice(3, { destinationPort: 20_000 + stream, micros: 1e6 + stream * 60_000 }));
  }
  assert.equal(monitor.streams.table.sizeOf(Phase.signalled), 10);
  assert.equal(monitor.streams.refused[Refusal.tableFull], 6);
});

test('50,000 concurrent streams take less than 64 MiB', () => {
  const monitor = new RtpMonitor({ maxStreams: 65_536 });
  for (let round = 0; round < 3; round++) {
    for (let stream = 0; stream < 50_000; stream++) {
      monitor.take({
        micros: 1e6 + round * 20_000,
        sequenceNumber: round,
        timestamp: round * 160,
        sourcePort: 1 + (stream & 0x7fff),
        source: stream >> 15,
      });
    }
  }
  const { table, flows } = monitor.streams;
  assert.equal(table.sizeOf(Phase.signalled), 50_000);
  const bytes = [...table.buffers, ...flows.table.buffers].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
  assert.ok(bytes < 64 * 2 ** 20, `${bytes} bytes`);
});
