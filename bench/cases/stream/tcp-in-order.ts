// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { prepareFullCalls } from '../../support/full-calls.ts';
import { SegmentSet } from '../../traffic/segment-set.ts';

const calls = 4000;
const connections = 500;

/** As pipeline/full-calls, over TCP: one message a segment, in order, over as many connections as there are trunks. */
export default function prepare(): BenchCase {
  return prepareFullCalls(new SegmentSet(calls, connections), calls);
}
