// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../base/byte-ring.ts';
import type { SpreadKey } from '../base/spread.ts';
import { CallIds } from '../media/call-ids.ts';
import { allocateMediaMemory } from '../media/media-memory.ts';
import { MAX_EXEMPLAR_ID_BYTES } from '../metrics/exemplars.ts';
import type { ShardMemory } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { newFloors } from './floors.ts';
import type { HandoverData } from './handover.ts';
import { leastRingBytes } from './handover-record.ts';

/** Of the memory, where media is read: all messages of calls are told to the worker that has their media, few to others. */
const MESSAGE_SHARE = 0.5;
/** For some thousand streams that are to end at once, for each worker. */
const ORDER_BYTES = 2 ** 16;

/** What `connectWorkers` needs to know. */
export interface WorkerConnection {
  /** Of the workers. */
  readonly shards: readonly ShardMemory[];
  readonly analysis: AnalysisOptions;
  /** Of the hash by which messages belong to workers, and of the one that finds endpoints of media. */
  readonly key: SpreadKey;
  readonly hashKey: readonly [number, number];
  readonly handoverBytes: number;
  readonly nowMicros: number;
  readonly hasExemplars: boolean;
}

/**
 * The memory that workers share: a ring from each to each other, with room for two of the longest messages at least, and what
 * signalling announced of media.
 */
export function connectWorkers(connection: WorkerConnection): Omit<HandoverData, 'worker'> {
  const { shards, key, hashKey, handoverBytes, nowMicros, hasExemplars } = connection;
  const { parser, peers, rtp, media: limits } = connection.analysis;
  const workers = shards.length;
  const leastBytes = leastRingBytes(parser.maxMessageBytes);
  const messageBytes = rtp === undefined ? handoverBytes : handoverBytes * MESSAGE_SHARE;
  const ringOf = (bytes: number, least: number): SharedArrayBuffer =>
    ByteRing.allocate(Math.max(least, Math.floor(bytes))).buffer;
  const rings = shards.map((_, sender) =>
    shards.map((_, receiver) =>
      sender === receiver ? ringOf(0, 0) : ringOf(messageBytes / (workers * (workers - 1)), leastBytes),
    ),
  );
  const callIds = hasExemplars ? CallIds.sharedMemory(limits.maxCalls, MAX_EXEMPLAR_ID_BYTES) : undefined;
  const media = rtp && {
    memory: allocateMediaMemory(limits.maxEndpoints, hashKey, callIds),
    told: shards.map(() => ringOf((handoverBytes - messageBytes) / workers, leastBytes)),
    orders: shards.map(() => ringOf(ORDER_BYTES, 0)),
    floors: newFloors(workers, nowMicros),
  };
  return {
    key,
    hasPeers: peers.length > 0,
    rings,
    floors: newFloors(workers, nowMicros),
    shards: shards.map(({ buffer }) => buffer),
    losses: new Int32Array(new SharedArrayBuffer(workers * Int32Array.BYTES_PER_ELEMENT)),
    ...(media && { media }),
  };
}
