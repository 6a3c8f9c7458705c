// SPDX-License-Identifier: Apache-2.0
import type { StateLimits } from '../../src/state/state-limits.ts';
import { benchLimits } from './bench-limits.ts';

/** Packet time of the mix: as many messages a second for each dialog as 100,000 a second for a million. */
export const messagesPerSecondAndDialog = 0.1;

/** Exchanges that run side by side: as many as a hundredth of the dialogs, and few enough for the caches. */
export function exchangesAtOnce(dialogs: number): number {
  return Math.min(4096, dialogs >> 2);
}

/** Limits under which nothing is evicted at that rate: what has ended stays up to 32 s. */
export const dialogLimits: StateLimits = { ...benchLimits, maxDialogs: 1 << 21 };
