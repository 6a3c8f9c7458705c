// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that any Node runs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);

/** Whether this Node runs ringtap and its TypeScript (engines in package.json). */
export const isNewEnough = major > 24 || (major === 24 && minor >= 15);

/** Runs a script, with the arguments of this process, on the Node that `npm ci` brought, and ends as it does. */
export function runOnBundledNode(script) {
  // Not by node_modules/.bin: npm before 11 makes no link there for a program named node.
  const packaged = `../node_modules/node-${process.platform}-${process.arch}/bin/node`;
  const bundled = fileURLToPath(new URL(packaged, import.meta.url));
  if (!existsSync(bundled)) {
    console.error(
      `ringtap needs Node 24.15 or newer and this is ${process.version}: run "npm ci" in its folder, which brings one`,
    );
    process.exit(1);
  }
  const child = spawn(bundled, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
}
