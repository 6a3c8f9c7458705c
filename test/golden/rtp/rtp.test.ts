// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SETTLED_BEHIND } from '../../../src/rtp/sequence-window.ts';
import { referenceBursts, referenceIntervals } from '../../rtp/reference.ts';
import { RtpMonitor } from '../../rtp/rtp-monitor.ts';
import { runCommand } from '../../support/command.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { readPcap } from '../../support/pcap.ts';
import { type RtpFigures, rtpCases } from './cases.ts';
import { captureFolder, generate } from './generate.ts';

function monitorOf(name: string): RtpMonitor {
  const monitor = new RtpMonitor();
  for (const { bytes, micros } of readPcap(join(captureFolder, `${name}.pcap`)))
    monitor.takeFrame(bytes, micros);
  return monitor.finish();
}

function figuresOf(monitor: RtpMonitor): RtpFigures {
  return {
    streams: monitor.ended.length,
    received: monitor.sum('received'),
    lost: monitor.sum('lost'),
    duplicate: monitor.sum('duplicate'),
    copies: monitor.sum('copies'),
    outOfOrder: monitor.sum('outOfOrder'),
    restarts: monitor.sum('restarts'),
    codecChanges: monitor.sum('codecChanges'),
    ssrcChanges: monitor.began.filter(({ isSsrcChange }) => isSsrcChange).length,
  };
}

const none: RtpFigures = {
  streams: 1,
  received: 0,
  lost: 0,
  duplicate: 0,
  copies: 0,
  outOfOrder: 0,
  restarts: 0,
  codecChanges: 0,
  ssrcChanges: 0,
};

test('the captures are what generate.ts writes', () => {
  assertCommitted(captureFolder, generate);
});

for (const { name, packets, expected, hasReference } of rtpCases) {
  test(`${name}: figures`, () => {
    const monitor = monitorOf(name);
    assert.deepEqual(figuresOf(monitor), { ...none, ...expected });
    if (!hasReference) return;
    const options = { clockRate: 8000, intervalMicros: 10e6, settledBehind: SETTLED_BEHIND };
    const reference = referenceIntervals(packets, options);
    assert.equal(monitor.intervals.length, reference.length);
    for (const [i, interval] of reference.entries()) {
      const report = monitor.intervals[i]!;
      assert.equal(report.received, interval.received);
      assert.equal(report.lost, interval.lost);
      assert.ok(Math.abs(report.jitterMicros - interval.jitterMicros) < 0.01);
      if (report.discardedAdaptive > 0 || report.outOfOrder > 0) continue;
      const bursts = referenceBursts(interval.losses);
      assert.ok(Math.abs(report.burstDensity - bursts.burstDensity) < 1e-9);
      assert.ok(Math.abs(report.burstMillis - bursts.burstLength * 20) < 1e-6);
    }
  });
}

/** Of `tshark -z rtp,streams`: a line each stream. */
async function tsharkStreams(
  name: string,
): Promise<{ packets: number; lost: number; maxJitterMillis: number }[]> {
  const ports = [10_000, 20_000].flatMap((port) => ['-d', `udp.port==${port},rtp`]);
  const file = join(captureFolder, `${name}.pcap`);
  const stdout = await runCommand('tshark', ['-r', file, ...ports, '-q', '-z', 'rtp,streams']);
  const line =
    /0x[0-9A-F]{8}\s+.*?\s+(\d+)\s+(-?\d+)\s+\(-?[\d.]+%\)(?:\s+-?[\d.]+){3}\s+[\d.]+\s+[\d.]+\s+([\d.]+)/g;
  return [...stdout.matchAll(line)].map(([, packets, lost, jitter]) => ({
    packets: Number(packets),
    lost: Number(lost),
    maxJitterMillis: Number(jitter),
  }));
}

for (const { name, expected, tshark, otherJitter } of rtpCases) {
  test(`${name}: tshark`, async () => {
    const monitor = monitorOf(name);
    const streams = await tsharkStreams(name);
    const { received, lost } = figuresOf(monitor);
    assert.equal(streams.length, expected.streams ?? 1);
    assert.equal(
      streams.reduce((sum, stream) => sum + stream.packets, 0),
      tshark?.packets ?? received,
    );
    assert.equal(
      streams.reduce((sum, stream) => sum + stream.lost, 0),
      tshark?.lost ?? lost,
    );
    const jitterMillis = Math.max(...monitor.ended.map(({ maxJitterMicros }) => maxJitterMicros)) / 1000;
    const judged = Math.max(...streams.map(({ maxJitterMillis }) => maxJitterMillis));
    const isSame = Math.abs(jitterMillis - judged) < 0.002;
    assert.equal(isSame, otherJitter === undefined, `${jitterMillis} ms, tshark ${judged} ms`);
  });
}
