// SPDX-License-Identifier: Apache-2.0

/** Why packets that look like RTP are in no stream. */
export const Refusal = {
  /** Nobody announced them, and detection is off. */
  unannounced: 0,
  /** Their sequence numbers did not make a stream of them. */
  probation: 1,
  /** The table is full of streams that go before. */
  tableFull: 2,
  /** Its addresses and ports have their number of streams. */
  flowFull: 3,
  /** One that jumped to another place in the sequence, and none followed it there. */
  sequenceJump: 4,
  /** After RTCP BYE. */
  afterBye: 5,
} as const;
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

/** `reason` label values, by `Refusal`. */
export const refusalNames: readonly string[] = [
  'unannounced',
  'probation',
  'table_full',
  'flow_full',
  'sequence_jump',
  'after_bye',
];
