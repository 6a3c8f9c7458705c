// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { preparePipelineOfDialogs } from '../../support/pipeline-of-dialogs.ts';

/** A mix of new calls, re-INVITEs and BYEs on any of a million dialogs; a message costs much the same as on a thousand. */
export default function prepare(): BenchCase {
  return preparePipelineOfDialogs(1_000_000);
}
