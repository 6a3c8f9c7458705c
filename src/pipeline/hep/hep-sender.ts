// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ByteRing } from '../../base/byte-ring.ts';
import type { SeriesGrants } from '../../metrics/series-grants.ts';
import type { SeriesBudget, ShardMemory } from '../../metrics/shard-memory.ts';
import type { Stage } from '../stage.ts';
import type { HepAddress, HepOutputOptions } from './hep-options.ts';
import type { HepOutputData } from './hep-output.ts';

/** What the main thread gives the thread that sends HEP; all of it survives structured cloning. */
export interface HepSenderData {
  /** One queue of each thread that captures. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly target: HepAddress;
  readonly shard: SharedArrayBuffer;
  readonly budget: SeriesBudget;
  readonly grants: SharedArrayBuffer;
}

/** What that thread tells: whether it can send, and why not. */
export interface HepSenderMessage {
  readonly isUp: boolean;
  readonly reason: string;
}

/** What sending HEP needs to know. */
export interface HepSenderParts {
  readonly options: HepOutputOptions;
  readonly budget: SeriesBudget;
  readonly grants: SeriesGrants;
  /** Where the thread counts; made for the same budget. */
  readonly shard: ShardMemory;
  /** Workers that capture: each puts messages into a queue of its own, an equal part of the memory for it. */
  readonly workers: number;
  /** Called when there is a connection, and when there is none any more. */
  readonly onChange: (isUp: boolean, reason: string) => void;
}

/** The sending of HEP, and what each capture worker needs to put messages into its queue. */
export interface HepSender extends Stage {
  readonly outputs: readonly HepOutputData[];
}

/** Sends on a thread of its own, so that neither a capture nor a scrape waits. */
export function startHepSender(parts: HepSenderParts): HepSender {
  const { options, budget, grants, shard, workers, onChange } = parts;
  const { target, nodeId, authKey, queueBytes } = options;
  const rings = Array.from({ length: workers }, () => ByteRing.allocate(queueBytes / workers).buffer);
  const data: HepSenderData = { rings, target, shard: shard.buffer, budget, grants: grants.buffer };
  const worker = new Worker(new URL('./hep-sender-worker.ts', import.meta.url), { workerData: data });
  worker.on('message', ({ isUp, reason }: HepSenderMessage) => onChange(isUp, reason));
  const ended = once(worker, 'exit').then(() => undefined);
  ended.catch(() => undefined);
  return {
    // It never fails to start: where nobody listens it tries again.
    ready: Promise.resolve(),
    ended,
    stop: () => worker.postMessage('stop'),
    outputs: rings.map((ring) => ({ ring, nodeId, authKey })),
  };
}
