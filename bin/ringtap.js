#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that any Node runs: it finds the Node that `npm ci` brought when the one that was called is too old
// to run TypeScript (engines in package.json).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { engineFlags } from './engine-flags.js';

const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > 24 || (major === 24 && minor >= 15);

if (isNewEnough) {
  // Before anything is compiled, so that the cache fits.
  for (const flag of engineFlags) v8.setFlagsFromString(flag);
  // Stripped and compiled once, at the first start or by `npm ci`: later starts skip the TypeScript stripper, which
  // costs 50 MB of resident memory (docs/decisions/003-run-typescript-with-a-compile-cache.md).
  const cache = fileURLToPath(new URL('../node_modules/.cache/ringtap', import.meta.url));
  module.enableCompileCache(cache);
  process.env.NODE_COMPILE_CACHE = cache; // for workers
  const { main } = await import('../src/cli/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  // Not by node_modules/.bin: npm before 11 makes no link there for a program named node.
  const packaged = `../node_modules/node-${process.platform}-${process.arch}/bin/node`;
  const bundled = fileURLToPath(new URL(packaged, import.meta.url));
  if (!existsSync(bundled)) {
    console.error(
      `ringtap needs Node 24.15 or newer and this is ${process.version}: run "npm ci" in its folder, which brings one`,
    );
    process.exit(1);
  }
  const child = spawn(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
}
