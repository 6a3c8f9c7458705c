// SPDX-License-Identifier: Apache-2.0

/** Labels of every series of the sensors that are chosen at the top of a dashboard. */
const sensors = 'job=~"$job",instance=~"$instance"';

const selector = (name: string, ...matchers: readonly string[]): string =>
  `${name}{${matchers.filter(Boolean).join(',')}}`;

/** Series of traffic, which have an interface, of the sensors and interfaces that are chosen. */
export const traffic = (name: string, matchers = ''): string =>
  selector(name, sensors, 'interface=~"$interface"', matchers);

/** Series of the sensors that are chosen, whatever interface they have, if any. */
export const sensor = (name: string, matchers = ''): string => selector(name, sensors, matchers);

/** Events a second, summed by labels; over the `window` of the dashboard where that is said. */
export const rate = (
  series: string,
  by: readonly string[] = [],
  window: '$__rate_interval' | '$window' = '$__rate_interval',
): string => `${sum(by)}(rate(${series}[${window}]))`;

/** Events within the time the dashboard shows, summed by labels. */
export const increase = (series: string, by: readonly string[] = []): string =>
  `${sum(by)}(increase(${series}[$__range]))`;

/** A gauge, summed by labels. */
export const total = (series: string, by: readonly string[] = []): string => `${sum(by)}(${series})`;

/**
 * One share of two sums over `$window`. Of labels of the configuration there are only series that counted: a
 * numerator without any is 0.
 */
export const ratio = (
  numerator: string | readonly string[],
  denominator: string,
  by: readonly string[] = [],
): string => {
  const whole = rate(denominator, by, '$window');
  const parts = [numerator].flat().map((part) => `(${rate(part, by, '$window')} or ${whole} * 0)`);
  return `${parts.length === 1 ? parts[0] : `(${parts.join(' + ')})`} / ${whole}`;
};

/** A quantile of a histogram over `$window`. */
export const quantile = (q: number, bucket: string, by: readonly string[] = []): string =>
  `histogram_quantile(${q}, ${rate(bucket, ['le', ...by], '$window')})`;

/** The mean of a histogram over `$window`; the arguments are its `_sum` and `_count`. */
export const mean = (sums: string, counts: string): string =>
  `${rate(sums, [], '$window')} / ${rate(counts, [], '$window')}`;

const sum = (by: readonly string[]): string => (by.length === 0 ? 'sum' : `sum by (${by.join(', ')}) `);
