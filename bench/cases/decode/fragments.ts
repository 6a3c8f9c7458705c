// SPDX-License-Identifier: Apache-2.0

import type { BenchCase } from '../../measure-case.ts';
import { FragmentStream } from '../../traffic/fragment-stream.ts';

const datagrams = 1000;

/** INVITEs of 2 kB in two fragments each, in order, one after the other: decoded, put together, decoded again. */
export default function prepare(): BenchCase {
  const stream = new FragmentStream(datagrams, 2000, 1480);
  return {
    unit: 'fragment',
    units: stream.count,
    pass() {
      const whole = stream.take(stream.inOrder);
      if (whole !== datagrams) throw new Error(`${whole} of ${datagrams} are whole`);
    },
  };
}
