// SPDX-License-Identifier: Apache-2.0
import { compileGlobs } from '../../src/base/glob-automaton.ts';
import type { AnalysisOptions } from '../../src/pipeline/analysis-options.ts';
import type { StateLimits } from '../../src/state/state-limits.ts';

/** Limits under which nothing is evicted at 10,000 calls/s: what ends stays for what is repeated or comes late. */
export const benchLimits: StateLimits = {
  maxTransactions: 1 << 19,
  maxAttempts: 1 << 19,
  maxDialogs: 1 << 18,
  maxEarlyDialogs: 32,
  maxRegistrationAttempts: 1 << 14,
  maxRegistrations: 1 << 14,
  maxBindings: 10,
  retryMicros: 32e6,
  forkMicros: 5e6,
  sessionLimitMicros: 86_400e6,
  registrationLimitMicros: 7200e6,
  duplicateMicros: 50e3,
};

/**
 * What a pipeline is told: what the command line has by default, but for the tables. In numbers and not by name, because
 * older revisions that are measured beside do not have all of it.
 */
export const benchAnalysis: AnalysisOptions = {
  fragments: { maxBytes: 2 ** 22, maxFragments: 64, timeoutMicros: 30e6, isVerifying: true },
  ports: [5060],
  detect: false,
  rtp: { detect: false },
  tunnels: { kinds: 0x1ff, maxDepth: 4 },
  parser: { maxMessageBytes: 65_535, maxHeaderBytes: 8192, maxHeaders: 256, maxVias: 70 },
  sdp: { maxMedia: 16, maxBytes: 32_768, maxParts: 16 },
  streams: {
    maxConnections: 65_536,
    directionBytes: 2 ** 16,
    memoryBytes: 2 ** 26,
    idleMicros: 60e6,
    connectionMicros: 86_400e6,
    gapMicros: 5e6,
  },
  webSocket: { maxHeadBytes: 8192 },
  rtcp: { maxSources: 65_536 },
  concealsG711: true,
  sctp: { maxAssociations: 4096, memoryBytes: 2 ** 22, maxFragments: 64, fragmentMicros: 30e6 },
  rtpStreams: {
    maxStreams: 65_536,
    maxStreamsPerFlow: 8,
    idleMicros: 60e6,
    intervalMicros: 10e6,
    probation: 5,
    isDetecting: false,
    duplicateMicros: 50e3,
  },
  media: {
    maxCalls: 1 << 17,
    maxEndpoints: 1 << 18,
    callMicros: 3600e6,
    lateMicros: 2e6,
    falseAnswerMicros: 3e6,
    proofMicros: 600e6,
  },
  state: benchLimits,
  peers: [],
  // Not imported: another revision, which may have none of it, is measured with this file.
  abuse: {
    scanThresholds: [10, 50, 20, 30],
    scanMicros: 60e6,
    burstAttempts: 100,
    burstMicros: 10e6,
    countryMicros: 86_400e6,
    shortSessionMillis: 10_000,
    ipv6PrefixBits: 64,
    maxSources: 32_768,
    maxAccounts: 131_072,
    sessionLimits: [],
    scannerAgents: compileGlobs(
      ['friendly-scanner*', 'sipvicious*', 'sipcli*', 'VaxSIPUserAgent*', 'pplsip*'].map((text) => ({
        text,
        value: 1,
      })),
    ).tables,
    isTelling: false,
  },
  windowMicros: 300e6,
};
