// SPDX-License-Identifier: Apache-2.0
import type { FragmentLimits } from '../decode/fragment-limits.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import type { PeerAddress, StateLimits } from '../state/state-limits.ts';

/** What the way from a frame to the counters can be told; the same live and in a replay. */
export interface AnalysisOptions {
  readonly fragments: FragmentLimits;
  readonly parser: ParserLimits;
  readonly state: StateLimits;
  readonly peers: readonly PeerAddress[];
  /** Window of the ready ratios. */
  readonly windowMicros: number;
}
