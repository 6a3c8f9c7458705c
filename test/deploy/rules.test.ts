// SPDX-License-Identifier: Apache-2.0
// Needs promtool (Debian's package prometheus) and jsonnet.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import { deployFolder, filesOf, read, readRules } from './files.ts';
import { faultOf, selectorsOf } from './selectors.ts';

const rules = readRules();
const recorded = rules.flatMap(({ record = [] }) => record);
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
const paths = (folder: string): string[] => filesOf(folder).map((file) => join(deployFolder, folder, file));

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd: deployFolder });
  assert.equal(error, undefined);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

test('promtool reads the rules and the configuration', () => {
  run('promtool', 'check', 'rules', ...paths('prometheus/rules'));
  run('promtool', 'check', 'config', 'prometheus/prometheus.yml');
});

test('promtool: ratios have their formulas; each alert fires when it should and not where all is well', () => {
  run('promtool', 'test', 'rules', ...paths('prometheus/tests'));
  const tested = filesOf('prometheus/tests')
    .map((file) => read(`prometheus/tests/${file}`))
    .join('');
  for (const { alert } of alerts) {
    assert.ok(tested.includes(`labels: '{alertname="${alert}"}', value: 1`), `${alert} fires in a test`);
  }
  for (const name of recorded.filter((one) => one.includes(':ratio_'))) {
    assert.match(tested, new RegExp(`expr: round\\(${name}, `), `${name} is tested`);
  }
});

test('every rule selects what ringtap has or another rule records', () => {
  const faults = rules.flatMap(({ record, alert, expr }) =>
    selectorsOf(expr)
      .filter(({ name }) => name !== 'up' && !recorded.includes(name))
      .map(faultOf)
      .filter((fault) => fault !== undefined)
      .map((fault) => `${record ?? alert}: ${fault}`),
  );
  assert.deepEqual(faults, []);
});

test('every alert has its severity and its runbook', () => {
  const runbooks = readFileSync(join(deployFolder, '../docs/runbooks.md'), 'utf8');
  const headings = [...runbooks.matchAll(/^### (\w+)$/gm)].map(([, name]) => name!);
  assert.deepEqual(headings.toSorted(), alerts.map(({ alert }) => alert).toSorted());
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels?.['severity'] ?? '', /^(critical|warning|info)$/, alert);
    assert.equal(annotations?.['runbook_url'], `docs/runbooks.md#${alert.toLowerCase()}`);
    assert.ok(annotations['summary'] && annotations['description'], alert);
  }
});

test('the mixin has all dashboards and rules', () => {
  const program = `local mixin = (import 'mixin/mixin.libsonnet') + { _config+:: { runbookPrefix: 'https://example/' } };
    { dashboards: mixin.grafanaDashboards, rules: mixin.prometheusRules.groups, alerts: mixin.prometheusAlerts.groups }`;
  const mixin = JSON.parse(run('jsonnet', '-J', deployFolder, '-e', program)) as {
    dashboards: Record<string, unknown>;
    rules: unknown[];
    alerts: { rules: { annotations: Record<string, string> }[] }[];
  };
  const dashboards = filesOf('grafana/dashboards').map((file) => [
    `ringtap-${file}`,
    JSON.parse(read(`grafana/dashboards/${file}`)),
  ]);
  assert.deepEqual(mixin.dashboards, Object.fromEntries(dashboards));
  const groups = (file: string): unknown[] => parse(read(`prometheus/rules/${file}`)).groups;
  assert.deepEqual(mixin.rules, groups('ringtap-ratios.yml'));
  for (const { annotations } of mixin.alerts.flatMap((group) => group.rules)) {
    const { runbook_url: url } = annotations;
    assert.match(url!, /^https:\/\/example\/docs\/runbooks\.md#\w+$/);
    annotations['runbook_url'] = url!.replace('https://example/', '');
  }
  assert.deepEqual(mixin.alerts, [...groups('ringtap-alerts.yml'), ...groups('ringtap-sensor.yml')]);
});
