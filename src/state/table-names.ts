// SPDX-License-Identifier: Apache-2.0

/** `table` label values, in the order of `Calls.tables`. */
export const tableNames: readonly string[] = [
  'transactions',
  'attempts',
  'dialogs',
  'registration_attempts',
  'registrations',
];
