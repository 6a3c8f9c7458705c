// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../abuse/abuse-events.ts';
import type { CaptureHandles } from '../capture/capture-handles.ts';
import type { SeriesBudget } from '../metrics/shard-memory.ts';
import type { AnalysisOptions, LiveAnalysis } from './analysis-options.ts';
import type { HandoverData } from './handover.ts';
import type { HepAnnouncementsData } from './hep/hep-announcer.ts';
import type { HepOutputData } from './hep/hep-output.ts';

/** What the main thread gives a capture worker; all of it survives structured cloning. */
export interface CaptureWorkerData {
  /** Number of the worker, from 0. */
  readonly worker: number;
  readonly handles: CaptureHandles;
  readonly shard: SharedArrayBuffer;
  /** `ControlWord`s: the worker never returns to its event loop, so it looks here. */
  readonly control: Int32Array;
  readonly budget: SeriesBudget;
  /** See `SeriesGrants`. */
  readonly grants: SharedArrayBuffer;
  readonly analysis: AnalysisOptions;
  /** Where there are several workers. */
  readonly handover?: HandoverData;
  /** See `PipelineParts`: of all workers. */
  readonly sessionCounts: Int32Array;
  /** Where messages go that are sent on as HEP. */
  readonly hepOutput?: HepOutputData;
  /** Of the worker that has the media of calls: where calls come from that are told by HEP. */
  readonly hepAnnouncements?: HepAnnouncementsData;
}

/**
 * Words of shared memory between the main thread and workers: whether to stop, how often there was a change to
 * take, and from `firstBeat` on one for each worker, which
 * counts up about once a second as long as it runs.
 */
export const ControlWord = { stop: 0, reconfigure: 1, firstBeat: 2 } as const;

/** What a worker is told anew, in a message that is there when the word `reconfigure` counts one more. */
export interface CaptureWorkerChange {
  readonly live: LiveAnalysis;
  /** Whether any worker has peers. */
  readonly hasPeers: boolean;
}

/** What a worker tells. */
export type CaptureWorkerMessage =
  | { readonly kind: 'ready' }
  /** It goes by what it was told anew. */
  | { readonly kind: 'reconfigured' }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'interface'; readonly interfaceName: string; readonly state: string };
