// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The folder deploy/. */
export const deployFolder: string = join(import.meta.dirname, '../../deploy');

/** One query of a panel. */
export type PanelQuery = { readonly panel: string; readonly legend: string; readonly expression: string };

/** One rule; an alert has no `record`. */
export type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Names of the files in a folder of deploy/, sorted. */
export function filesOf(folder: string): string[] {
  return readdirSync(join(deployFolder, folder)).toSorted();
}

/** Every query of every dashboard; a panel is named `dashboard: title`. */
export function readPanelQueries(): PanelQuery[] {
  return filesOf('grafana/dashboards').flatMap((file) => {
    const { panels } = JSON.parse(read(`grafana/dashboards/${file}`)) as {
      panels: { title: string; targets?: { expr: string; legendFormat: string }[] }[];
    };
    const dashboard = file.replace('.json', '');
    return panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat }) => ({
        panel: `${dashboard}: ${title}`,
        legend: legendFormat,
        expression: expr,
      })),
    );
  });
}

/** Every rule of every file. */
export function readRules(): Rule[] {
  return filesOf('prometheus/rules').flatMap((file) => {
    const { groups } = parse(read(`prometheus/rules/${file}`)) as { groups: { rules: Rule[] }[] };
    return groups.flatMap(({ rules }) => rules);
  });
}

/** A file of deploy/ as text. */
export function read(path: string): string {
  return readFileSync(join(deployFolder, path), 'utf8');
}
