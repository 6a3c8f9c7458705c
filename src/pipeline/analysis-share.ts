// SPDX-License-Identifier: Apache-2.0

import { PEERS_OWNER } from '../state/message-owner.ts';
import type { StateLimits } from '../state/state-limits.ts';
import type { AnalysisOptions, LiveAnalysis } from './analysis-options.ts';
import type { TlsOptions } from './sip-over-tls.ts';

/** What the options ask for at least: `--fragments.max-memory`, and `--stream.memory` and `--sctp.memory`. */
const LEAST_FRAGMENT_BYTES = 128 * 2 ** 10;
const LEAST_STREAM_BYTES = 2 ** 16;

/** Limits of tables, of which each of several workers has a part; the others are of one record or a time. */
const tableLimits = [
  'maxTransactions',
  'maxAttempts',
  'maxDialogs',
  'maxRegistrationAttempts',
  'maxRegistrations',
] as const satisfies readonly (keyof StateLimits)[];

/** What one of several workers is told, so that all together keep what the process was told. The media of calls is kept by one. */
export function analysisOfWorker(
  analysis: AnalysisOptions,
  worker: number,
  workers: number,
): AnalysisOptions {
  const shares = Object.fromEntries(
    tableLimits.map((name) => [name, shareOf(analysis.state[name], worker, workers)]),
  );
  const share = (total: number, least: number): number => Math.max(shareOf(total, worker, workers), least);
  const { abuse, fragments, streams, sctp, rtpStreams, rtcp, tls, state, peers } = analysis;
  return {
    ...analysis,
    fragments: { ...fragments, maxBytes: share(fragments.maxBytes, LEAST_FRAGMENT_BYTES) },
    streams: {
      ...streams,
      maxConnections: share(streams.maxConnections, 1),
      memoryBytes: share(streams.memoryBytes, LEAST_STREAM_BYTES),
    },
    sctp: {
      ...sctp,
      maxAssociations: share(sctp.maxAssociations, 1),
      memoryBytes: share(sctp.memoryBytes, LEAST_STREAM_BYTES),
    },
    abuse: {
      ...abuse,
      maxSources: share(abuse.maxSources, 1),
      maxAccounts: share(abuse.maxAccounts, 1),
    },
    rtcp: { maxSources: share(rtcp.maxSources, 1) },
    ...(tls && { tls: tlsOfWorker(tls, worker, workers) }),
    rtpStreams: { ...rtpStreams, maxStreams: share(rtpStreams.maxStreams, 1) },
    state: { ...state, ...shares },
    peers: worker === PEERS_OWNER ? peers : [],
  };
}

/** The same of what changes. */
export function liveOfWorker(live: LiveAnalysis, worker: number): LiveAnalysis {
  return { ...live, peers: worker === PEERS_OWNER ? live.peers : [] };
}

/** A connection may come to any worker: each has all secrets, but one tells how the key log stands. */
function tlsOfWorker({ limits, ...tls }: TlsOptions, worker: number, workers: number): TlsOptions {
  const maxConnections = shareOf(limits.maxConnections, worker, workers);
  return { ...tls, limits: { ...limits, maxConnections }, isTellingOfKeyLog: worker === 0 };
}

/** The shares of all workers add up to `total`, but each is at least 1. */
function shareOf(total: number, worker: number, workers: number): number {
  return Math.max(1, Math.floor((total + worker) / workers));
}
