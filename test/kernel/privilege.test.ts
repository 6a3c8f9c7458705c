// SPDX-License-Identifier: Apache-2.0
// Needs root: gives up capabilities in child processes, with setpriv(1).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { enterTestNamespace } from './network.ts';

enterTestNamespace();

const OPEN_AND_CLOSE = `
  const { openCapture } = await import(process.argv[1]);
  const sharing = { workers: Number(process.argv[2]), key: { seed: 1, multiplier: 3 } };
  try {
    openCapture({ interfaces: ['lo'], ports: [5060], detect: true, tunnels: 0x1ff, promiscuous: true, ringBytes: 1 << 21, sharing }).close();
    console.log('opened');
  } catch (error) {
    console.log(error.name + ': ' + error.message);
  }`;

/** What the script above says as user nobody with these capabilities. */
function openAsNobody(capabilities: readonly string[], workers = 1): string {
  const added = capabilities.map((name) => `+${name}`).join(',');
  const grant = added === '' ? [] : [`--inh-caps=${added}`, `--ambient-caps=${added}`];
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const moduleFile = fileURLToPath(new URL('../../src/capture/open-capture.ts', import.meta.url));
  const script = [process.execPath, '--input-type=module', '-e', OPEN_AND_CLOSE, moduleFile, `${workers}`];
  const { stdout, stderr } = spawnSync('setpriv', [...user, ...grant, ...script], { encoding: 'utf8' });
  return stdout.trim() || stderr;
}

test('CAP_NET_RAW and CAP_BPF are enough, promiscuous mode included', () => {
  assert.equal(openAsNobody(['net_raw', 'bpf']), 'opened');
});

test('several workers need CAP_PERFMON besides, and say so', () => {
  assert.equal(openAsNobody(['net_raw', 'bpf', 'perfmon'], 2), 'opened');
  assert.match(
    openAsNobody(['net_raw', 'bpf'], 2),
    /^CaptureError: several workers need CAP_PERFMON beside /,
  );
});

test('without a capability one sentence says which is missing and how to grant it', () => {
  assert.match(
    openAsNobody([]),
    /^CaptureError: capturing packets needs CAP_NET_RAW to open a packet socket: run as root, or grant .*setcap.*$/,
  );
  assert.match(
    openAsNobody(['net_raw']),
    /^CaptureError: capturing packets needs CAP_BPF to load the packet filter: run as root, or grant .*setcap.*$/,
  );
});
