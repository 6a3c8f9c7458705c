// SPDX-License-Identifier: Apache-2.0
import {
  type FamilyDefinition,
  type HistogramDefinition,
  labelNames,
  labelTuples,
  seriesPerTuple,
} from '../metrics/definition.ts';
import type { FamilySeries } from './family-series.ts';
import type { SeriesLayout } from './series-layout.ts';
import { numberText } from './text-format.ts';

/** A series of a counter or gauge. JSON has no NaN and no infinity, so numbers are texts, as with prom2json. */
interface JsonMetric {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: string;
}

/** A distribution: cumulative counts by upper bound. */
interface JsonHistogram {
  readonly labels?: Readonly<Record<string, string>>;
  readonly buckets: Readonly<Record<string, string>>;
  readonly count: string;
  readonly sum: string;
}

const typeName: Readonly<Record<FamilyDefinition['type'], string>> = {
  counter: 'COUNTER',
  gauge: 'GAUGE',
  ratio: 'GAUGE',
  latest: 'GAUGE',
  histogram: 'HISTOGRAM',
};

/** The labels of one tuple that have a value; left out where there are none. */
function labelsOf(names: readonly string[], values: readonly string[]): { labels?: Record<string, string> } {
  if (names.length === 0) return {};
  const pairs = names.map((name, i) => [name, values[i]!] as const);
  return { labels: Object.fromEntries(pairs.filter(([, value]) => value !== '')) };
}

function histogramOf({ buckets }: HistogramDefinition, values: Float64Array): Omit<JsonHistogram, 'labels'> {
  const bounds = [...buckets, Infinity].map(numberText);
  return {
    buckets: Object.fromEntries(bounds.map((bound, i) => [bound, numberText(values[i]!)])),
    count: numberText(values[bounds.length + 1]!),
    sum: numberText(values[bounds.length]!),
  };
}

function metricsOf({ definition, contexts, values }: FamilySeries): (JsonMetric | JsonHistogram)[] {
  const names = labelNames(definition);
  const tuples = labelTuples(definition);
  const width = seriesPerTuple(definition);
  return contexts.flatMap((contextValues, context) =>
    tuples.map((tuple, i) => {
      const first = (context * tuples.length + i) * width;
      const labels = labelsOf(names, [...contextValues, ...tuple]);
      if (definition.type !== 'histogram') return { ...labels, value: numberText(values[first]!) };
      return { ...labels, ...histogramOf(definition, values.subarray(first, first + width)) };
    }),
  );
}

/**
 * What `prom2json` makes of the text format 0.0.4: an array of families with name, help, type in capitals and metrics;
 * all numbers are texts, the bounds of buckets without a needless point. One line a family, and deterministic.
 */
export function renderJson(layout: SeriesLayout): string {
  const lines = layout.families
    .filter(({ prefixes }) => prefixes.length > 0)
    .map((family) => {
      const { name, help, type } = family.definition;
      return JSON.stringify({ name, help, type: typeName[type], metrics: metricsOf(family) });
    });
  return `[\n${lines.join(',\n')}\n]\n`;
}
