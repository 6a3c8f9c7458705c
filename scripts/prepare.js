// SPDX-License-Identifier: Apache-2.0
// What npm runs after `npm ci`, on any Node: builds dist/ where the tools for it are installed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNewEnough, runOnBundledNode } from '../bin/node-to-run-with.js';

if (!existsSync(new URL('../node_modules/rolldown', import.meta.url))) {
  console.log(
    'ringtap: rolldown is not installed, so dist/ is not built: it runs from its source, a little slower',
  );
} else if (isNewEnough) await import('./build.ts');
else runOnBundledNode(fileURLToPath(import.meta.url));
