// SPDX-License-Identifier: Apache-2.0
// Needs root: it gives up root. The real command, as a user without any capability, on loopback.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { killAndWait, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { ascii } from '../support/udp-frame.ts';
import { encode } from './packets.ts';
import { sendUdp } from './receiver.ts';

const program = join(import.meta.dirname, '../../bin/ringtap.js');
const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all'];
const args = ['-i', 'none', '--hep.listen-address', 'udp:0', '--web.listen-address', '127.0.0.1:0'];

test('root: HEP is received without any privilege; it starts, counts and stops', async () => {
  const running = await startCommand('setpriv', [...asNobody, process.execPath, program, 'run', ...args]);
  try {
    const metrics = await waitUntil(
      'it serves',
      () => /url=(\S+)/.exec(running.stderr())?.[1],
      15_000,
      running.stderr,
    );
    const [, port] = /msg="receiving HEP" address=udp:127\.0\.0\.1:(\d+)/.exec(running.stderr())!;
    await sendUdp(Number(port), [encode(ascii('\r\n\r\n'), { micros: Date.now() * 1000 })]);
    await waitUntil('it counts', async () => {
      const text = await (await fetch(metrics)).text();
      return (
        text.includes('sip_keepalives_total{interface="hep",direction="unknown",type="crlf"} 1') || undefined
      );
    });
    assert.equal((await fetch(new URL('/-/ready', metrics))).status, 200);
  } finally {
    const { code, signal } = await killAndWait(running, 'SIGTERM');
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
  }
});

test('root: doctor asks for no privilege where nothing is captured', async () => {
  const running = await startCommand('setpriv', [...asNobody, process.execPath, program, 'doctor', ...args]);
  const { code, stdout, stderr } = await running.finished;
  assert.equal(code, 0, stdout + stderr);
  assert.doesNotMatch(stdout, /CAP_|FAIL/);
  assert.match(stdout, /^ok +address udp:127\.0\.0\.1:0: is free$/m);
});

test('doctor says which address cannot be had', async () => {
  const taken = ['--hep.listen-address', 'tcp:192.0.2.1:9060', '--hep.listen-address', 'udp:192.0.2.1:9060'];
  const running = await startCommand(process.execPath, [program, 'doctor', ...args, ...taken]);
  const { code, stdout } = await running.finished;
  assert.equal(code, 1);
  for (const transport of ['tcp', 'udp']) {
    assert.match(
      stdout,
      new RegExp(`^FAIL +address ${transport}:192.0.2.1:9060: cannot be used .EADDRNOTAVAIL.`, 'm'),
    );
  }
});

test('an address that cannot be had ends the command with a sentence', async () => {
  const running = await startCommand(process.execPath, [
    ...[program, 'run', '-i', 'none', '--web.listen-address', '127.0.0.1:0'],
    ...['--hep.listen-address', 'tcp:192.0.2.1:9060'],
  ]);
  const { code, stderr } = await running.finished;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^ringtap: Cannot receive HEP on tcp:192\.0\.2\.1:9060: this machine has no such address/m,
  );
});
