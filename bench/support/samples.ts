// SPDX-License-Identifier: Apache-2.0

/** Samples of one exposition: `name{labels}` to value. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the Prometheus text format. */
export function parseSamples(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    if (space > 0 && !line.startsWith('#')) samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/** Sum of the series of a family whose label set contains all of `labels`, such as `method="INVITE"`. */
export function sum(samples: Samples, name: string, ...labels: string[]): number {
  let total = 0;
  for (const [series, value] of samples) {
    const matches = series === name || series.startsWith(`${name}{`);
    if (matches && labels.every((label) => series.includes(label))) total += value;
  }
  return total;
}
