// SPDX-License-Identifier: Apache-2.0

/** Limits of what is known of calls' media. */
export interface MediaLimits {
  /** Calls whose media is known. */
  readonly maxCalls: number;
  /** Addresses and ports announced, each once. */
  readonly maxEndpoints: number;
}
