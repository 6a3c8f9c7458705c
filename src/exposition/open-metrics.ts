// SPDX-License-Identifier: Apache-2.0
import type { FamilyDefinition } from '../metrics/definition.ts';
import { sampleLines, typeText } from './prometheus-text.ts';
import type { SeriesLayout } from './series-layout.ts';
import { escapeLabelValue } from './text-format.ts';

/** What `renderOpenMetrics` makes. */
export const openMetricsContentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Base units a family name may end in (OpenMetrics 1.0, "Units and Base Units"). */
const units: readonly string[] = ['seconds', 'bytes', 'ratio'];

/** TYPE, UNIT and HELP lines. The family's name lacks the suffix that its type gives the samples. */
function metadataLines({ name, type, help }: FamilyDefinition): string {
  const suffix = ['_total', '_info'].find((ending) => name.endsWith(ending)) ?? '';
  const family = name.slice(0, name.length - suffix.length);
  const shownType = suffix === '_info' ? 'info' : typeText(type);
  const unit = units.find((ending) => family.endsWith(`_${ending}`));
  return (
    `# TYPE ${family} ${shownType}\n` +
    (unit ? `# UNIT ${family} ${unit}\n` : '') +
    // Unlike 0.0.4, OpenMetrics escapes the double quote in help texts too.
    `# HELP ${family} ${escapeLabelValue(help)}\n`
  );
}

/** The OpenMetrics 1.0 text format. */
export function renderOpenMetrics(layout: SeriesLayout): string {
  let text = '';
  for (const family of layout.families) {
    if (family.prefixes.length === 0) continue;
    text += metadataLines(family.definition) + sampleLines(family);
  }
  return `${text}# EOF\n`;
}
