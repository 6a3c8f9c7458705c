// SPDX-License-Identifier: Apache-2.0

/** A label value between double quotes: backslash, double quote and line feed are escaped in both text formats. */
export function escapeLabelValue(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

/** A help text of the Prometheus text format 0.0.4: backslash and line feed are escaped, a double quote is not. */
export function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\'));
}

/** A sample value; JavaScript's own shortest form is valid in both text formats but for the infinities. */
export function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * A bound of a bucket as the label `le` has it: a float, always with its point, as OpenMetrics 1.0 wants ("Canonical
 * Numbers"). 0.0.4 leaves the form open; with the same one a series is the same whichever format a server asks for.
 * For 1e-4 to 1e6, beyond which the canonical form has an exponent.
 */
export function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

const units = ['seconds', 'bytes', 'ratio'] as const;

/** The base unit that a family name without `_total` ends in (OpenMetrics 1.0, "Units and Base Units"). */
export function unitOf(family: string): (typeof units)[number] | undefined {
  return units.find((ending) => family.endsWith(`_${ending}`));
}
