// SPDX-License-Identifier: Apache-2.0
import { Codec } from '../../../src/rtp/codec.ts';
import { estimateQuality, QualityEstimate } from '../../../src/rtp/quality/estimate-quality.ts';
import type { BenchCase } from '../../measure-case.ts';

/** Estimates of R and MOS, as there is one for each stream and interval. */
export default function prepare(): BenchCase {
  const into = new QualityEstimate();
  const count = 10_000;
  return {
    unit: 'estimate',
    units: count,
    pass() {
      let sum = 0;
      for (let index = 0; index < count; index++) {
        const codec = index % 2 === 0 ? Codec.pcma : Codec.opus;
        estimateQuality(codec, (index % 50) / 1000, 1 + (index % 3), index % 400, into);
        sum += into.mos;
      }
      if (!(sum > count)) throw new Error(`${sum}`);
    },
  };
}
