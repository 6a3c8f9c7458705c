// SPDX-License-Identifier: Apache-2.0

/** How full a table is and what it gave up. */
export interface TableStatus {
  readonly size: number;
  readonly limit: number;
  /** Records given up because the table was full: those whose story was over lose nothing, open ones lose a result. */
  readonly evictedFinished: number;
  readonly evictedOpen: number;
}

/** `table` label values, in the order of `Calls.tables`. */
export const tableNames: readonly string[] = [
  'transactions',
  'attempts',
  'dialogs',
  'registration_attempts',
  'registrations',
];
