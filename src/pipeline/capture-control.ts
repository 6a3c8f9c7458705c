// SPDX-License-Identifier: Apache-2.0
import type { CaptureHandles } from '../capture/capture-handles.ts';
import type { SeriesBudget } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import type { HandoverData } from './handover.ts';
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
  /** Where messages go that are sent on as HEP. */
  readonly hepOutput?: HepOutputData;
}

/**
 * Words of shared memory between the main thread and workers: whether to stop, and from `firstBeat` on one for each worker, which
 * counts up about once a second as long as it runs.
 */
export const ControlWord = { stop: 0, firstBeat: 1 } as const;

/** What a worker tells. */
export type CaptureWorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'interface'; readonly interfaceName: string; readonly state: string };
