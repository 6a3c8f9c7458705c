// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runCommand } from '../support/command.ts';

const script = join(import.meta.dirname, '../../scripts/build.ts');

test('built again, by two at a time: what runs from it finds every file at any time', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-build-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const dist = join(folder, 'dist');
  await runCommand(process.execPath, [script, dist]);
  const files = globSync('**/*.js', { cwd: dist }).sort();
  assert.ok(files.includes('cli/main.js') && files.includes('pipeline/capture-worker.js'));
  const stale = join(dist, 'cli/stale.js');
  writeFileSync(stale, '');

  let building = true;
  const again = [script, script].map((name) => runCommand(process.execPath, [name, dist]));
  const built = Promise.all(again).finally(() => {
    building = false;
  });
  let looks = 0;
  for (; building; looks++) {
    for (const name of files) assert.ok(existsSync(join(dist, name)), name);
    await turn();
  }
  await built;
  assert.ok(looks > 10);
  assert.deepEqual(globSync('**/*.js', { cwd: dist }).sort(), files);
  assert.deepEqual(readdirSync(folder), ['dist'], 'nothing else is left');
});
