// SPDX-License-Identifier: Apache-2.0
import type { SctpLimits } from '../../src/decode/sctp-limits.ts';
import type { StreamLimits } from '../../src/decode/stream-limits.ts';
import type { WebSocketLimits } from '../../src/sip/websocket-limits.ts';
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

/** Limits of streams as the command line has them by default; older revisions that are measured beside have none. */
export const benchStreamLimits: StreamLimits = {
  maxConnections: 65_536,
  directionBytes: 2 ** 16,
  memoryBytes: 2 ** 26,
  idleMicros: 60e6,
  connectionMicros: 86_400e6,
  gapMicros: 5e6,
};

/** The same of WebSocket and SCTP. */
export const benchWebSocketLimits: WebSocketLimits = { maxHeadBytes: 8192 };
export const benchSctpLimits: SctpLimits = {
  maxAssociations: 4096,
  memoryBytes: 2 ** 22,
  maxFragments: 64,
  fragmentMicros: 30e6,
};
