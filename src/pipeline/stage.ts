// SPDX-License-Identifier: Apache-2.0

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
