// SPDX-License-Identifier: Apache-2.0

import type { BenchCase } from '../../measure-case.ts';
import { FragmentStream } from '../../traffic/fragment-stream.ts';

/**
 * The slowest there is: eight bytes in each fragment, as many as a datagram may have, so shuffled over 2000 datagrams
 * that the memory is full and the oldest always gives way before it is whole.
 */
export default function prepare(): BenchCase {
  const stream = new FragmentStream(2000, 64 * 8 - 8, 8);
  return {
    unit: 'fragment',
    units: stream.count,
    pass() {
      const whole = stream.take(stream.shuffled);
      if (whole > 20) throw new Error(`${whole} are whole: this is not the worst`);
    },
  };
}
