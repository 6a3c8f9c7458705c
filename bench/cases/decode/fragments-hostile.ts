// SPDX-License-Identifier: Apache-2.0
import type { BenchCase } from '../../measure-case.ts';
import { FragmentStream } from '../../traffic/fragment-stream.ts';

/** As many datagrams as the memory has room for when all fragments are eight bytes, with as many as there may be. */
const datagrams = 100;
const fragmentsEach = 64;

/** The longest lists there can be, in no order: each fragment looks for its place. */
export default function prepare(): BenchCase {
  const stream = new FragmentStream(datagrams, fragmentsEach * 8 - 8, 8);
  return {
    unit: 'fragment',
    units: stream.count,
    pass() {
      const whole = stream.take(stream.shuffled);
      if (whole !== datagrams) throw new Error(`${whole} of ${datagrams} are whole`);
    },
  };
}
