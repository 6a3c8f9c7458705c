// SPDX-License-Identifier: Apache-2.0
// Needs root: gives up capabilities in child processes, with setpriv(1).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CaptureHandles } from '../../src/capture/capture-handles.ts';
import { openCapture } from '../../src/capture/open-capture.ts';
import { captureOptions, enterTestNamespace } from './network.ts';

enterTestNamespace();

const OPEN_AND_CLOSE = `
  const { openCapture } = await import(process.argv[1]);
  const sharing = { workers: Number(process.argv[2]), key: { seed: 1, multiplier: 3 } };
  try {
    openCapture({ interfaces: ['lo'], ports: [5060], detect: true, rtp: 'detected', tunnels: 0x1ff, promiscuous: true, ringBytes: 1 << 21, sharing }).close();
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

const LEARN_AND_READ = `
  const { LiveCapture } = await import(process.argv[1]);
  const { Frame } = await import(process.argv[2]);
  const ring = { interfaceName: 'lo', descriptor: 3, ringBytes: 1 << 21, promiscuous: false, programsDescriptor: 5 };
  const capture = new LiveCapture({ rings: [ring], looksAfterInterfaces: true, mediaPortsDescriptor: 4, sharesMediaPorts: false });
  const { createSocket } = await import('node:dgram');
  const { once } = await import('node:events');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const send = (port) => new Promise((done) => socket.send(Buffer.alloc(172, 0x80), port, '127.0.0.1', done));
  const read = () => {
    let taken = 0;
    for (let idle = 0; idle < 5; idle++) {
      capture.wait(20);
      taken += capture.read(new Frame(), { packet() {}, release() {} }, 4);
    }
    return taken;
  };
  await send(40000);
  const before = read();
  capture.mediaPorts.add(40000);
  await send(40000);
  await send(40002);
  const between = read();
  capture.mediaPorts.remove(40000);
  await send(40000);
  console.log(before, between, read());
  socket.close();
  capture.close();`;

test('ports of media are learned without any privilege', () => {
  const options = captureOptions(['lo'], { rtp: 'learned', ringBytes: 1 << 21 });
  const { handles, close } = openCapture(options);
  const [{ rings, mediaPortsDescriptor }] = handles as [CaptureHandles];
  const files = ['../../src/capture/live-capture.ts', '../../src/base/frame.ts'];
  const modules = files.map((file) => fileURLToPath(new URL(file, import.meta.url)));
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'];
  const script = [process.execPath, '--input-type=module', '-e', LEARN_AND_READ, ...modules];
  const { stdout, stderr } = spawnSync('setpriv', [...user, ...script], {
    encoding: 'utf8',
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      rings[0]!.descriptor,
      mediaPortsDescriptor!,
      rings[0]!.programsDescriptor,
    ],
  });
  close();
  assert.equal(stdout, '0 1 0\n', stderr);
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
