// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import { ORIGIN_FIELDS } from './origin.ts';

/**
 * Where an attempt stands; also its queue in the table, so the order is the order of eviction.
 *
 *     INVITE           1xx                           2xx
 *     -----> calling -----> proceeding ------------------------------------> ended -- 32 s --> gone
 *              ^  |              | CANCEL                                      ^
 *              |  '--------------+--------> canceled -- no final in 32 s ----->|
 *              |  | the last branch failed     |                               |
 *              |  +------------> failed <------+ -- nothing better in 5 s ---->|
 *              |  '- 401 407 422 3xx -> retrying -- no INVITE in 32 s -------->'
 *              '--- another branch, or an INVITE with a higher CSeq, from any of these
 */
export const AttemptState = {
  ended: 0,
  failed: 1,
  retrying: 2,
  calling: 3,
  canceled: 4,
  proceeding: 5,
} as const;

/** Fields of a record. */
export const AttemptField = {
  /** Context of the first INVITE. */
  context: 0,
  /** CSeq number of the present INVITE. */
  cseqNumber: 1,
  /** Via values of the present INVITE where it has the fewest: its first hop. */
  viaCount: 2,
  flags: 3,
  /** INVITEs on the first hop without a final response, and how many of these were cancelled. */
  openBranches: 4,
  canceledBranches: 5,
  /** The best failure so far (RFC 3261 §16.7), 0 before there is one, and its causes. */
  bestCode: 6,
  reasonQ850: 7,
  reasonSip: 8,
  /** Microseconds from the first INVITE to the first response above 100, -1 before it. */
  sessionRequestMicros: 9,
  /** When the first INVITE came, a double. */
  begunMicros: 10,
  /** Microseconds from the first INVITE to when it began to ring on the first hop. */
  ringing: 12,
  /** Head of the list of early dialogs: slot + 1, 0 when empty; and how many they are. */
  earlyDialog: 13,
  earlyCount: 14,
  /** Of the CANCEL of the last branch: microseconds it rang on the first hop, -1 if it did not, and its causes. */
  cancelRingMicros: 15,
  cancelQ850: 16,
  cancelSip: 17,
  /** See `Origin`; there where somebody asks for it. */
  origin: 18,
} as const;
/** Words of them all. */
export const ATTEMPT_FIELDS: number = AttemptField.origin + ORIGIN_FIELDS;

/** What `flags` tell. */
export const AttemptFlag = {
  /** The called party was ringing, on any hop. */
  rang: 1,
  /** `ringing` is set. */
  rangHere: 2,
  /** The delay to the first ringing or answer was told. */
  postDialTold: 4,
  /** The delays of an answer were told, or never will be: the attempt had another result before. */
  answerTold: 8,
  /** A 2xx came. */
  answered: 32,
  /** `sessionRequestMicros` is the time to a 422, which does not count if another INVITE follows it. */
  after422: 16,
} as const;

/** Whether a flag of an attempt is set. */
export function hasFlag(table: KeyedTable, slot: number, flag: number): boolean {
  return (table.field(slot, AttemptField.flags) & flag) !== 0;
}

/** Sets a flag of an attempt. */
export function setFlag(table: KeyedTable, slot: number, flag: number): void {
  table.setField(slot, AttemptField.flags, table.field(slot, AttemptField.flags) | flag);
}
