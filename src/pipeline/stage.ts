// SPDX-License-Identifier: Apache-2.0

import type { LiveAnalysis } from './analysis-options.ts';

/** Something that runs on a thread of its own. */
export interface Stage {
  /** Resolves when it is at work; rejects when it fails before. */
  readonly ready: Promise<void>;
  /** Resolves after `stop`; rejects when it fails. */
  readonly ended: Promise<void>;
  stop(): void;
  /**
   * Whether it still does its work; to be asked at intervals of some seconds. Without this, its end is all that can befall
   * it.
   */
  isAlive?(): boolean;
}

/** A stage that analyses packets, and can be told something else while it does. */
export interface AnalysisStage extends Stage {
  /** Resolves when it goes by it; rejects when it ended. */
  reconfigure(live: LiveAnalysis): Promise<void>;
}
