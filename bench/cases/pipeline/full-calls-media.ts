// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { prepareFullCalls } from '../../support/full-calls.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

const calls = 4000;

/** As pipeline/full-calls, and what its two descriptions announce is kept and judged: no two calls under way share a port. */
export default function prepare(): BenchCase {
  return prepareFullCalls(new FrameSet(calls), calls, { hasMedia: true });
}
