// SPDX-License-Identifier: Apache-2.0
// helm cannot be installed where the tests run: these read what deploy/helm/render.sh made of the chart, and see that it is of this
// chart.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/config.ts';
import { deployFolder, filesOf, read } from './files.ts';

type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: as many shapes as kinds
  readonly spec: any;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
};

const rendered = (name: string): Manifest[] =>
  parseAllDocuments(read(`helm/rendered/${name}.yaml`))
    .map((document) => {
      assert.deepEqual(document.errors, []);
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);
const kindsOf = (manifests: readonly Manifest[]): string[] => manifests.map(({ kind }) => kind).toSorted();

test('what was rendered is of this chart', () => {
  const sum = execFileSync(join(deployFolder, 'helm/chart-sum.sh'), { encoding: 'utf8' }).trim();
  for (const file of filesOf('helm/rendered')) {
    assert.ok(read(`helm/rendered/${file}`).includes(`Chart: ${sum}`), `${file}: run deploy/helm/render.sh`);
  }
  assert.deepEqual(filesOf('helm/rendered'), ['defaults.yaml', 'everything.yaml']);
  assert.equal(parse(read('helm/ringtap/Chart.yaml')).version, JSON.parse(read('../package.json')).version);
});

for (const [name, kinds] of [
  ['defaults', ['DaemonSet']],
  ['everything', ['DaemonSet', 'NetworkPolicy', 'PodMonitor', 'Service', 'ServiceMonitor']],
] as const) {
  test(`the chart with ${name}: a ringtap on each node, with few rights and with options it knows`, () => {
    const manifests = rendered(name);
    assert.deepEqual(kindsOf(manifests), kinds);
    const daemonSet = manifests.find(({ kind }) => kind === 'DaemonSet')!;
    const { hostNetwork, automountServiceAccountToken, containers } = daemonSet.spec.template.spec;
    assert.deepEqual([hostNetwork, automountServiceAccountToken, containers.length], [true, false, 1]);
    const [{ args, securityContext, ports }] = containers;
    assert.equal(securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(securityContext.capabilities.drop, ['ALL']);
    assert.ok(securityContext.runAsUser > 0);
    const [command, ...options] = args as string[];
    assert.equal(command, 'run');
    const { web } = parseConfig(options.map((one) => one.replace('$(NODE_ADDRESS)', '192.0.2.1')));
    assert.ok(web.listenAddresses[0]!.endsWith(`:${ports[0].containerPort}`));
    // Whatever selects pods selects those.
    const labels = daemonSet.spec.template.metadata.labels as Record<string, string>;
    for (const { kind, spec } of manifests) {
      const wanted: Record<string, string> =
        spec.podSelector?.matchLabels ?? spec.selector.matchLabels ?? spec.selector;
      // A ServiceMonitor selects the Service.
      const there =
        kind === 'ServiceMonitor' ? manifests.find((one) => one.kind === 'Service')!.metadata.labels : labels;
      for (const [label, value] of Object.entries(wanted)) assert.equal(there[label], value, kind);
    }
  });
}

test('both monitors name the port, and the job as the alerts expect it', () => {
  for (const { kind, spec } of rendered('everything').filter((one) => one.kind.endsWith('Monitor'))) {
    const [endpoint] = spec.endpoints ?? spec.podMetricsEndpoints;
    assert.equal(endpoint.port, 'metrics', kind);
    assert.deepEqual(endpoint.relabelings[0], { targetLabel: 'job', replacement: 'ringtap' });
  }
});
