// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../base/byte-ring.ts';
import type { SpreadKey } from '../base/spread.ts';
import type { ShardMemory } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { newFloors } from './exchange.ts';
import type { HandoverData } from './handover.ts';
import { HANDOVER_HEADER_BYTES } from './handover-record.ts';

/** Bytes of a ring besides two records. */
const RING_OVERHEAD_BYTES = 16;

/** The memory that workers share: a ring from each to each other, with room for two of the longest messages at least. */
export function connectWorkers(
  shards: readonly ShardMemory[],
  { parser, peers }: AnalysisOptions,
  key: SpreadKey,
  handoverBytes: number,
  nowMicros: number,
): Omit<HandoverData, 'worker'> {
  const workers = shards.length;
  const leastBytes = 2 * (parser.maxMessageBytes + HANDOVER_HEADER_BYTES) + RING_OVERHEAD_BYTES;
  const ringBytes = Math.max(leastBytes, Math.floor(handoverBytes / (workers * (workers - 1))));
  const rings = shards.map((_, sender) =>
    shards.map((_, receiver) => ByteRing.allocate(sender === receiver ? 0 : ringBytes).buffer),
  );
  return {
    key,
    hasPeers: peers.length > 0,
    rings,
    floors: newFloors(workers, nowMicros),
    shards: shards.map(({ buffer }) => buffer),
  };
}
