// SPDX-License-Identifier: Apache-2.0
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** A panel that a dashboard takes. */
export type Panel = Builder<dashboard.Panel>;

/** Where colours change: good below `warn`, bad from `bad` on; the other way round where `bad` is below `warn`. */
export type Limits = { readonly warn: number; readonly bad: number };

/** What most panels have. */
export type PanelOptions = {
  readonly title: string;
  /** What it shows, in a sentence: behind the (i) of the panel. */
  readonly about: string;
  /** A unit of Grafana: `percentunit`, `s`, `reqps`. */
  readonly unit: string;
  /** Of 24. */
  readonly width: number;
  readonly limits?: Limits;
  readonly max?: number;
};

/** A query and what its series are called. */
export type Query = readonly [expression: string, legend: string];

export const datasource: common.DataSourceRef = { type: 'prometheus', uid: '$datasource' };

const graphHeight = 8;
const statHeight = 4;

/** One number, with the last hours behind it. */
export function number(options: PanelOptions, expression: string): Panel {
  return new stat.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(datasource)
    .unit(options.unit)
    .height(statHeight)
    .span(options.width)
    .thresholds(thresholds(options.limits))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area)
    .noValue('none yet')
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(target([expression, options.title], 0));
}

/** Lines over time. */
export function lines(options: PanelOptions, ...queries: readonly Query[]): Panel {
  return graph(options, queries, 10);
}

/** Areas on top of each other over time: parts of a whole. */
export function areas(options: PanelOptions, ...queries: readonly Query[]): Panel {
  return graph(options, queries, 60).stacking(
    new common.StackingConfigBuilder().mode(common.StackingMode.Normal),
  );
}

/** Bars, one for each series, of the whole time that is shown. */
export function bars(options: PanelOptions, [expression, legend]: Query): Panel {
  return new bargauge.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(datasource)
    .unit(options.unit)
    .decimals(0)
    .min(0)
    .height(graphHeight)
    .span(options.width)
    .thresholds(thresholds(options.limits))
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .noValue('0')
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(target([expression, legend], 0).instant());
}

/** A histogram over time; the query sums its buckets by `le`. */
export function density(options: PanelOptions, buckets: string): Panel {
  return new heatmap.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(datasource)
    .height(graphHeight)
    .span(options.width)
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(options.unit))
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Blues')
        .steps(64),
    )
    .withTarget(target([buckets, '{{le}}'], 0).format(prometheus.PromQueryFormat.Heatmap).exemplar(true));
}

/** What is up and what is down, over time. */
export function upDown(options: Omit<PanelOptions, 'unit'>, query: Query): Panel {
  return new statetimeline.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(datasource)
    .height(graphHeight)
    .span(options.width)
    .mergeValues(true)
    .mappings([
      {
        type: dashboard.MappingType.ValueToText,
        options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
      },
    ])
    .withTarget(target(query, 0));
}

/** Labels of series, one line each. */
export function listing(options: Omit<PanelOptions, 'unit'>, expression: string): Panel {
  return new table.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(datasource)
    .height(graphHeight)
    .span(options.width)
    .noValue('none')
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true, Value: true, __name__: true } },
    })
    .withTarget(target([expression, ''], 0).instant().format(prometheus.PromQueryFormat.Table));
}

function graph(
  options: PanelOptions,
  queries: readonly Query[],
  fillOpacity: number,
): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(options.title)
    .description(options.about)
    .datasource(datasource)
    .unit(options.unit)
    .min(0)
    .height(graphHeight)
    .span(options.width)
    .fillOpacity(fillOpacity)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (options.max !== undefined) panel.max(options.max);
  if (options.limits !== undefined) {
    panel
      .thresholds(thresholds(options.limits))
      .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
      .thresholdsStyle(
        new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
      );
  }
  for (const [i, query] of queries.entries()) panel.withTarget(target(query, i));
  return panel;
}

function target([expression, legend]: Query, index: number): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .datasource(datasource)
    .editorMode(prometheus.QueryEditorMode.Code)
    .refId(String.fromCharCode(65 + index))
    .expr(expression)
    .legendFormat(legend)
    .range();
}

function thresholds(limits: Limits | undefined): dashboard.ThresholdsConfigBuilder {
  const steps: dashboard.Threshold[] =
    limits === undefined
      ? [{ value: null, color: 'text' }]
      : limits.bad > limits.warn
        ? [
            { value: null, color: 'green' },
            { value: limits.warn, color: 'orange' },
            { value: limits.bad, color: 'red' },
          ]
        : [
            { value: null, color: 'red' },
            { value: limits.bad, color: 'orange' },
            { value: limits.warn, color: 'green' },
          ];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}
