// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '../rtp/codec.ts';
import type { MediaDescription } from '../sdp/session-description.ts';

/** Whose media it is: who sends it. */
export const From = { caller: 0, callee: 1 } as const;
export type From = (typeof From)[keyof typeof From];

/** `from` label values, by `From`. */
export const fromNames: readonly string[] = ['caller', 'callee'];

/** What the media of an answered call was, told once when the call is over. */
export const MediaResult = {
  bothWays: 0,
  /** One-way: the other side's media was wanted and never came. */
  callerOnly: 1,
  calleeOnly: 2,
  /** No media at all, though the sensor sees media of one of these addresses. */
  missing: 3,
  /** No media at all, and nothing says that the sensor would see any. */
  notSeen: 4,
  /** On hold, or never wanted both ways for long enough. */
  held: 5,
  /** Over before media had time to begin. */
  short: 6,
  /** Another call announced the same addresses while this one lived: whose the media was cannot be told. */
  shared: 7,
  /** No description, or none of a voice, from one of the sides. */
  undescribed: 8,
} as const;
export type MediaResult = (typeof MediaResult)[keyof typeof MediaResult];

/** `result` label values, by `MediaResult`. */
export const mediaResultNames: readonly string[] = [
  'both_ways',
  'caller_only',
  'callee_only',
  'missing',
  'not_seen',
  'held',
  'short',
  'shared',
  'undescribed',
];

/** What is remarkable of a call's media besides its result. */
export const Finding = {
  /** It flowed before the answer. */
  early: 0,
  /** It began later after the answer than it should. */
  late: 1,
  /** It went on for more than a second after the BYE. */
  afterBye: 2,
  /** It was sent again in another codec at the same time, as a relay that transcodes does. */
  transcoded: 3,
  /** Both directions were in different codecs. */
  asymmetric: 4,
  /** Both sides fell silent long before the BYE. */
  stopped: 5,
  /** The caller spoke to someone who answered and sent nothing for long. */
  falseAnswer: 6,
} as const;
export type Finding = (typeof Finding)[keyof typeof Finding];

/** `finding` and `from` label values of `FindingTuple`, by index. */
export const findingTuples: readonly (readonly [string, string])[] = [
  ['early', 'caller'],
  ['early', 'callee'],
  ['late', 'caller'],
  ['late', 'callee'],
  ['after_bye', 'caller'],
  ['after_bye', 'callee'],
  ['transcoded', 'caller'],
  ['transcoded', 'callee'],
  ['asymmetric_codecs', 'both'],
  ['stopped', 'both'],
  ['false_answer_suspected', 'callee'],
];

/** Place of a finding in `findingTuples`; those of both sides have one. */
export function findingIndex(finding: Finding, from: From): number {
  return finding < Finding.asymmetric ? finding * 2 + from : finding + Finding.asymmetric;
}

/** Why a description, or a part of it, was not kept. */
export const LeftOut = { lines: 0, endpoints: 1, room: 2 } as const;
export type LeftOut = (typeof LeftOut)[keyof typeof LeftOut];

/** `reason` label values, by `LeftOut`. */
export const leftOutNames: readonly string[] = ['call_lines', 'call_endpoints', 'table_full'];

/** Why a packet on a port of media was not read. */
export const MediaUnread = { rtpTooShort: 0, rtpBadLength: 1, rtcpUnannounced: 2 } as const;
export type MediaUnread = (typeof MediaUnread)[keyof typeof MediaUnread];

/** `reason` label values, by `MediaUnread`. */
export const mediaUnreadNames: readonly string[] = ['rtp_too_short', 'rtp_bad_length', 'rtcp_unannounced'];

/**
 * What calls' media tell their listener. `call` is the name of a record, the low half of its key; `context` is that of the
 * first message with a description. Times are whole microseconds, capped at 2^31-1.
 */
export interface MediaEvents {
  /** The first description of a Call-ID. */
  mediaCallBegan(call: number, context: number): void;
  /** A media line of a description, the same of each hop and retransmission. */
  mediaDescribed(call: number, isCaller: boolean, index: number, line: MediaDescription): void;
  /** Part of a description is not kept. */
  descriptionLeftOut(context: number, reason: LeftOut): void;
  /** From the answer to the first packet of a side, where it came behind the answer. */
  mediaDelay(call: number, context: number, from: From, delayMicros: number): void;
  mediaFinding(call: number, context: number, finding: Finding, from: From): void;
  /** The codec a side sent last, told when the call is over. */
  mediaCodec(call: number, context: number, from: From, codec: Codec): void;
  /** Exactly one for each answered call that was not evicted. */
  mediaJudged(call: number, context: number, result: MediaResult): void;
  /** Calls whose media is known, answered ones and those with a stream: how many came (positive) or went (negative). */
  mediaCallsChanged(context: number, state: MediaCallState, change: number): void;
}

/** Gauges of calls whose media is known. */
export const MediaCallState = { early: 0, answered: 1, over: 2 } as const;
export type MediaCallState = (typeof MediaCallState)[keyof typeof MediaCallState];

/** `state` label values, by `MediaCallState`. */
export const mediaCallStateNames: readonly string[] = ['early', 'answered', 'over'];
