// SPDX-License-Identifier: Apache-2.0
// npm run build:sea [FILE]: build/ringtap, one file with the program, what it needs, and the Node this script runs on.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { engineFlags } from '../bin/engine-flags.js';
import { bundleProgram } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const output = resolve(process.argv[2] ?? join(root, 'build/ringtap'));
const stage = mkdtempSync(join(tmpdir(), 'ringtap-sea-'));
try {
  await bundleProgram(join(stage, 'dist'), { withPackages: true });
  const { arch } = process;
  const assets = {
    ...filesOf(stage, 'dist/**/*.js'),
    ...filesOf(root, 'package.json', 'bpf/build/*.o'),
    // Found by createRequire, so no bundle has them; koffi's native half is a package of its own.
    ...filesOf(root, 'node_modules/{koffi,mmdb-lib}/{*,lib/**/*,src/**/*}.{js,cjs,json}'),
    ...filesOf(root, `node_modules/@koromix/koffi-linux-${arch}/{*.js,*.json,linux_${arch}/*.node}`),
    // Licences ask to go with the program.
    ...filesOf(root, 'LICENSE', 'node_modules/{bcryptjs,koffi,mmdb-lib,node-linux-*,yaml,zod}/LICENSE*'),
  };
  const configuration = join(stage, 'sea.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      main: join(root, 'scripts/sea-main.js'),
      mainFormat: 'module',
      executable: strippedNode(stage),
      output,
      assets,
      useVfs: true,
      disableExperimentalSEAWarning: true,
      execArgv: engineFlags,
    }),
  );
  mkdirSync(dirname(output), { recursive: true });
  execFileSync(process.execPath, ['--build-sea', configuration], { stdio: ['ignore', 'ignore', 'inherit'] });
} finally {
  rmSync(stage, { recursive: true });
}
console.log(`${output}: ${Math.round(statSync(output).size / 1e6)} MB`);

/** Node without what a debugger reads, a fifth of it; as it is where there is no strip(1). */
function strippedNode(folder: string): string {
  const stripped = join(folder, 'node');
  try {
    execFileSync('strip', ['--strip-unneeded', '-o', stripped, process.execPath]);
    return stripped;
  } catch {
    return process.execPath;
  }
}

/** Files by the name they have in the program. */
function filesOf(folder: string, ...patterns: string[]): Record<string, string> {
  return Object.fromEntries(globSync(patterns, { cwd: folder }).map((name) => [name, join(folder, name)]));
}
