// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Finding } from '../../abuse/abuse-events.ts';
import type { SeriesGrants } from '../../metrics/series-grants.ts';
import type { SeriesBudget, ShardMemory } from '../../metrics/shard-memory.ts';
import type { AnalysisOptions, LiveAnalysis } from '../analysis-options.ts';
import type { AnalysisStage } from '../stage.ts';
import type { HepAnnouncementsData } from './hep-announcer.ts';
import type { HepInputOptions } from './hep-options.ts';

/** What the main thread gives the thread that receives HEP; all of it survives structured cloning. */
export interface HepInputData {
  readonly options: HepInputOptions;
  readonly analysis: AnalysisOptions;
  readonly shard: SharedArrayBuffer;
  readonly budget: SeriesBudget;
  readonly grants: SharedArrayBuffer;
  readonly announcements?: HepAnnouncementsData;
}

/** What that thread tells: where it listens, or a sentence about why it does not. */
export type HepInputMessage =
  | { readonly kind: 'reconfigured' }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'ready'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly sentence: string };

/** What it is told. */
export type HepInputOrder =
  | { readonly kind: 'stop' }
  | { readonly kind: 'reconfigure'; readonly live: LiveAnalysis };

/** HEP cannot be received; the message is a sentence for the user. */
export class HepListenError extends Error {
  override readonly name = 'HepListenError';
}

/** What receiving HEP needs to know. */
export interface HepInputParts {
  readonly options: HepInputOptions;
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
  readonly grants: SeriesGrants;
  /** Where the thread counts; made for the same budget. */
  readonly shard: ShardMemory;
  /** Where media is captured, whoever does it: it is told of calls. */
  readonly announcements?: HepAnnouncementsData;
  /** Called once, with the addresses it listens on. */
  readonly onListening: (addresses: readonly string[]) => void;
  /** Called with what looks like abuse, where the options say so. */
  readonly onFinding: (finding: Finding) => void;
}

/**
 * Receives HEP on a thread of its own, with a state of its own: what agents tell of a call and what an interface shows
 * of it are two sensors. `ready` rejects with HepListenError when an address cannot be had.
 */
export function startHepInput(parts: HepInputParts): AnalysisStage {
  const { options, budget, grants, shard, announcements, onListening, onFinding } = parts;
  // What agents send is not TLS any more.
  const { tls: _, ...analysis } = parts.analysis;
  const data: HepInputData = {
    options,
    analysis,
    shard: shard.buffer,
    budget,
    grants: grants.buffer,
    ...(announcements && { announcements }),
  };
  const worker = new Worker(new URL('./hep-input-worker.ts', import.meta.url), { workerData: data });
  const ready = Promise.withResolvers<void>();
  const changes: PromiseWithResolvers<void>[] = [];
  const tell = (order: HepInputOrder): void => worker.postMessage(order);
  worker.on('message', (message: HepInputMessage) => {
    if (message.kind === 'failed') ready.reject(new HepListenError(message.sentence));
    else if (message.kind === 'reconfigured') changes.shift()?.resolve();
    else if (message.kind === 'finding') onFinding(message.finding);
    else {
      onListening(message.addresses);
      ready.resolve();
    }
  });
  const ended = once(worker, 'exit').then(() => undefined);
  ended.then(() => ready.reject(new Error('the HEP thread ended early')), ready.reject);
  // Whoever waits for `ended` sees the same failure.
  ready.promise.catch(() => undefined);
  const giveUp = (): void => {
    for (const change of changes.splice(0)) change.reject(new Error('the receiving of HEP has ended'));
  };
  ended.then(giveUp, giveUp);
  return {
    ready: ready.promise,
    ended,
    stop: () => tell({ kind: 'stop' }),
    reconfigure: (live) => {
      const change = Promise.withResolvers<void>();
      changes.push(change);
      tell({ kind: 'reconfigure', live });
      return change.promise;
    },
  };
}
