// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecNames } from '../../src/rtp/codec.ts';
import { parseRtpHeader, RtpResult, rtpResultNames } from '../../src/rtp/parse-rtp-header.ts';
import { RtpHeader } from '../../src/rtp/rtp-header.ts';
import type { StreamReport } from '../../src/rtp/stream-events.ts';
import { RtpMonitor } from '../rtp/rtp-monitor.ts';
import { randomSource } from '../support/random.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const headerCount = 1_000_000;
const packetCount = 1_000_000;
const maxLength = 128;

function newRandom(diagnostic: (text: string) => void): (limit: number) => number {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  diagnostic(`FUZZ_SEED=${seed}`);
  return randomSource(seed);
}

test('random headers, whole and cut, give a code and stay in bounds', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const counts = new Float64Array(rtpResultNames.length);
  const header = new RtpHeader();
  const buffer = new Uint8Array(maxLength * 2);
  for (let count = 0; count < headerCount; count++) {
    const offset = random(maxLength);
    const captured = random(maxLength);
    for (let i = 0; i < Math.min(captured, 24); i++) buffer[offset + i] = random(256);
    if (random(4) > 0) buffer[offset] = 0x80 | random(64);
    // The capture ends where its buffer does, so that a read beyond it would throw.
    const view = new DataView(buffer.buffer, 0, offset + captured);
    const wire = random(4) === 0 ? random(65_536) : captured + random(4);
    const result = parseRtpHeader(view, offset, captured, wire, header);
    assert.ok(result < counts.length);
    counts[result]!++;
    if (result !== RtpResult.packet) continue;
    if (header.payloadBytes < 0 || header.payloadBytes > wire - 12)
      assert.fail(`${header.payloadBytes} of ${wire}`);
    if (header.sequenceNumber > 0xffff || header.payloadType > 127)
      assert.fail('a field is out of its range');
  }
  for (const [code, name] of rtpResultNames.entries()) assert.ok(counts[code]! > 0, `never ${name}`);
});

/** What no report may say, whatever came. */
function check(report: StreamReport): void {
  for (const [name, value] of Object.entries(report)) {
    if (typeof value !== 'number') continue;
    if (!Number.isFinite(value)) assert.fail(`${name} is ${value}`);
    if (value < 0 && !['endpoint', 'roundTripMicros', 'stream', 'endpointKey'].includes(name)) {
      assert.fail(`${name} is ${value}`);
    }
  }
  assert.ok(report.burstDensity <= 1 && report.gapDensity <= 1 && report.burstRatio >= 1);
  assert.equal(report.expected, report.received + report.lost + report.unknown);
  assert.ok(report.discardedFixed <= report.received && report.discardedAdaptive <= report.received);
}

test('hostile sequences of packets: limits hold, nothing is negative, every packet has its place', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const monitor = new RtpMonitor({ maxStreams: 40, maxStreamsPerFlow: 3, isDetecting: true, probation: 3 });
  monitor.directory.isAnnounced = (port) => port % 2 === 0;
  const numbers = Array.from({ length: 12 }, () => ({ sequenceNumber: 0, timestamp: 0 }));
  let micros = 1e9;
  for (let count = 0; count < packetCount; count++) {
    const sender = random(numbers.length);
    const state = numbers[sender]!;
    const kind = random(40);
    if (kind === 0) state.sequenceNumber = random(65_536);
    else if (kind === 1) state.sequenceNumber -= random(200);
    else if (kind === 2) state.sequenceNumber += random(4000);
    else if (kind > 3) state.sequenceNumber++;
    if (kind === 4) state.timestamp = random(2 ** 32);
    else state.timestamp += 160;
    // Now and then a clock that is set, forward and back, or a long silence.
    const jump = random(100_000);
    if (jump === 0) micros += random(100) * 1e6;
    else if (jump === 1) micros -= random(100) * 1e6;
    else micros += random(5000);
    if (random(50_000) === 0) monitor.streams.sensorLost();
    if (random(20_000) === 0) monitor.streams.rejoin();
    monitor.take({
      micros,
      sequenceNumber: state.sequenceNumber & 0xffff,
      timestamp: state.timestamp,
      marker: random(10) === 0,
      payloadType: random(20) === 0 ? random(128) : 0,
      ssrc: random(200) === 0 ? random(2 ** 32) : sender,
      payloadBytes: random(1500),
      destinationPort: 20_000 + (sender & 3),
      identification: random(4),
    });
    assert.ok(monitor.streams.table.size <= 40);
    if (random(10_000) === 0) {
      const { sourceAddress, destinationAddress } = monitor.datagram;
      const port = 20_000 + (sender & 3);
      const slot = monitor.streams.find(sourceAddress, 10_000, destinationAddress, port, sender);
      if (slot >= 0) monitor.streams.bye(slot);
    }
  }
  monitor.finish();
  for (const report of [...monitor.began, ...monitor.intervals, ...monitor.ended]) check(report);
  assert.equal(monitor.began.length, monitor.ended.length);
  assert.ok(monitor.ended.length > 12);
  const again = monitor.sum('duplicate') + monitor.sum('copies');
  const refused = monitor.streams.refused.reduce((sum, packets) => sum + packets, 0);
  const received = monitor.sum('received');
  assert.equal(
    monitor.ended.reduce((sum, report) => sum + report.received, 0),
    received,
  );
  const { packets } = monitor.streams.tally;
  const counted = packets.subarray(codecNames.length).reduce((sum, count) => sum + count, 0);
  assert.equal(counted, received);
  assert.equal(received + refused + again, packetCount);
});
