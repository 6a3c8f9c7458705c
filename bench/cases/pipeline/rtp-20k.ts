// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { prepareSignalledStreams } from '../../support/signalled-streams.ts';

/** An RTP packet of each of 20,000 streams in turn, all of them announced by SIP: from the frame to the counters. */
export default function prepare(): BenchCase {
  return prepareSignalledStreams(20_000);
}
