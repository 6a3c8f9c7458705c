// SPDX-License-Identifier: Apache-2.0
import type { FamilyDefinition } from '../metrics/definition.ts';
import type { Exemplar } from '../metrics/exemplars.ts';
import { exemplarId, exemplarLabel } from './exemplar-text.ts';
import type { FamilySeries } from './family-series.ts';
import { sampleLines, typeText } from './prometheus-text.ts';
import type { SeriesLayout } from './series-layout.ts';
import { escapeLabelValue, numberText, unitOf } from './text-format.ts';

/** What `renderOpenMetrics` makes. */
export const openMetricsContentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** TYPE, UNIT and HELP lines. The family's name lacks the suffix that its type gives the samples. */
function metadataLines({ name, type, help }: FamilyDefinition): string {
  const suffix = ['_total', '_info'].find((ending) => name.endsWith(ending)) ?? '';
  const family = name.slice(0, name.length - suffix.length);
  const shownType = suffix === '_info' ? 'info' : typeText(type);
  const unit = unitOf(family);
  return (
    `# TYPE ${family} ${shownType}\n` +
    (unit ? `# UNIT ${family} ${unit}\n` : '') +
    // Unlike 0.0.4, OpenMetrics escapes the double quote in help texts too.
    `# HELP ${family} ${escapeLabelValue(help)}\n`
  );
}

/** The samples of a family whose buckets have exemplars (OpenMetrics 1.0, "Exemplars"). */
function linesWithExemplars(
  { prefixes, values }: FamilySeries,
  exemplars: ReadonlyMap<number, Exemplar>,
  unitsPerBase: number,
): string {
  let text = '';
  for (let i = 0; i < prefixes.length; i++) {
    const exemplar = exemplars.get(i);
    text += `${prefixes[i]!}${numberText(values[i]!)}`;
    if (exemplar) {
      const id = escapeLabelValue(exemplarId(exemplar));
      const seconds = exemplar.micros / 1e6;
      text += ` # {${exemplarLabel}="${id}"} ${exemplar.value / unitsPerBase} ${seconds.toFixed(6)}`;
    }
    text += '\n';
  }
  return text;
}

function lines(family: FamilySeries): string {
  const { definition } = family;
  if (definition.type !== 'histogram') return sampleLines(family);
  const exemplars = family.exemplars();
  return exemplars.size === 0
    ? sampleLines(family)
    : linesWithExemplars(family, exemplars, definition.unitsPerBase);
}

/** The OpenMetrics 1.0 text format. */
export function renderOpenMetrics(layout: SeriesLayout): string {
  let text = '';
  for (const family of layout.families) {
    if (family.prefixes.length === 0) continue;
    text += metadataLines(family.definition) + lines(family);
  }
  return `${text}# EOF\n`;
}
