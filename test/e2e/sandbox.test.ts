// SPDX-License-Identifier: Apache-2.0
// Needs root. What deploy/ allows ringtap is enough: the system calls of the unit and of the seccomp profile are enforced by the
// kernel while real calls are counted. With a container engine and with systemd: deploy/docker/try.sh, deploy/debian/try.sh.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { makeSyscallFilter, systemdCalls } from '../support/syscall-filter.ts';
import { countCallsWithCapabilities } from './counted-calls.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/ringtap.js');
const unit = join(root, 'deploy/systemd/ringtap.service');

/** Real calls are counted where only these system calls are allowed. */
async function checkThatItRuns(t: TestContext, calls: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-sandbox-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const filter = await makeSyscallFilter(folder, calls);
  await countCallsWithCapabilities([filter, process.execPath, program], (pid) => {
    assert.match(readFileSync(`/proc/${pid}/status`, 'latin1'), /^Seccomp:\t2$/m);
  });
}

test('root: the system calls of the systemd unit are enough', async (t) => {
  // As systemd reads them, line by line.
  const allowed = new Set<string>(await systemdCalls('@default'));
  for (const [, list] of readFileSync(unit, 'utf8').matchAll(/^SystemCallFilter=(.*)$/gm)) {
    const isTaken = list!.startsWith('~');
    for (const word of list!.replace('~', '').split(' ')) {
      const names = word.startsWith('@') ? await systemdCalls(word) : [word];
      for (const name of names) isTaken ? allowed.delete(name) : allowed.add(name);
    }
  }
  assert.ok(!allowed.has('mount') && !allowed.has('setuid') && !allowed.has('ptrace'));
  await checkThatItRuns(t, [...allowed]);
});

test('root: the system calls of the seccomp profile are enough', async (t) => {
  const profile = JSON.parse(readFileSync(join(root, 'deploy/seccomp/ringtap.json'), 'utf8')) as {
    defaultAction: string;
    syscalls: { names: string[]; action: string }[];
  };
  assert.equal(profile.defaultAction, 'SCMP_ACT_ERRNO');
  const names = profile.syscalls.flatMap((entry) => entry.names);
  for (const dangerous of [
    'mount',
    'ptrace',
    'unshare',
    'io_uring_setup',
    'init_module',
    'keyctl',
    'perf_event_open',
  ]) {
    assert.ok(!names.includes(dangerous), dangerous);
  }
  await checkThatItRuns(t, names);
});

test('the unit exposes at most 2.0 by systemd-analyze, which finds nothing wrong in it', async () => {
  const text = await runCommand('systemd-analyze', [
    'security',
    '--offline=true',
    '--no-pager',
    '--threshold=20',
    unit,
  ]);
  assert.match(text, /Overall exposure level for ringtap\.service: [01]\.\d|: 2\.0/);
});
