// SPDX-License-Identifier: Apache-2.0
// What deploy/docker says is parsed, and what it names is looked for. An engine builds and runs it in deploy/docker/try.sh, which takes
// too long for each run of the tests.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { runCommand } from '../support/command.ts';

const root = join(import.meta.dirname, '../..');
const docker = join(root, 'deploy/docker');
const read = (file: string): string => readFileSync(file, 'utf8');

test('what the Dockerfile copies is there, and it ends as a user without a password', () => {
  const instructions = read(join(docker, 'Dockerfile'))
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '');
  for (const line of instructions) {
    assert.match(line, /^(FROM|WORKDIR|COPY|RUN|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) \S/);
    const words = line.split(' ');
    if (words[0] !== 'COPY' || words[1]!.startsWith('--from')) continue;
    for (const source of words.slice(1, -1)) assert.ok(existsSync(join(root, source)), source);
  }
  const ignored = read(join(root, '.dockerignore')).trim().split('\n');
  for (const needed of ['src', 'bin', 'scripts', 'bpf', 'package.json']) assert.ok(!ignored.includes(needed));
  assert.deepEqual(
    instructions.filter((line) => line.startsWith('USER ')),
    ['USER 65534:65534'],
  );
  for (const kind of ['HEALTHCHECK', 'ENTRYPOINT', 'CMD']) {
    const list = /\[.*\]$/.exec(instructions.find((line) => line.startsWith(`${kind} `))!)![0];
    assert.ok((JSON.parse(list) as unknown[]).every((word) => typeof word === 'string'));
  }
});

test('the compose file names files that are there, and the least privilege', () => {
  type Service = {
    volumes?: string[];
    cap_drop?: string[];
    cap_add?: string[];
    security_opt?: string[];
    read_only?: boolean;
  };
  const { services, volumes } = parse(read(join(docker, 'compose.yml'))) as {
    services: Record<string, Service>;
    volumes: object;
  };
  assert.deepEqual(Object.keys(services), ['ringtap', 'prometheus', 'grafana']);
  const { cap_drop, cap_add, security_opt, read_only } = services['ringtap']!;
  assert.deepEqual([cap_drop, cap_add, read_only], [['ALL'], ['NET_RAW', 'BPF'], true]);
  assert.ok(existsSync(join(docker, security_opt![0]!.replace('seccomp:', ''))));
  for (const volume of Object.values(services).flatMap((service) => service.volumes ?? [])) {
    const [source] = volume.split(':');
    // The dashboards are made by deploy/grafana.
    if (source!.startsWith('.') && !source!.includes('dashboards'))
      assert.ok(existsSync(join(docker, source!)), volume);
    else if (!source!.startsWith('.')) assert.ok(source! in volumes, volume);
  }
});

test('every YAML file that the compose file mounts parses, and promtool takes that of Prometheus', async () => {
  const files = globSync(['*.yml', '../grafana/**/*.yml', '../prometheus/**/*.yml'], { cwd: docker });
  assert.ok(files.length >= 4);
  for (const file of files) {
    for (const document of parseAllDocuments(read(join(docker, file)))) {
      assert.deepEqual((document as { errors: unknown[] }).errors, [], file);
    }
  }
  await runCommand('promtool', ['check', 'config', join(docker, '../prometheus/prometheus.yml')]);
});
