// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that any Node runs.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);

/** Whether this Node runs ringtap and its TypeScript (engines in package.json). */
export const isNewEnough = major > 24 || (major === 24 && minor >= 15);

/** Runs a script, with the arguments of this process, on the Node that npm brought with it, and ends as it does. */
export function runOnBundledNode(script) {
  const name = `node-${process.platform}-${process.arch}`;
  let bundled;
  try {
    // Beside this package or in it. Not by node_modules/.bin: npm before 11 makes no link there for a program named node.
    bundled = createRequire(import.meta.url).resolve(`${name}/bin/node`);
  } catch {
    console.error(
      `ringtap needs Node 24.15 or newer and this is ${process.version}: npm brings one, ${name}, unless told to omit optional packages`,
    );
    process.exit(1);
  }
  const child = spawn(bundled, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
}
