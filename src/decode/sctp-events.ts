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

/** What a chunk with user data has. */
export const SctpChunkKind = {
  /** A whole message. */
  message: 0,
  /** A piece of one. */
  fragment: 1,
  /** What was seen before: sent again, or captured twice. */
  duplicate: 2,
} as const;
export type SctpChunkKind = (typeof SctpChunkKind)[keyof typeof SctpChunkKind];

/** `kind` label values, by `SctpChunkKind`. */
export const sctpChunkKindNames: readonly string[] = ['message', 'fragment', 'duplicate'];

/** What SCTP packets carry. */
export interface SctpEvents {
  /** A user message. Its bytes stay as they are until `settle`. */
  sctpMessage(bytes: Uint8Array, view: DataView, offset: number, length: number): void;
  /** A chunk with user data, told before what it carries. */
  sctpChunk(kind: SctpChunkKind): void;
  sctpUnread(reason: SctpUnread, chunks: number): void;
  /** Memory of messages is to be used again: all of them must be done with when this returns. */
  settle(): void;
}
