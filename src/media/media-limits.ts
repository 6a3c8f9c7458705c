// SPDX-License-Identifier: Apache-2.0

/** Limits of what is known of calls' media. */
export interface MediaLimits {
  /** Calls whose media is known. */
  readonly maxCalls: number;
  /** Addresses and ports announced, each once. */
  readonly maxEndpoints: number;
  /** An answered call without media, offer or answer for so long is over. */
  readonly callMicros: number;
  /** Media that begins so long after the answer is late; a call must have wanted media for as long to be judged. */
  readonly lateMicros: number;
  /** The called side's media begins so long after the answer, while the caller's flows: a suspicion. */
  readonly falseAnswerMicros: number;
  /** How long seeing media of an address proves that the sensor sees its media. */
  readonly proofMicros: number;
}

/** Media lines of all parties that are kept of one call; more are counted and left out. */
export const MAX_LINES_OF_CALL = 32;
/** Addresses and ports of one call: hops, candidates, RTCP. */
export const MAX_ENDPOINTS_OF_CALL = 128;

/** Limits that are fixed, by what they are of, where hits are counted; descriptions tell their own (`LeftOut`). */
export const FixedLimit = {
  /** Streams that a media line knows. */
  lineStreams: 0,
  /** Endpoints behind NAT that are looked at for a packet. */
  natEndpoints: 1,
  /** Addresses of which it is known that media was seen. */
  seenAddresses: 2,
} as const;
export type FixedLimit = (typeof FixedLimit)[keyof typeof FixedLimit];

/** `limit` label values, by `FixedLimit`. */
export const fixedLimitNames: readonly string[] = ['line_streams', 'nat_endpoints', 'seen_addresses'];

/** What the command line has as defaults. */
export const defaultMediaLimits: MediaLimits = {
  maxCalls: 65_536,
  maxEndpoints: 262_144,
  callMicros: 3600e6,
  lateMicros: 2e6,
  falseAnswerMicros: 3e6,
  proofMicros: 600e6,
};
