// SPDX-License-Identifier: Apache-2.0

/** Limits of what is known of sources by their RTCP. */
export interface RtcpLimits {
  /** Sources kept. */
  readonly maxSources: number;
}
