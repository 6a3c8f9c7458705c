// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { replayHere, valuesOf } from '../../replay/replay.ts';
import { runCommand } from '../../support/command.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { messageKinds } from '../../support/packet-judge.ts';
import { CaptureFolder } from '../../support/read-capture.ts';
import { encapsulations } from './encapsulations.ts';
import { captureFolder, generate } from './generate.ts';

const names = encapsulations.map(({ name }) => name);
const pathOf = (name: string): string => join(captureFolder, `${name}.pcap`);

/** A cooked header tells the direction, others don't. */
const lines = (text: string): string[] =>
  valuesOf(text).map((line) => line.replace('direction="inbound"', 'direction="unknown"'));

/** What a replay counts, with what ringtap says of its own work as far as it depends on packets. */
async function figuresOf(name: string, ...args: readonly string[]): Promise<string[]> {
  const { stdout, warnings } = await replayHere(pathOf(name), ...args);
  assert.deepEqual(warnings, [], name);
  return lines(stdout).filter((line) => !line.startsWith('ringtap_metric_series'));
}

test('the committed captures are what the generator writes', () => {
  assert.equal(new Set(names).size, names.length);
  assertCommitted(captureFolder, generate);
});

test('the same calls give the same figures over every link and in every tunnel', async () => {
  const plain = await figuresOf('plain');
  assert.ok(plain.some((line) => /^sip_session_attempt_results_total.*result="answered".* 1$/.test(line)));
  assert.ok(plain.some((line) => /^sip_session_attempt_results_total.*result="busy".* 1$/.test(line)));
  for (const detect of ['--sip.detect', '--no-sip.detect']) {
    for (const name of names) assert.deepEqual(await figuresOf(name, detect), plain, `${name} ${detect}`);
  }
});

test('without tunnels, those are not looked into', async () => {
  const plain = await figuresOf('plain');
  const links = names.slice(0, names.indexOf('ipip'));
  for (const name of names) {
    const { stdout } = await replayHere(pathOf(name), '--capture.tunnels', 'none');
    const requests = lines(stdout).filter((line) => line.startsWith('sip_requests_total'));
    const expected = links.includes(name)
      ? plain.filter((line) => line.startsWith('sip_requests_total'))
      : [];
    assert.deepEqual(requests, expected, name);
  }
});

/** What tshark does not read and ringtap does: see test/golden/decode. */
const notRead = ['gre-with-a-vlan-tag', 'erspan-iii-with-ip', 'mpls-pseudowire'];

test('tshark reads the same messages in each capture', async () => {
  using folder = new CaptureFolder();
  const read = names.filter((name) => !notRead.includes(name));
  const all = join(folder.path, 'all.pcapng');
  await runCommand('mergecap', ['-a', '-w', all, ...read.map(pathOf)]);
  const kinds = await messageKinds(all, ['udp.port==8472,vxlan']);
  const plain = kinds.slice(0, kinds.length / read.length);
  assert.ok(plain.length > 10 && plain.every((kind) => kind !== undefined));
  for (const [index, name] of read.entries()) {
    assert.deepEqual(kinds.slice(index * plain.length, (index + 1) * plain.length), plain, name);
  }
});
