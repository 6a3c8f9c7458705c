// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { dashboardFiles } from '../../deploy/grafana/source/dashboards.ts';
import { filesOf, read, readPanelQueries } from './files.ts';
import { faultOf, selectorsOf } from './selectors.ts';

/** What Prometheus makes itself. */
const ofPrometheus: ReadonlySet<string> = new Set(['ALERTS', 'scrape_duration_seconds']);

test('the committed dashboards are what "npm run dashboards" writes', () => {
  assert.deepEqual(filesOf('grafana/dashboards'), [...dashboardFiles.keys()].toSorted());
  for (const [name, json] of dashboardFiles) assert.equal(read(`grafana/dashboards/${name}`), json, name);
});

test('every query of a dashboard selects what ringtap has', () => {
  const queries = readPanelQueries();
  assert.ok(queries.length > 100, `${queries.length} queries`);
  const faults = queries.flatMap(({ panel, expression }) => {
    const selectors = selectorsOf(expression);
    assert.ok(selectors.length > 0, expression);
    return selectors
      .filter(({ name }) => !ofPrometheus.has(name))
      .map(faultOf)
      .filter((fault) => fault !== undefined)
      .map((fault) => `${panel}: ${fault}`);
  });
  assert.deepEqual(faults, []);
});

test('panels can be told apart, say what they show, and fill their rows', () => {
  for (const [name, json] of dashboardFiles) {
    const { panels } = JSON.parse(json) as {
      panels: {
        title: string;
        type: string;
        description?: string;
        gridPos: { x: number; y: number; w: number };
      }[];
    };
    const titles = panels.filter(({ type }) => type !== 'row').map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length, `${name}: a title twice`);
    const widths = new Map<number, number>();
    for (const { type, title, description, gridPos } of panels) {
      if (type !== 'row') assert.ok(description?.endsWith('.'), `${name}: ${title} says what it is`);
      widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
    }
    assert.deepEqual(
      [...widths.values()].filter((width) => width !== 24),
      [],
      name,
    );
  }
});

test('a query that selects what is not there is found', () => {
  const faults = (query: string) => selectorsOf(query).map(faultOf);
  assert.deepEqual(faults('sum by (code) (rate(sip_responses_total{method="INVITE",code=~"5.."}[5m]))'), [
    undefined,
  ]);
  assert.deepEqual(faults('rate(sip_response_total[5m])'), ['no family sip_response_total']);
  assert.deepEqual(faults('sip_dialogs{state="late"}'), ['sip_dialogs has no state="late"']);
  assert.deepEqual(faults('sip_dialogs{stat="early"} / 2'), ['sip_dialogs has no label stat']);
  assert.deepEqual(faults('sip_answer_delay_seconds_bucket{le="5"}'), [
    'sip_answer_delay_seconds_bucket has no le="5"',
  ]);
  assert.deepEqual(faults('sip_answer_delay_seconds'), ['no family sip_answer_delay_seconds']);
});
