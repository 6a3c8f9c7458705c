// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type CaptureOptions, openCapture } from '../capture/open-capture.ts';
import type { SeriesBudget, ShardMemory } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { type CaptureWorkerData, type CaptureWorkerMessage, ControlWord } from './capture-control.ts';
import type { HepOutputData } from './hep/hep-output.ts';
import { KeyLogFile } from './key-log-file.ts';
import type { Stage } from './stage.ts';

/** What a live capture needs to know. */
export interface LiveOptions {
  readonly capture: CaptureOptions;
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
  /** Where the worker counts; made for the same budget. */
  readonly shard: ShardMemory;
  /** Where messages go that are sent on as HEP. */
  readonly hepOutput?: HepOutputData;
  /** Called when an interface comes, goes, or changes its state. */
  readonly onInterface: (interfaceName: string, state: string) => void;
}

/**
 * Opens the capture, which needs privilege, on this thread and reads it in a worker, which needs none.
 * Throws CaptureError, and KeyLogError where there is a key log that cannot be read.
 */
export function startLive(options: LiveOptions): Stage {
  const { tls } = options.analysis;
  if (tls !== undefined) KeyLogFile.check(tls.keyLogFile);
  const { handles, close } = openCapture(options.capture);
  const control = new Int32Array(new SharedArrayBuffer(ControlWord.size * 4));
  const data: CaptureWorkerData = {
    handles,
    shard: options.shard.buffer,
    control,
    budget: options.budget,
    analysis: options.analysis,
    ...(options.hepOutput && { hepOutput: options.hepOutput }),
  };
  let worker: Worker;
  try {
    worker = new Worker(new URL('./capture-worker.ts', import.meta.url), {
      workerData: data,
      // Nothing is allocated for a packet: room for short-lived objects would only be resident memory.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
  } catch (error) {
    close();
    throw error;
  }
  const ready = Promise.withResolvers<void>();
  worker.on('message', (message: CaptureWorkerMessage) => {
    if (message.kind === 'ready') ready.resolve();
    else options.onInterface(message.interfaceName, message.state);
  });
  const ended = once(worker, 'exit').then(() => undefined);
  ended.then(() => ready.reject(new Error('the capture worker ended early')), ready.reject);
  // Whoever waits for `ended` sees the same failure.
  ready.promise.catch(() => undefined);
  return {
    ready: ready.promise,
    ended,
    stop: () => Atomics.store(control, ControlWord.stop, 1),
  };
}
