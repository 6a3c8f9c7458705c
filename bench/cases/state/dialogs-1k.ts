// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { prepareStateOfDialogs } from '../../support/state-of-dialogs.ts';

/** A mix of new calls, re-INVITEs and BYEs on any of a thousand dialogs; a message costs much the same as on a million. */
export default function prepare(): BenchCase {
  return prepareStateOfDialogs(1000);
}
