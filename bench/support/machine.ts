// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg, release, totalmem } from 'node:os';

/** One line that names what a result was measured on, and how busy that was before. */
export function machineName(): string {
  const cpu = /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch;
  const hardware = `${cpu}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${hardware}, Linux ${release()}, Node ${process.version}, load ${loadavg()[0]!.toFixed(2)} at the start`;
}

/** Short name of the commit checked out in `folder`, with `+` when the program differs from it. */
export function revisionName(folder: string): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: 'pipe' });
    return (
      git('rev-parse', '--short', 'HEAD').trim() +
      (git('status', '--porcelain', '--', 'src', 'bin', 'bpf') === '' ? '' : '+')
    );
  } catch {
    return 'uncommitted';
  }
}
