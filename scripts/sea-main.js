// SPDX-License-Identifier: Apache-2.0
// Where the single executable of build-sea.ts begins. Node shows the main thread the embedded files as files; a worker
// thread does so for itself, at the same place, before its module is loaded (docs/decisions/019-one-file.md).
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import workerThreads from 'node:worker_threads';

const root = fileURLToPath(new URL('.', import.meta.url));

workerThreads.Worker = class EmbeddedWorker extends workerThreads.Worker {
  /** @param {URL} module */
  constructor(module, options = {}) {
    const file = fileURLToPath(module).slice(root.length);
    super(`(${loadEmbedded})(${JSON.stringify(file)})`, {
      ...options,
      eval: true,
      execArgv: ['--experimental-vfs', '--disable-warning=ExperimentalWarning'],
    });
  }
};
syncBuiltinESMExports();

/** Runs in the worker, from its source text. */
function loadEmbedded(/** @type {string} */ file) {
  const { dirname, join } = require('node:path');
  const { getAssetKeys, getRawAsset } = require('node:sea');
  const files = require('node:vfs').create();
  for (const name of getAssetKeys()) {
    files.mkdirSync(dirname(`/${name}`), { recursive: true });
    files.writeFileSync(`/${name}`, Buffer.from(getRawAsset(name)));
  }
  return import(join(files.mount(), file));
}

const { main } = await import('./dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));
