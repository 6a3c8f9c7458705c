// SPDX-License-Identifier: Apache-2.0
import type { FamilyDefinition } from '../metrics/definition.ts';
import type { FamilySeries } from './family-series.ts';
import type { SeriesLayout } from './series-layout.ts';
import { escapeHelp, numberText } from './text-format.ts';

/** What `renderText` makes. */
export const textContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The type both text formats know a family by. */
export function typeText(type: FamilyDefinition['type']): string {
  return type === 'ratio' || type === 'latest' ? 'gauge' : type;
}

/** The samples of a family, a line each. */
export function sampleLines({ prefixes, values }: FamilySeries): string {
  let text = '';
  for (let i = 0; i < prefixes.length; i++) text += `${prefixes[i]!}${numberText(values[i]!)}\n`;
  return text;
}

/**
 * The Prometheus text exposition format 0.0.4. A family without series is left out, as client libraries do: a parser
 * drops it anyway.
 */
export function renderText(layout: SeriesLayout): string {
  let text = '';
  for (const family of layout.families) {
    if (family.prefixes.length === 0) continue;
    const { name, type, help } = family.definition;
    text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${typeText(type)}\n`;
    text += sampleLines(family);
  }
  return text;
}
