// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { CommandLine } from './command-line.ts';
import { configOf } from './config.ts';
import { parseConfigFile } from './config-file.ts';
import { environmentValues, variableOf } from './environment.ts';
import { loadConfig } from './load-config.ts';
import { nearestName } from './nearest-name.ts';
import { replayOnlyOptions, runOptions } from './options.ts';
import { reloadOptions } from './reload-options.ts';
import { renderOptions } from './render-options.ts';
import { ConfigError } from './values.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringtap-config-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'f.yaml');
writeFileSync(file, 'sip: { ports: 1001, detect: true, max-vias: 7 }\ninterface: [a, b]\n');

test('arguments count more than the environment, and that more than the file', async () => {
  const environment = {
    RINGTAP_SIP_PORTS: '1002',
    RINGTAP_INTERFACE: ' c  d ',
    RINGTAP_PORT: 'tcp://1.2.3.4:5',
  };
  const ports = async (
    args: readonly string[],
    variables: Record<string, string>,
  ): Promise<readonly number[]> => (await loadConfig(args, variables)).config.analysis.ports;
  assert.deepEqual(await ports([], {}), [5060]);
  assert.deepEqual(await ports(['--config.file', file], {}), [1001]);
  assert.deepEqual(await ports([], { RINGTAP_CONFIG_FILE: file }), [1001]);
  assert.deepEqual(await ports(['--config.file', file], environment), [1002]);
  assert.deepEqual(await ports(['--config.file', file, '--sip.ports', '1003'], environment), [1003]);
  const { config } = await loadConfig(['--config.file', file, '--no-sip.detect'], environment);
  assert.deepEqual(config.interfaces, ['c', 'd'], 'values of two places are not mixed');
  assert.equal(config.analysis.detect, false);
  assert.equal(config.analysis.parser.maxVias, 7);
  assert.deepEqual((await loadConfig([], { RINGTAP_SIP_PORTS: '' })).config.analysis.ports, [5060]);
});

test('what is wrong is named by its place', async () => {
  const wrong = (
    args: readonly string[],
    environment: Record<string, string>,
    pattern: RegExp,
  ): Promise<void> =>
    assert.rejects(
      loadConfig(args, environment),
      (error) => error instanceof ConfigError && pattern.test(error.message),
    );
  await wrong(['--sip.ports', 'x'], {}, /^--sip\.ports takes ports/);
  await wrong([], { RINGTAP_SIP_PORTS: 'x' }, /^RINGTAP_SIP_PORTS takes ports/);
  await wrong([], { RINGTAP_SIP_DETECT: 'yes' }, /^RINGTAP_SIP_DETECT takes true or false, not "yes"/);
  await wrong([], { RINGTAP_CONFIG_FILE: join(folder, 'none') }, /cannot read the configuration file .*none/);
  const bad = join(folder, 'bad.yaml');
  writeFileSync(bad, 'capture:\n  workers: 17\n');
  await wrong(
    ['--config.file', bad],
    {},
    /bad\.yaml:2:3: capture\.workers takes a whole number from 1 to 16/,
  );
  await wrong(['--sip.prots', '1'], {}, /did you mean --sip\.ports\?/);
});

test('no two options have one variable', () => {
  const names = new Set([...runOptions, ...replayOnlyOptions].map(({ name }) => name));
  assert.equal(new Set([...names].map(variableOf)).size, names.size);
  assert.equal(variableOf('hep.send-node-id'), 'RINGTAP_HEP_SEND_NODE_ID');
  assert.deepEqual(environmentValues({ PATH: '/', RINGTAP_X: '1' }, runOptions).values, new Map());
});

test('the nearest name', () => {
  const names = ['sip.ports', 'sip.peer', 'tls.ports', 'web.listen-address'];
  assert.equal(nearestName('sip.prots', names), 'sip.ports');
  assert.equal(nearestName('SIP.PORTS', names), 'sip.ports');
  assert.equal(nearestName('web.listen_adress', names), 'web.listen-address');
  assert.equal(nearestName('x', names), undefined);
  assert.equal(nearestName('y'.repeat(100_000), names), undefined);
});

test('a reload changes what can change at run time, and names what waits for a restart', () => {
  const lineOf = (text: string, args: readonly string[] = []): CommandLine =>
    new CommandLine(args, runOptions, [parseConfigFile('f.yaml', text)]);
  const start = lineOf('sip: { ports: 1 }\ncapture: { ring-size: 2MiB }\n');
  const first = reloadOptions(
    start,
    lineOf('sip: { ports: 2, max-vias: 9 }\ncapture: { ring-size: 4MiB }\n'),
  );
  assert.deepEqual([first.applied, first.waiting], [['sip.ports', 'sip.max-vias'], ['capture.ring-size']]);
  const config = configOf(first.options);
  assert.deepEqual(
    [config.analysis.ports, config.analysis.parser.maxVias, config.ringBytes],
    [[2], 9, 2 ** 21],
  );
  // What was taken out of the file is the default again; what waits goes on waiting.
  const second = reloadOptions(first.options, lineOf(''));
  assert.deepEqual([second.applied, second.waiting], [['sip.ports', 'sip.max-vias'], ['capture.ring-size']]);
  assert.deepEqual(configOf(second.options).analysis.ports, [5060]);
  const third = reloadOptions(second.options, start);
  assert.deepEqual([third.applied, third.waiting], [['sip.ports'], []]);
  // A default that is given is no change, and neither is a place.
  assert.deepEqual(reloadOptions(lineOf(''), lineOf('sip: { ports: 5060 }')).applied, []);
});

test('every option with its place, as a file that says the same; secrets hidden', () => {
  const text =
    'sip: { ports: "1,2", peer: { a: "[::1]:5060" } }\nhep: { auth-key: geheim, listen-address: [udp:1, udp:2] }\n';
  const line = new CommandLine(['--no-fragments.checksum'], runOptions, [parseConfigFile('f.yaml', text)]);
  const shown = renderOptions(line);
  assert.match(shown, /^ {2}ports: 1,2 # f\.yaml:1:8: sip\.ports$/m);
  assert.match(shown, /^ {2}checksum: false # --fragments\.checksum$/m);
  assert.match(shown, /^ {2}max-vias: 70$/m);
  assert.doesNotMatch(shown, /geheim/);
  const again = new CommandLine([], runOptions, [parseConfigFile('shown.yaml', shown)]);
  const withoutKey = ({ hepInput, ...config }: ReturnType<typeof configOf>): unknown => ({
    ...config,
    hepInput: { ...hepInput, authKey: undefined },
  });
  assert.deepEqual(withoutKey(configOf(again)), withoutKey(configOf(line)));
});
