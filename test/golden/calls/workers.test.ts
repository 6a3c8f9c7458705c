// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketType } from '../../../src/base/frame.ts';
import { VirtualWorkers } from '../../pipeline/virtual-workers.ts';
import { randomSource } from '../../support/random.ts';
import { callCases } from './cases.ts';
import { GoldenMonitor, goldenAnalysis, type SeenFrame } from './monitor.ts';
import { play } from './scenario.ts';

/** Frames that are in the rings of the workers at once came within this time. */
const BATCH_MICROS = 90_000;
const BATCH_FRAMES = 40;

/** All captures at once, each beginning at another time, in order of time. */
function mixture(seed: number, spreadMicros: number): SeenFrame[] {
  const random = randomSource(seed);
  return callCases
    .flatMap((callCase) => {
      const offset = random(spreadMicros);
      return play(callCase).map((frame, tie) => ({ ...frame, micros: frame.micros + offset, tie }));
    })
    .sort((a, b) => a.micros - b.micros || a.tie - b.tie);
}

/** What tells of the workers themselves, and limits that are rounded to blocks in each of them. */
const others = /^#|ringtap_worker_|_limit_bytes |^ringtap_table_limit\{table="sctp_fragments"\}/;

function comparable(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !others.test(line));
}

/** Gives each frame to any worker, in batches, and lets them read in any order. */
function throughWorkers(
  workers: number,
  frames: readonly SeenFrame[],
  seed: number,
  endMicros: number,
): VirtualWorkers {
  const random = randomSource(seed);
  const all = new VirtualWorkers(workers, goldenAnalysis, 1 << 20, PacketType.unknown);
  for (let i = 0; i < frames.length; ) {
    const until = frames[i]!.micros + BATCH_MICROS;
    const limit = i + 1 + random(BATCH_FRAMES);
    let last = frames[i]!;
    // Workers read all the time, whether anything comes or not.
    for (let worker = 0; worker < workers; worker++) all.read(worker, last.micros);
    for (; i < limit && i < frames.length && frames[i]!.micros <= until; i++) {
      last = frames[i]!;
      all.push(random(workers), last);
      // Some are read while others have not come yet.
      if (random(4) === 0) all.read(random(workers), last.micros);
    }
    all.settle(last.micros, random);
  }
  all.settle(endMicros, random);
  all.finish();
  return all;
}

for (const workers of [2, 3, 4]) {
  for (const [seed, spreadMicros] of [
    [1, 3600e6],
    [2, 20e6],
    [3, 2e6],
  ] as const) {
    test(`all captures at once, any frame to any of ${workers} workers, count as with one (seed ${seed})`, () => {
      const frames = mixture(seed, spreadMicros);
      const endMicros = frames.at(-1)!.micros + 1;
      const one = new GoldenMonitor();
      one.take(frames);
      one.wait(endMicros);
      one.finish();
      const several = throughWorkers(workers, frames, seed, endMicros).text();
      assert.deepEqual(comparable(several), comparable(one.text()));
      assert.match(several, /^ringtap_worker_handovers_total\{worker="1"\} [1-9]/m);
      assert.doesNotMatch(several, /^ringtap_worker_handover_drops_total\{worker="\d"\} [1-9]/m);
    });
  }
}
