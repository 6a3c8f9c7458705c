// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onExit } from './clean-up.ts';

/**
 * Checks out `revision` of the repository at `root` in a temporary folder that is removed at the end, with today's
 * bench over it: both sides run the same cases, and a case newer than the revision's source just fails there.
 * @throws when git does not know the revision.
 */
export function openWorktree(root: string, revision: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-bench-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  onExit(() => {
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
  });
  git('worktree', 'add', '--detach', '--force', folder, revision);
  rmSync(join(folder, 'bench'), { recursive: true, force: true });
  cpSync(join(root, 'bench'), join(folder, 'bench'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
