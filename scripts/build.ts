// SPDX-License-Identifier: Apache-2.0
// npm run build [FOLDER]: dist/, one JavaScript file for the program and one for each of its threads.
import { join, resolve } from 'node:path';
import { bundleProgram } from './bundle.ts';

await bundleProgram(resolve(process.argv[2] ?? join(import.meta.dirname, '../dist')));
