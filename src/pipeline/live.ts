// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Finding } from '../abuse/abuse-events.ts';
import type { SpreadKey } from '../base/spread.ts';
import type { CaptureHandles, FilterHandle } from '../capture/capture-handles.ts';
import { LiveFilter } from '../capture/live-filter.ts';
import { type CaptureOptions, openCapture } from '../capture/open-capture.ts';
import type { SeriesGrants } from '../metrics/series-grants.ts';
import type { SeriesBudget, ShardMemory } from '../metrics/shard-memory.ts';
import { MEDIA_OWNER } from '../state/message-owner.ts';
import type { AnalysisOptions, LiveAnalysis } from './analysis-options.ts';
import { analysisOfWorker, liveOfWorker } from './analysis-share.ts';
import {
  type CaptureWorkerChange,
  type CaptureWorkerData,
  type CaptureWorkerMessage,
  ControlWord,
} from './capture-control.ts';
import { connectWorkers } from './handover-memory.ts';
import type { HepAnnouncementsData } from './hep/hep-announcer.ts';
import type { HepOutputData } from './hep/hep-output.ts';
import { KeyLogFile } from './key-log-file.ts';
import type { AnalysisStage, Stage } from './stage.ts';

/** What is captured, and how many workers share it. */
export interface CaptureRequest {
  readonly capture: Omit<CaptureOptions, 'sharing'>;
  readonly workers: number;
}

/** An open capture that `startLive` has not taken over yet: plain values, which another program could have opened. */
export interface OpenedLive {
  /** One for each worker. */
  readonly handles: readonly CaptureHandles[];
  /** To change what is let through. */
  readonly filters: readonly FilterHandle[];
  /** Of the hash by which the kernel spreads packets. */
  readonly key: SpreadKey;
}

/** What a live capture needs to know. */
export interface LiveOptions {
  readonly capture: Omit<CaptureOptions, 'sharing'>;
  /** The capture, where it is open already. */
  readonly opened?: OpenedLive;
  /** Its limits are of all workers together. */
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
  readonly grants: SeriesGrants;
  /** Where the workers count, one for each; made for the same budget. */
  readonly shards: readonly ShardMemory[];
  /** Memory of all messages on their way from one worker to another. */
  readonly handoverBytes: number;
  /** Where messages go that are sent on as HEP, one for each worker. */
  readonly hepOutputs?: readonly HepOutputData[];
  /** Where calls come from that are told by HEP: their media may be captured here. */
  readonly hepAnnouncements?: HepAnnouncementsData;
  /** Called when an interface comes, goes, or changes its state. */
  readonly onInterface: (interfaceName: string, state: string) => void;
  /** Called with what looks like abuse, where the options say so. */
  readonly onFinding: (finding: Finding) => void;
}

/** Opens what `startLive` reads, which needs privilege. Throws CaptureError. */
export function openLive({ capture, workers }: CaptureRequest): OpenedLive & { close(): void } {
  const key = randomKey();
  return { key, ...openCapture(workers === 1 ? capture : { ...capture, sharing: { workers, key } }) };
}

/**
 * Opens the capture, which needs privilege, unless it is open, on this thread and reads it in workers, which need none. A worker that fails
 * stops the others. Throws CaptureError, and KeyLogError where there is a key log that cannot be read.
 */
export function startLive(options: LiveOptions): AnalysisStage {
  const { shards, capture, analysis, hepAnnouncements } = options;
  if (analysis.tls !== undefined) KeyLogFile.check(analysis.tls.keyLogFile);
  const workers = shards.length;
  const opened = options.opened ?? openLive({ capture, workers });
  const { handles, key } = opened;
  const filters = opened.filters.map((filter) => new LiveFilter(filter));
  const control = new Int32Array(new SharedArrayBuffer((ControlWord.firstBeat + workers) * 4));
  const stop = (): void => {
    Atomics.store(control, ControlWord.stop, 1);
  };
  const handover =
    workers === 1
      ? undefined
      : connectWorkers({
          shards,
          analysis,
          key,
          handoverBytes: options.handoverBytes,
          hashKey: randomWords(),
          nowMicros: Date.now() * 1000,
          hasExemplars: options.budget.hasExemplars === true,
        });
  const sessionCounts = new Int32Array(new SharedArrayBuffer(analysis.abuse.sessionLimits.length * 4));
  const threads: Worker[] = [];
  try {
    for (const [worker, shard] of shards.entries()) {
      const hepOutput = options.hepOutputs?.[worker];
      threads.push(
        startWorker({
          worker,
          handles: handles[worker]!,
          shard: shard.buffer,
          grants: options.grants.buffer,
          control,
          budget: options.budget,
          analysis: analysisOfWorker(options.analysis, worker, workers),
          sessionCounts,
          ...(handover && { handover: { ...handover, worker } }),
          ...(hepOutput && { hepOutput }),
          ...(worker === MEDIA_OWNER && hepAnnouncements && { hepAnnouncements }),
        }),
      );
    }
  } catch (error) {
    // Workers that run close what is theirs.
    stop();
    if (threads.length === 0 && 'close' in opened) (opened.close as () => void)();
    throw error;
  }
  const stages = threads.map((thread) => stageOf(thread, options, stop));
  const ready = Promise.all(stages.map((stage) => stage.ready)).then(() => undefined);
  const ended = endOf(stages.map((stage) => stage.ended));
  // Whoever waits for `ended` sees the same failure.
  ready.catch(() => undefined);
  let isOver = false;
  const closeFilters = (): void => {
    isOver = true;
    for (const filter of filters) filter.close();
  };
  ended.then(closeFilters, closeFilters);
  const reconfigure = async (live: LiveAnalysis): Promise<void> => {
    const changes = stages.map((stage, worker) =>
      stage.tell({ live: liveOfWorker(live, worker), hasPeers: live.peers.length > 0 }),
    );
    Atomics.add(control, ControlWord.reconfigure, 1);
    await Promise.all(changes);
    // Last: what is let through from now on, the workers look at.
    if (!isOver) for (const filter of filters) filter.set(live.ports, live.detect);
  };
  return { ready, ended, stop, reconfigure, isAlive: beatWatch(control) };
}

/** Tells whether every worker has come round since it was asked the last time. */
function beatWatch(control: Int32Array): () => boolean {
  let last: Int32Array | undefined;
  return () => {
    const beats = control.slice(ControlWord.firstBeat);
    const isAlive = last === undefined || beats.every((beat, worker) => beat !== last![worker]);
    last = beats;
    return isAlive;
  };
}

function startWorker(workerData: CaptureWorkerData): Worker {
  return new Worker(new URL('./capture-worker.ts', import.meta.url), {
    workerData,
    // Nothing is allocated for a packet: room for short-lived objects would only be resident memory.
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
}

interface WorkerStage extends Omit<Stage, 'stop'> {
  /** Resolves when the worker goes by what it is told; the word of memory that makes it look is to be changed then. */
  tell(change: CaptureWorkerChange): Promise<void>;
}

/** One worker; its end, good or bad, is that of all. */
function stageOf(
  worker: Worker,
  { onInterface, onFinding }: Pick<LiveOptions, 'onInterface' | 'onFinding'>,
  stop: () => void,
): WorkerStage {
  const ready = Promise.withResolvers<void>();
  const told: PromiseWithResolvers<void>[] = [];
  worker.on('message', (message: CaptureWorkerMessage) => {
    if (message.kind === 'ready') ready.resolve();
    else if (message.kind === 'reconfigured') told.shift()?.resolve();
    else if (message.kind === 'finding') onFinding(message.finding);
    else onInterface(message.interfaceName, message.state);
  });
  const ended = exitOf(worker);
  ended.finally(stop).catch(() => undefined);
  ended.then(() => ready.reject(new Error('the capture worker ended early')), ready.reject);
  const giveUp = (): void => {
    for (const change of told.splice(0)) change.reject(new Error('the capture has ended'));
  };
  ended.then(giveUp, giveUp);
  const tell = (change: CaptureWorkerChange): Promise<void> => {
    const answer = Promise.withResolvers<void>();
    told.push(answer);
    worker.postMessage(change);
    return answer.promise;
  };
  return { ready: ready.promise, ended, tell };
}

/** Resolves or rejects when the thread is gone, which is some time after it failed. */
function exitOf(worker: Worker): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let end = resolve;
  worker.once('error', (error: unknown) => {
    end = () => reject(error);
  });
  worker.once('exit', () => end());
  return promise;
}

/** Resolves when all have ended, and rejects then with the first failure. */
async function endOf(ends: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(ends);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function randomKey(): SpreadKey {
  const [seed, multiplier] = randomWords();
  return { seed, multiplier: (multiplier | 1) >>> 0 };
}

function randomWords(): [number, number] {
  const [first = 0, second = 0] = randomFillSync(new Uint32Array(2));
  return [first, second];
}
