// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { PortCounts } from '../../../src/base/port-counts.ts';
import { TestMonitor } from '../../pipeline/monitor.ts';
import { replayHere, valuesOf } from '../../replay/replay.ts';
import { runCommand } from '../../support/command.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { readPcap } from '../../support/pcap.ts';
import { type MediaCase, mediaCases } from './cases.ts';
import { captureFolder, generate } from './generate.ts';

const pathOf = (name: string): string => join(captureFolder, `${name}.pcap`);

/** Figures of an exposition by the values of their labels. */
function figures(lines: readonly string[], name: string, labels: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of lines) {
    if (!line.startsWith(`${name}{`)) continue;
    const key = labels.map((label) => line.match(new RegExp(`[{,]${label}="(.*?)"`))![1]).join('/');
    found[key] = (found[key] ?? 0) + Number(line.slice(line.lastIndexOf(' ')));
  }
  return found;
}

function check(lines: readonly string[], mediaCase: MediaCase): void {
  assert.deepEqual(figures(lines, 'rtp_call_results_total', ['result']), mediaCase.results);
  assert.deepEqual(figures(lines, 'rtp_call_findings_total', ['finding', 'from']), mediaCase.findings ?? {});
  const { delays = {} } = mediaCase;
  const counts = figures(lines, 'rtp_answer_to_media_delay_seconds_count', ['from']);
  assert.deepEqual(Object.keys(counts).sort(), Object.keys(delays).sort());
  const sums = figures(lines, 'rtp_answer_to_media_delay_seconds_sum', ['from']);
  for (const [from, seconds] of Object.entries(delays)) assert.equal(sums[from] ?? 0, seconds, from);
  const streams = Object.values(figures(lines, 'rtp_streams_begun_total', ['signalling']));
  assert.equal(
    streams.reduce((sum, count) => sum + count, 0),
    mediaCase.streams,
  );
  const byDestination = mediaCase.streams > 0 ? { destination: mediaCase.streams } : {};
  const joined = mediaCase.joined ?? byDestination;
  assert.deepEqual(figures(lines, 'rtp_streams_joined_total', ['by']), joined);
  const { packets } = mediaCase;
  if (packets !== undefined) assert.deepEqual(figures(lines, 'rtp_packets_total', ['codec']), packets);
  assert.deepEqual(figures(lines, 'rtp_calls', ['state']), {});
}

for (const mediaCase of mediaCases) {
  test(`${mediaCase.name}: expected figures, twice the same bytes`, async () => {
    const { stdout } = await replayHere(pathOf(mediaCase.name));
    check(valuesOf(stdout), mediaCase);
    assert.equal((await replayHere(pathOf(mediaCase.name))).stdout, stdout);
  });
}

for (const mediaCase of mediaCases) {
  test(`${mediaCase.name}: a batch of 64 and one of 1`, () => {
    const run = (batch: number): string[] => {
      const monitor = new TestMonitor({}, { rtp: { detect: true } }, batch, new PortCounts());
      for (const { bytes, micros } of readPcap(pathOf(mediaCase.name))) monitor.take(bytes, micros);
      monitor.pipeline.finish();
      return monitor.values();
    };
    assert.deepEqual(run(64), run(1));
  });
}

for (const mediaCase of mediaCases.filter(({ otherInTshark }) => otherInTshark === undefined)) {
  test(`${mediaCase.name}: tshark has as many streams and packets`, async () => {
    const output = await runCommand('tshark', ['-r', pathOf(mediaCase.name), '-q', '-z', 'rtp,streams']);
    const line = /0x[0-9A-F]{8}\s+.*?\s+(\d+)\s+(-?\d+)\s+\(/g;
    const packets = [...output.matchAll(line)].map(([, count]) => Number(count));
    assert.equal(packets.length, mediaCase.streams);
    const { stdout } = await replayHere(pathOf(mediaCase.name));
    const counted = Object.values(figures(valuesOf(stdout), 'rtp_packets_total', ['codec']));
    assert.equal(
      counted.reduce((sum, count) => sum + count, 0),
      packets.reduce((sum, count) => sum + count, 0),
    );
  });
}

test('the captures are what their generator writes', () => {
  assertCommitted(captureFolder, generate);
});
