// SPDX-License-Identifier: Apache-2.0

/** Why chunks of SCTP packets are not read. */
export const SctpUnread = {
  /** What stands where a chunk should is none: it and the rest of the packet are not read. Counts once a packet. */
  badChunk: 0,
  /** The other pieces of its message did not come in time. */
  expired: 1,
  /** It had to make room for others. */
  evicted: 2,
  /** Its message is longer than the limit. */
  messageTooLarge: 3,
  /** Its message has more pieces than the limit. */
  tooManyFragments: 4,
} as const;
export type SctpUnread = (typeof SctpUnread)[keyof typeof SctpUnread];

/** `reason` label values, by `SctpUnread`. */
export const sctpUnreadNames: readonly string[] = [
  'bad_chunk',
  'expired',
  'evicted',
  'message_too_large',
  'too_many_fragments',
];
