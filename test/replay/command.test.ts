// SPDX-License-Identifier: Apache-2.0
// One test needs root: it becomes another user.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { pcapBytes } from '../support/pcap-formats.ts';
import { CaptureFolder } from '../support/read-capture.ts';
import { replayCommand, replayHere } from './replay.ts';
import { traffic } from './traffic.ts';

const RAW = 101;
const root = join(import.meta.dirname, '../..');
const capture = pcapBytes({ linktype: RAW }, traffic());

test('the command prints what the same replay gives here, twice the same bytes', async () => {
  using folder = new CaptureFolder();
  const path = folder.write('calls.pcap', capture);
  const { stdout } = await replayHere(path);
  for (let run = 0; run < 2; run++) {
    const finished = await replayCommand([path]);
    assert.deepEqual([finished.code, finished.stderr], [0, '']);
    assert.ok(finished.stdout === stdout);
  }
});

test('standard input, in gzip as well', async () => {
  using folder = new CaptureFolder();
  const { stdout } = await replayHere(folder.write('calls.pcap', capture));
  const shell = async (command: string): Promise<string> =>
    await runCommand('sh', [
      '-c',
      command,
      'sh',
      process.execPath,
      join(root, 'bin/ringtap.js'),
      folder.path,
    ]);
  folder.write('calls.pcap.gz', gzipSync(capture));
  assert.ok((await shell('cat "$3/calls.pcap" | "$1" "$2" replay -')) === stdout);
  assert.ok((await shell('"$1" "$2" replay - <"$3/calls.pcap.gz"')) === stdout);
  assert.ok(
    (await shell(
      '(head -c 30 "$3/calls.pcap"; sleep 0.2; tail -c +31 "$3/calls.pcap") | "$1" "$2" replay -',
    )) === stdout,
  );
  // Whoever stops reading ends it quietly.
  const head =
    '("$1" "$2" replay "$3/calls.pcap" 2>&1; echo "exit $?" >"$3/exit") | head -n 1; cat "$3/exit"';
  assert.match(await shell(head), /^# HELP sip_requests_total .*\nexit 0\n$/);
});

test('a trace of standard input goes along with it', async () => {
  using folder = new CaptureFolder();
  const { stdout } = await replayHere('--trace', folder.write('calls.pcap', capture));
  const running = spawn(process.execPath, [join(root, 'bin/ringtap.js'), 'replay', '--trace', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    let seen = '';
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
    });
    const closed = once(running, 'close');
    // The file header, a packet and a little more: without the end of the file, its lines come.
    running.stdin.write(capture.subarray(0, 24 + 16 + 300));
    const firstLines = stdout.split('\n').slice(0, 2).join('\n');
    await waitUntil('the first lines come', () => seen.startsWith(firstLines) || undefined, 20_000);
    running.stdin.end(capture.subarray(24 + 16 + 300));
    assert.deepEqual(await closed, [0, null]);
    assert.equal(seen, stdout);
  } finally {
    running.kill('SIGKILL');
  }
});

test('exit codes and sentences', async () => {
  using folder = new CaptureFolder();
  const path = folder.write('calls.pcap', capture);
  const refused = async (code: number, pattern: RegExp, ...args: string[]): Promise<void> => {
    const finished = await replayCommand(args);
    assert.deepEqual([finished.code, finished.stdout], [code, ''], finished.stderr);
    assert.match(finished.stderr, pattern);
    assert.equal(finished.stderr.split('\n').length, 2, finished.stderr);
  };
  await refused(2, /^ringtap: replay takes capture files/);
  await refused(
    2,
    /^ringtap: --format takes text, openmetrics, json or none, not "xml"/,
    path,
    '--format',
    'xml',
  );
  await refused(
    1,
    /^ringtap: .*\/nothing\.pcap cannot be read: there is no such file/,
    path,
    join(folder.path, 'nothing.pcap'),
  );
  const damaged = Uint8Array.from(capture);
  damaged.fill(0xff, 24 + 8, 24 + 12);
  await refused(
    1,
    /^ringtap: .*\/damaged is corrupt at byte 24: a packet of 4294967295 bytes/,
    folder.write('damaged', damaged),
  );

  const cut = await replayCommand([folder.write('cut', capture.subarray(0, capture.length - 1))]);
  assert.equal(cut.code, 0);
  assert.match(cut.stderr, /^ringtap: .*\/cut is cut: it ends inside the record behind packet 26\n$/);
  assert.match(cut.stdout, /^sip_session_attempts_total\{.*unknown"\} 4$/m);

  const zigbee = await replayCommand([folder.write('zigbee', pcapBytes({ linktype: 195 }, traffic()))]);
  assert.equal(zigbee.code, 0);
  assert.match(
    zigbee.stderr,
    /^ringtap: .*\/zigbee: 27 packets have link type 195, which ringtap cannot read/,
  );

  const none = await replayCommand([path, '--sip.ports', '1,3-4', '--no-sip.detect', '--format', 'none']);
  assert.deepEqual(
    [none.code, none.stdout, none.stderr],
    [
      0,
      '',
      'ringtap: none of 27 packets has a port of --sip.ports 1,3-4; --sip.detect takes what begins like SIP\n',
    ],
  );
});

test('root: works as nobody, without the FFI library and without src/sys, src/ebpf and bpf', async () => {
  using folder = new CaptureFolder();
  chmodSync(folder.path, 0o755);
  const path = folder.write('calls.pcap', capture);
  const copy = join(folder.path, 'ringtap');
  mkdirSync(copy);
  for (const part of ['bin', 'package.json', 'src'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  await runCommand('rm', ['-r', join(copy, 'src/sys'), join(copy, 'src/ebpf')]);
  const args = [
    '--reuid=nobody',
    '--regid=nogroup',
    '--clear-groups',
    '--no-new-privs',
    '--bounding-set=-all',
    '--inh-caps=-all',
  ];
  const node = join(folder.path, 'node');
  cpSync(process.execPath, node, { dereference: true });
  chmodSync(node, 0o755);
  const run = async (...command: string[]) =>
    await (await startCommand('setpriv', [...args, node, join(copy, 'bin/ringtap.js'), ...command])).finished;
  const finished = await run('replay', path);
  assert.deepEqual([finished.code, finished.stderr], [0, '']);
  assert.ok(finished.stdout === (await replayHere(path)).stdout);
  // What was taken away is what a capture needs.
  assert.notEqual((await run('run', '-i', 'lo')).code, 0);
});
