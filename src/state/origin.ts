// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { SipMessage } from '../sip/message.ts';
import type { RegistrationResult } from './registration-result.ts';

/** Words of an origin in a record, in a row. */
export const ORIGIN_FIELDS = 4;

/** Where an attempt came from and whom it is for: what is kept with it, for who looks for abuse. The state reads none of it. */
export class Origin {
  /** The network that the attempt came from. */
  sourceFirst = 0;
  sourceSecond = 0;
  /** A hash of whom it is for: the address-of-record to register, or the request URI that is called. */
  targetLow = 0;
  targetHigh = 0;

  /** Puts it in fields of a record, from `field` on. */
  save(table: KeyedTable, slot: number, field: number): void {
    const { words } = table;
    const at = table.fieldsOf(slot) + field;
    words[at] = this.sourceFirst;
    words[at + 1] = this.sourceSecond;
    words[at + 2] = this.targetLow;
    words[at + 3] = this.targetHigh;
  }

  /** Takes it from there. */
  load(table: KeyedTable, slot: number, field: number): void {
    const { words } = table;
    const at = table.fieldsOf(slot) + field;
    this.sourceFirst = words[at]!;
    this.sourceSecond = words[at + 1]!;
    this.targetLow = words[at + 2]!;
    this.targetHigh = words[at + 3]!;
  }
}

/** What the state tells of attempts to who looks at whose they are. An origin is valid inside the call only. */
export interface OriginEvents {
  /** The request that came now begins an attempt: what is to be kept as its origin. */
  identify(message: SipMessage, origin: Origin): void;
  /** A session attempt begins; `identify` comes before. */
  attemptBegun(origin: Origin, context: number): void;
  /** A session attempt failed; `statusCode` is the final code that made its result, 0 where none came. */
  attemptFailed(origin: Origin, context: number, statusCode: number): void;
  /** A registration attempt has its result, by a 2xx too. */
  registrationEnded(origin: Origin, context: number, result: RegistrationResult, statusCode: number): void;
}
