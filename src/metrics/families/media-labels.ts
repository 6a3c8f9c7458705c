// SPDX-License-Identifier: Apache-2.0
import {
  type FamilyDefinition,
  type HistogramDefinition,
  type LabelDefinition,
  Space,
} from '../definition.ts';

/** Bounds of loss: in the first there is hardly any; above 3 % most codecs are heard to suffer, above 20 % nobody understands. */
const lossBuckets: readonly number[] = [0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];

/** Bounds of jitter, in seconds: jitter buffers have 20 to 200 ms. */
const jitterBuckets: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];

/** Bounds of round trips, in seconds. ITU-T G.114: 300 ms is good, above 800 ms is not acceptable. */
const roundTripBuckets: readonly number[] = [
  0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 2, 5,
];

/**
 * Bounds of MOS: the limits of satisfaction of ITU-T G.107 Annex B, 2.58, 3.10, 3.60, 4.03 and 4.34, and some between. The
 * lowest there is, 1, is a bound of its own: quantiles are drawn between bounds, and below the first one down to 0, where
 * no MOS is. Of what is above the last one they are the last one, and so that is 4.5, the most the E-model gives.
 */
const mosBuckets: readonly number[] = [1, 1.5, 2, 2.58, 3.1, 3.6, 3.8, 4.03, 4.2, 4.34, 4.4, 4.5];

/** Bounds of R: those of the same limits, and beyond 93 what only the wide band reaches. */
const rBuckets: readonly number[] = [20, 40, 50, 60, 70, 75, 80, 85, 90, 93, 100, 110, 120];

/**
 * Makes a histogram of the traffic; the example is its quantile that is worth a look, for each value of its labels: bands, parts of
 * the way and kinds of MOS have scales of their own.
 */
const histogramOf =
  (buckets: readonly number[], unitsPerBase: number, quantile: number) =>
  (
    name: string,
    help: string,
    source: string,
    labels: readonly LabelDefinition[] = [],
  ): HistogramDefinition => ({
    name,
    type: 'histogram',
    help,
    space: Space.traffic,
    labels,
    buckets,
    unitsPerBase,
    source,
    example: `histogram_quantile(${quantile}, sum by (${['le', ...labels.map((label) => label.name)].join(', ')}) (rate(${name}_bucket[5m])))`,
  });

/** Of ratios in millionths. */
export const lossFamily: ReturnType<typeof histogramOf> = histogramOf(lossBuckets, 1e6, 0.95);
/** Of microseconds. */
export const jitterFamily: ReturnType<typeof histogramOf> = histogramOf(jitterBuckets, 1e6, 0.95);
/** Of microseconds. */
export const roundTripFamily: ReturnType<typeof histogramOf> = histogramOf(roundTripBuckets, 1e6, 0.95);
/** Of MOS in hundredths. */
export const mosFamily: ReturnType<typeof histogramOf> = histogramOf(mosBuckets, 100, 0.05);
/** Of R in tenths. */
export const rFactorFamily: ReturnType<typeof histogramOf> = histogramOf(rBuckets, 10, 0.05);

/** Makes a counter of the traffic. */
export const counterFamily = (
  name: string,
  help: string,
  source: string,
  example: string,
  labels: readonly LabelDefinition[] = [],
): FamilyDefinition => ({ name, type: 'counter', help, space: Space.traffic, labels, source, example });
