// SPDX-License-Identifier: Apache-2.0

/**
 * What a series is told apart by besides its own labels. A context is one tuple of label values of a space, such as
 * interface="eth0", direction="inbound"; it is made when it is first needed and never forgotten.
 */
export const Space = {
  /** No labels: one context, always there. */
  global: 0,
  /** interface */
  interface: 1,
  /** interface, direction; the rest where they are configured, else without a value */
  traffic: 2,
  /** version, nodejs_version */
  build: 3,
  /** interface, as it was named at the start: what is known of a socket, `any` among them */
  socket: 4,
  /** window: the time a ready ratio looks back, one context */
  window: 5,
  /** peer: a name from the configuration */
  peer: 6,
  /** No labels; there where HEP is received. */
  hepInput: 7,
  /** No labels; there where HEP is sent. */
  hepOutput: 8,
  /** worker: its number, from 0, or what it receives instead of packets */
  worker: 9,
  /** carrier: a name from the configuration that has a limit */
  carrier: 10,
} as const;
export type Space = (typeof Space)[keyof typeof Space];

/** Label names of each space. A label whose value is empty is none, as in Prometheus' data model. */
export const spaceLabels: readonly (readonly string[])[] = [
  [],
  ['interface'],
  ['interface', 'direction', 'carrier', 'ua_type', 'source_country', 'destination_country'],
  ['version', 'nodejs_version'],
  ['interface'],
  ['window'],
  ['peer'],
  [],
  [],
  ['worker'],
  ['carrier'],
];

/** The names of all labels of contexts, each once. */
export const contextLabels: readonly string[] = [...new Set(spaceLabels.flat())];

/** A label with a closed set of values. */
export interface LabelDefinition {
  readonly name: string;
  readonly values: readonly string[];
}

interface CommonDefinition {
  readonly name: string;
  readonly help: string;
  readonly space: Space;
  readonly labels: readonly LabelDefinition[];
  /** The tuples of label values there are, in the order of `labels`, where not every combination can be. */
  readonly tuples?: readonly (readonly string[])[];
  /** Its series are made when it first counts, not with their context: for what few networks have. */
  readonly isRare?: true;
  /** Counts packets, not messages: of the traffic labels it has interface and direction, never those of the configuration. */
  readonly isOfPackets?: true;
  /** Its series begin at 0 for each carrier and kind of user agent of the configuration, where the budget allows. */
  readonly isMain?: true;
  /** Where its meaning is defined: an RFC section, or empty. */
  readonly source: string;
  /** A query a user would start from. */
  readonly example: string;
}

/**
 * A family with one number for each tuple of label values. `ratio` is a gauge from two cells, numerator and
 * denominator, divided only after the shards are summed; NaN while the denominator is 0. `latest` is a gauge that several
 * shards may know: of its two cells, value and packet time of it, those with the latest time count; NaN without any.
 */
export interface NumberDefinition extends CommonDefinition {
  readonly type: 'counter' | 'gauge' | 'ratio' | 'latest';
}

/**
 * A family of distributions. Values are counted in whole units, such as microseconds, and shown in the base unit, such
 * as seconds: sums of integers are exact, whatever the order. Its cells are one for each bucket, not cumulative, one
 * for what is above all of them, and the sum.
 */
export interface HistogramDefinition extends CommonDefinition {
  readonly type: 'histogram';
  /** Upper bounds, inclusive, in the base unit, ascending; +Inf is implied. */
  readonly buckets: readonly number[];
  /** Units that make a base unit: 1e6 where values come in microseconds. */
  readonly unitsPerBase: number;
}

/** One metric family. */
export type FamilyDefinition = NumberDefinition | HistogramDefinition;

/** The names of all labels of a family's series: those of its context, then its own. */
export function labelNames({ space, labels }: FamilyDefinition): readonly string[] {
  return [...spaceLabels[space]!, ...labels.map(({ name }) => name)];
}

/** The tuples of a family's own label values, in the order of the cells: row-major where no `tuples` are given. */
export function labelTuples(definition: FamilyDefinition): readonly (readonly string[])[] {
  if (definition.tuples) return definition.tuples;
  let tuples: readonly (readonly string[])[] = [[]];
  for (const { values } of definition.labels) {
    tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, value]));
  }
  return tuples;
}

/** How many tuples of own label values a family has. */
export function tuplesPerContext(definition: FamilyDefinition): number {
  if (definition.tuples) return definition.tuples.length;
  let count = 1;
  for (const label of definition.labels) count *= label.values.length;
  return count;
}

/** Cells of one tuple. */
export function cellsPerTuple(definition: FamilyDefinition): number {
  if (definition.type === 'histogram') return definition.buckets.length + 2;
  return definition.type === 'ratio' || definition.type === 'latest' ? 2 : 1;
}

/** Series of one tuple as Prometheus stores them: of a histogram every bucket, +Inf, sum and count. */
export function seriesPerTuple(definition: FamilyDefinition): number {
  return definition.type === 'histogram' ? definition.buckets.length + 3 : 1;
}

/** Cells of one family in one context. */
export function cellsPerContext(definition: FamilyDefinition): number {
  return tuplesPerContext(definition) * cellsPerTuple(definition);
}

/** Series of one family in one context. */
export function seriesPerContext(definition: FamilyDefinition): number {
  return tuplesPerContext(definition) * seriesPerTuple(definition);
}
