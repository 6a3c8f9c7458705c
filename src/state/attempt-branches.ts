// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { SipMessage } from '../sip/message.ts';
import { AttemptField, AttemptFlag } from './attempt-record.ts';

/** The branches of each attempt's present INVITE on its first hop: how many are open, and how many of these cancelled. */
export class AttemptBranches {
  readonly #table: KeyedTable;

  constructor(table: KeyedTable) {
    this.#table = table;
  }

  /** The first INVITE of an attempt or one that follows a challenge, redirection or other failure. */
  begin(slot: number, message: SipMessage): void {
    const table = this.#table;
    table.setField(slot, AttemptField.cseqNumber, message.cseqNumber);
    table.setField(slot, AttemptField.viaCount, message.viaCount);
    table.setField(slot, AttemptField.openBranches, 1);
    table.setField(slot, AttemptField.canceledBranches, 0);
    this.#forgetCancel(slot);
    table.setField(slot, AttemptField.bestCode, 0);
    const flags = table.field(slot, AttemptField.flags);
    if ((flags & AttemptFlag.after422) !== 0) table.setField(slot, AttemptField.sessionRequestMicros, -1);
    table.setField(slot, AttemptField.flags, flags & ~(AttemptFlag.rang | AttemptFlag.after422));
  }

  /** The present INVITE with another branch: a further hop, or a fork. Returns whether it is on the first hop. */
  add(slot: number, viaCount: number): boolean {
    const table = this.#table;
    const firstHop = table.field(slot, AttemptField.viaCount);
    if (viaCount > firstHop) return false;
    if (viaCount < firstHop) {
      // Rings and mirrors may show a later hop earlier, and a fork below have paths of unlike lengths: what was said so
      // far is not for this hop.
      table.setField(slot, AttemptField.viaCount, viaCount);
      table.setField(slot, AttemptField.openBranches, 1);
      table.setField(slot, AttemptField.canceledBranches, 0);
      table.setField(slot, AttemptField.bestCode, 0);
      table.setField(slot, AttemptField.sessionRequestMicros, -1);
    } else {
      table.setField(slot, AttemptField.openBranches, table.field(slot, AttemptField.openBranches) + 1);
    }
    this.#forgetCancel(slot);
    return true;
  }

  /** A CANCEL of a branch. Returns whether all that are open are cancelled. */
  cancel(slot: number): boolean {
    const table = this.#table;
    const canceledBranches = table.field(slot, AttemptField.canceledBranches) + 1;
    table.setField(slot, AttemptField.canceledBranches, canceledBranches);
    return canceledBranches >= table.field(slot, AttemptField.openBranches);
  }

  /** A branch of the first hop has its end. Returns whether it was the last. */
  close(slot: number, wasCanceled: boolean): boolean {
    const table = this.#table;
    const openBranches = Math.max(0, table.field(slot, AttemptField.openBranches) - 1);
    table.setField(slot, AttemptField.openBranches, openBranches);
    if (wasCanceled) {
      const canceledBranches = table.field(slot, AttemptField.canceledBranches) - 1;
      table.setField(slot, AttemptField.canceledBranches, canceledBranches);
    }
    return openBranches === 0;
  }

  #forgetCancel(slot: number): void {
    this.#table.setField(slot, AttemptField.cancelRingMicros, -1);
    this.#table.setField(slot, AttemptField.cancelQ850, -1);
    this.#table.setField(slot, AttemptField.cancelSip, -1);
  }
}
