// SPDX-License-Identifier: Apache-2.0
import type { From } from './media-events.ts';

/** Fields of a call's record in `MediaCalls.table`; those of times are doubles, 0 for never. */
export const CallField = {
  /** Context of the first message with a description. */
  context: 0,
  flags: 1,
  answeredMicros: 2,
  endedMicros: 4,
  /** Since when `wanted` is as it is. */
  wantedSinceMicros: 6,
  /** Up to when the time it was wanted is added up. */
  countedMicros: 8,
  /** Of the first INVITE's From, and of the 2xx's To; 32 bits each stand for a tag. */
  callerTag: 10,
  calleeTag: 11,
  /** Slot + 1 of the line that came last, the others behind it. */
  firstLine: 12,
  lineCount: 13,
  endpointCount: 14,
  /** Streams that are joined to it now. */
  streams: 15,
  /** Whose media both descriptions want now: bits `1 << From`. */
  wanted: 16,
  /** The same at the answer. */
  wantedAtAnswer: 17,
  flows: 18,
} as const;

/** What is known of the media one side sends; the first field is `flowField(from, ...)`. */
export const FlowField = {
  /** First and last packet; the first at or behind the answer, the time of the answer for media that flowed through it. */
  firstMicros: 0,
  lastMicros: 2,
  answeredMicros: 4,
  /** How long it was wanted since the answer. */
  wantedMicros: 6,
  /** When the interval ended that told the codec last. */
  codecMicros: 8,
  /** `Codec` + 1, and the stream it was told of. */
  codec: 10,
  stream: 11,
} as const;
const FLOW_FIELDS = 12;

/** Fields of a record, an even number. */
export const CALL_FIELDS: number = CallField.flows + 2 * FLOW_FIELDS;

/**
 * Where a call stands; also its queue in the table, so the order is the order of eviction.
 *
 *     description        2xx             BYE                10 s
 *     ----------> early -----> answered -----> over -----------------> judged and gone
 *                  | final failure     |  without streams: judged   1 s
 *                  |                   '---------------> silent ------> gone
 *                  '-> failed -- 32 s --> gone
 *
 * Where other threads have streams of the call, what they are yet to tell comes within a second: from `over`, and in place of
 * `silent`, it goes to `settling`, and is judged and gone after that.
 */
export const CallQueue = { silent: 0, settling: 1, over: 2, failed: 3, early: 4, answered: 5 } as const;

/** Bits of `CallField.flags`. */
export const CallFlag = {
  answered: 1,
  over: 2,
  /** It was on when ringtap first heard of it: nothing is said of its answer. */
  midCall: 4,
  /** One of its addresses became another call's, or was and stayed it. */
  shared: 8,
  /** Both sides described a voice. */
  voice: 16,
  /** Nobody said BYE. */
  silentEnd: 32,
  /** Shifted by `From`. */
  transcoded: 64,
} as const;

/** The place of a flow's field. */
export function flowField(from: From, field: number): number {
  return CallField.flows + from * FLOW_FIELDS + field;
}
