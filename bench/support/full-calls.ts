// SPDX-License-Identifier: Apache-2.0
import { Frame, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { seriesPerContext } from '../../src/metrics/definition.ts';
import { families, familyId } from '../../src/metrics/families.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import type { LabelOptions } from '../../src/pipeline/labels/label-options.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import { adviseHugePages } from '../../src/sys/memory.ts';
import type { BenchCase } from '../measure-case.ts';
import type { FrameSet } from '../traffic/frame-set.ts';
import type { SegmentSet } from '../traffic/segment-set.ts';
import { benchAnalysis } from './bench-limits.ts';

/** 10,000 calls/s in packet time: some 300,000 attempts are in the table until they expire. */
const frameMicros = 1e6 / 70_000;
const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };

/** Everything between the ring and the counters; always new calls, expiry in step with new ones. */
export function prepareFullCalls(
  frames: FrameSet | SegmentSet,
  calls: number,
  { labels, hasMedia = false }: { labels?: LabelOptions; hasMedia?: boolean } = {},
): BenchCase {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const pipeline = new PacketPipeline({
    writer,
    analysis: { ...benchAnalysis, ...(labels && { labels }) },
    hash: new SeededHash(1, 2),
    nameOfInterface: () => 'eth0',
    batch: 64,
    ...(hasMedia && { mediaPorts: new PortCounts() }),
  });
  for (const buffer of pipeline.tableBuffers) adviseHugePages(buffer);
  const counted = (name: string) => countOf(writer, name);
  const frame = new Frame();
  frame.bytes = frames.bytes;
  frame.view = frames.view;
  frame.packetType = PacketType.otherHost;
  frame.interfaceIndex = 1;
  frame.arrivalMicros = 1_767_225_600e6;
  let passes = 0;
  // A function of its own, as in the ring's loop: a pass is compiled anew while it runs, over and over, and what is
  // not compiled boxes doubles.
  const take = (index: number): void => {
    frames.renew(index);
    frame.offset = frames.offsets[index]!;
    frame.capturedLength = frames.lengths[index]!;
    frame.originalLength = frames.lengths[index]!;
    frame.arrivalMicros += frameMicros;
    pipeline.packet(frame);
  };
  return {
    units: frames.offsets.length,
    pass() {
      frames.nextGeneration();
      for (let index = 0; index < frames.offsets.length; index++) take(index);
      while (pipeline.advance(frame.arrivalMicros));
      passes++;
      const ended = counted('sip_sessions_ended_total');
      if (ended !== passes * calls) throw new Error(`${ended} sessions ended of ${passes * calls}`);
    },
  };
}

/** Sum of a family's series in all contexts. */
function countOf(writer: ShardWriter, name: string): number {
  const family = familyId(name);
  const series = seriesPerContext(families[family]!);
  let total = 0;
  const bases = writer.basesOf(family);
  const { cells } = writer.memory;
  for (let context = 0; context < bases.length; context++) {
    const base = bases[context]!;
    if (base < 0 || bases.indexOf(base) < context) continue;
    for (let i = base; i < base + series; i++) total += cells[i]!;
  }
  return total;
}
