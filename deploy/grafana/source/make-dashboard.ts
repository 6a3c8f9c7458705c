// SPDX-License-Identifier: Apache-2.0
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource, type Panel } from './panels.ts';

/** Panels under a title. */
export type Row = { readonly title: string; readonly panels: readonly Panel[] };

/** A dashboard in plain words. */
export type Description = {
  /** Its file, and behind `ringtap-` its uid. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly rows: readonly Row[];
};

/** A dashboard and the file it goes to. */
export type NamedDashboard = { readonly name: string; readonly dashboard: dashboard.Dashboard };

/** Makes a dashboard with the choices that all have, and a link to the others. */
export function makeDashboard({ name, title, about, rows }: Description): NamedDashboard {
  const builder = new dashboard.DashboardBuilder(`ringtap / ${title}`)
    .uid(`ringtap-${name}`)
    .description(about)
    .tags(['ringtap'])
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .refresh('1m')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .readonly()
    .variables(variables())
    .link(linkToOthers);
  let id = 0;
  for (const row of rows) {
    builder.withRow(new dashboard.RowBuilder(row.title).id(++id));
    for (const panel of row.panels) {
      const built = panel.build();
      built.id = ++id;
      builder.withPanel({ build: () => built });
    }
  }
  return { name, dashboard: builder.build() };
}

/** By their tag, with the choices made here. The SDK would put it into a menu (`placement`). */
const linkToOthers: Builder<dashboard.DashboardLink> = {
  build: () => {
    const { placement, ...link } = new dashboard.DashboardLinkBuilder('Other dashboards')
      .type(dashboard.DashboardLinkType.Dashboards)
      .tags(['ringtap'])
      .asDropdown(true)
      .includeVars(true)
      .keepTime(true)
      .build();
    return link;
  },
};

function variables(): Builder<dashboard.VariableModel>[] {
  const choices = (name: string, label: string, query: string) =>
    new dashboard.QueryVariableBuilder(name)
      .label(label)
      .datasource(datasource)
      .query(query)
      .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
      .sort(dashboard.VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .allValue('.*')
      .current({ selected: true, text: ['All'], value: ['$__all'] });
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    choices('job', 'Job', 'label_values(ringtap_build_info, job)'),
    choices('instance', 'Sensor', 'label_values(ringtap_build_info{job=~"$job"}, instance)'),
    choices(
      'interface',
      'Interface',
      'label_values(sip_session_attempts_total{job=~"$job",instance=~"$instance"}, interface)',
    ),
    new dashboard.CustomVariableBuilder('window')
      .label('Ratios over')
      .description('The time that ratios and quantiles look back.')
      .values('5m,15m,1h,6h,1d')
      .current({ selected: true, text: '15m', value: '15m' }),
  ];
}
