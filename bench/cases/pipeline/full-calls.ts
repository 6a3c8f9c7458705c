// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { prepareFullCalls } from '../../support/full-calls.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

/** 28,000 frames, 14 MB: as with a ring, they are not in a core's own caches. */
const calls = 4000;

/** The seven messages of a call over UDP, from the frame to the counters; media is left out (full-calls-media has it). */
export default function prepare(): BenchCase {
  return prepareFullCalls(new FrameSet(calls), calls);
}
