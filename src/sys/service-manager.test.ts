// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { notifyServiceManager, watchdogMillis } from './service-manager.ts';

/** Node has no datagram sockets of the file system, so Python receives: it prints what it got. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind("\\0" + name[1:] if name[0] == "@" else name)
print("bound", flush=True)
print(repr(s.recv(1000)), flush=True)
`;

test('a state reaches the socket that systemd names, in the file system or abstract', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-notify-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of [join(folder, 'socket'), `@ringtap-notify-${process.pid}`]) {
    const python = spawn('python3', ['-c', receiver, name]);
    t.after(() => python.kill());
    const lines = createInterface(python.stdout)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'bound');
    process.env['NOTIFY_SOCKET'] = name;
    assert.equal(notifyServiceManager('READY=1\nSTATUS=\u00e4'), true);
    assert.equal((await lines.next()).value, "b'READY=1\\nSTATUS=\\xc3\\xa4'");
  }
  delete process.env['NOTIFY_SOCKET'];
});

test('without a socket, or one that cannot be, nothing is told and nothing thrown', () => {
  for (const name of [
    undefined,
    '',
    '/',
    'relative',
    '/no/such/socket',
    `/${'x'.repeat(200)}`,
    'vsock:2:1',
  ]) {
    if (name === undefined) delete process.env['NOTIFY_SOCKET'];
    else process.env['NOTIFY_SOCKET'] = name;
    assert.equal(notifyServiceManager('READY=1'), false, String(name));
  }
  delete process.env['NOTIFY_SOCKET'];
});

test('the watchdog is of this process or of none', () => {
  assert.equal(watchdogMillis({ WATCHDOG_USEC: '30000000' }, 7), 30_000);
  assert.equal(watchdogMillis({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 7), 30_000);
  assert.equal(watchdogMillis({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, 7), 0);
  for (const micros of ['', 'x', '-1', '1e99']) assert.equal(watchdogMillis({ WATCHDOG_USEC: micros }, 7), 0);
});
