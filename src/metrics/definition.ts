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
  /** interface, direction */
  traffic: 2,
  /** version, nodejs_version */
  build: 3,
  /** interface, as it was named at the start: what is known of a socket, `any` among them */
  socket: 4,
} as const;
export type Space = (typeof Space)[keyof typeof Space];

/** Label names of each space. */
export const spaceLabels: readonly (readonly string[])[] = [
  [],
  ['interface'],
  ['interface', 'direction'],
  ['version', 'nodejs_version'],
  ['interface'],
];

/** A label with a closed set of values. */
export interface LabelDefinition {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * One metric family. `ratio` is a gauge from two cells a series, numerator and denominator, divided only after the
 * shards are summed; NaN while the denominator is 0.
 */
export interface FamilyDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'ratio';
  readonly help: string;
  readonly space: Space;
  readonly labels: readonly LabelDefinition[];
  /** Where its meaning is defined: an RFC section, or empty. */
  readonly source: string;
  /** A query a user would start from. */
  readonly example: string;
}

/** Series of one family in one context: every combination of its own labels. */
export function seriesPerContext(definition: FamilyDefinition): number {
  let count = 1;
  for (const label of definition.labels) count *= label.values.length;
  return count;
}

/** Cells of one family in one context. */
export function cellsPerContext(definition: FamilyDefinition): number {
  return seriesPerContext(definition) * (definition.type === 'ratio' ? 2 : 1);
}
