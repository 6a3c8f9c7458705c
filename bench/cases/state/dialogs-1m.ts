// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { prepareStateOfDialogs } from '../../support/state-of-dialogs.ts';

/** A mix of new calls, re-INVITEs and BYEs on any of a million dialogs; a message costs much the same as on a thousand. */
export default function prepare(): BenchCase {
  return prepareStateOfDialogs(1_000_000);
}
