// SPDX-License-Identifier: Apache-2.0
// npm run build [FOLDER]: dist/, one JavaScript file for the program and one for each of its threads.
import { globSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const tree = join(root, 'src');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(dist, { recursive: true, force: true });
const threads = ['cli/demo-traffic.ts', ...globSync('{pipeline,server}/**/*-worker.ts', { cwd: tree })];
for (const name of ['cli/main.ts', ...threads]) await bundle(tree, join(tree, name), dist);
