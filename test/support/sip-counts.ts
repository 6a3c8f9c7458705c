// SPDX-License-Identifier: Apache-2.0

/**
 * How many SIP messages were seen: requests by `direction method`, responses by `direction method code`, for example
 * `inbound INVITE` and `outbound INVITE 200`. A count of 0 is left out, so that two of these compare as a whole.
 */
export type SipCounts = {
  readonly requests: Record<string, number>;
  readonly responses: Record<string, number>;
};

/** Adds to one count. */
export function addCount(counts: Record<string, number>, name: string, value: number): void {
  if (value !== 0) {
    counts[name] = (counts[name] ?? 0) + value;
  }
}
