// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { preparePipelineOfDialogs } from '../../support/pipeline-of-dialogs.ts';

/** A mix of new calls, re-INVITEs and BYEs on any of a thousand dialogs; a message costs much the same as on a million. */
export default function prepare(): BenchCase {
  return preparePipelineOfDialogs(1000);
}
