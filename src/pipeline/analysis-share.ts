// SPDX-License-Identifier: Apache-2.0

import { PEERS_OWNER } from '../state/message-owner.ts';
import type { StateLimits } from '../state/state-limits.ts';
import type { AnalysisOptions } from './analysis-options.ts';

/** Limits of tables, of which each of several workers has a part; the others are of one record or a time. */
const tableLimits = [
  'maxTransactions',
  'maxAttempts',
  'maxDialogs',
  'maxRegistrationAttempts',
  'maxRegistrations',
] as const satisfies readonly (keyof StateLimits)[];

/** What one of several workers is told, so that all together keep what the process was told. */
export function analysisOfWorker(
  analysis: AnalysisOptions,
  worker: number,
  workers: number,
): AnalysisOptions {
  const shares = Object.fromEntries(
    tableLimits.map((name) => [name, shareOf(analysis.state[name], worker, workers)]),
  );
  return {
    ...analysis,
    state: { ...analysis.state, ...shares },
    peers: worker === PEERS_OWNER ? analysis.peers : [],
  };
}

/** The shares of all workers add up to `total`, but each is at least 1. */
function shareOf(total: number, worker: number, workers: number): number {
  return Math.max(1, Math.floor((total + worker) / workers));
}
