#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that any Node runs: it finds the Node that `npm ci` brought when the one that was called is too old.
import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { engineFlags } from './engine-flags.js';
import { isNewEnough, runOnBundledNode } from './node-to-run-with.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const built = join(root, 'dist/cli/main.js');

if (isNewEnough) {
  // For the program that this one becomes: npx comes by a link, which under sudo is in a folder that only root can read.
  process.argv[1] = fileURLToPath(import.meta.url);
  // Before anything is compiled, so that the cache fits.
  for (const flag of engineFlags) v8.setFlagsFromString(flag);
  // systemd names a folder (CacheDirectory=). Where none can be written, there is no cache.
  const cache =
    process.env.NODE_COMPILE_CACHE ||
    process.env.CACHE_DIRECTORY ||
    join(root, 'node_modules/.cache/ringtap');
  module.enableCompileCache(cache);
  process.env.NODE_COMPILE_CACHE = cache; // for workers
  process.env.RINGTAP_FROM ??= isBuilt() ? 'dist' : 'src'; // for the program that this one becomes
  const { main } = await import(
    process.env.RINGTAP_FROM === 'dist' ? '../dist/cli/main.js' : '../src/cli/main.ts'
  );
  process.exitCode = await main(process.argv.slice(2));
} else runOnBundledNode(fileURLToPath(import.meta.url));

/** Whether what `npm ci` built is there and as new as the source, which a package does not have. */
function isBuilt() {
  const builtMillis = statSync(built, { throwIfNoEntry: false })?.mtimeMs;
  if (builtMillis === undefined || !existsSync(source)) return builtMillis !== undefined;
  return readdirSync(source, { recursive: true }).every(
    (name) => !/(?<!\.test)\.ts$/.test(name) || statSync(join(source, name)).mtimeMs <= builtMillis,
  );
}
