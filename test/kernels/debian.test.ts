// SPDX-License-Identifier: Apache-2.0
// Needs root. What differs from kernel to kernel, its verifier and its limits above all, on those of Debian, which run in a
// virtual machine without KVM (scripts/run-on-kernel.sh).
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { toolsFolder } from '../support/newer-tool.ts';

const root = join(import.meta.dirname, '../..');
const files = ['filter', 'fanout', 'privilege'].map((name) => `test/kernel/${name}.test.ts`);

/** How evenly packets are spread is the same on every kernel, and takes long to show. */
const skipped = 'shared evenly';

// A machine keeps one processor busy.
describe('root: filter, fanout and privileges on another kernel', { concurrency: 2 }, () => {
  for (const release of ['bookworm', 'trixie']) test(`Debian ${release}`, () => runOn(release));
});

async function runOn(release: string): Promise<void> {
  const [image = ''] = globSync(`${toolsFolder}/linux-${release}/boot/vmlinuz-*`);
  const version = image.slice(image.indexOf('vmlinuz-') + 'vmlinuz-'.length);
  const script = [
    'uname -r',
    `'${process.execPath}' bin/ringtap.js doctor -i lo --web.listen-address 127.0.0.1:0`,
    `'${process.execPath}' --test --test-concurrency=1 --test-reporter=tap --test-skip-pattern='${skipped}' ${files.join(' ')}`,
  ];
  const machine = [join(root, 'scripts/run-on-kernel.sh'), join(toolsFolder, `linux-${release}`)];
  const said = await runCommand('sh', [...machine, 'sh', '-c', script.join(' && ')], {
    cwd: root,
    timeoutMillis: 600_000,
  });
  assert.ok(said.includes(`\n${version}\n`) || said.startsWith(`${version}\n`), said);
  assert.match(said, /^ok {4}capture: filter loaded/m);
  const [, passed] = /^# pass (\d+)$/m.exec(said) ?? [];
  assert.ok(Number(passed) >= 20, said);
  assert.match(said, /^# fail 0$/m);
}
