// SPDX-License-Identifier: Apache-2.0
import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** Whether what the packages of node_modules have goes into the bundles too. */
type Packages = { readonly withPackages?: boolean };

/** What is started, and what tells whether the rest is there and new (bin/ringtap.js). */
const program = 'cli/main.js';

/**
 * Bundles the program and each of its threads into the folder `dist`. Whoever runs what is there meanwhile finds all its
 * files: `npx ringtap` builds a clone again when it sees it for the first time, and another ringtap may run from it.
 */
export async function bundleProgram(dist: string, { withPackages = false }: Packages = {}): Promise<void> {
  const tree = join(import.meta.dirname, '../src');
  const threads = ['cli/demo-traffic.ts', ...globSync('{pipeline,server}/**/*-worker.ts', { cwd: tree })];
  mkdirSync(dirname(dist), { recursive: true });
  const fresh = mkdtempSync(`${dist}-`); // beside it: what is moved must stay in its file system
  try {
    for (const name of ['cli/main.ts', ...threads])
      await bundle(tree, join(tree, name), fresh, { withPackages });
    replaceFiles(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

/** Moves the files of a folder into another, the program last, and removes what else is there. */
function replaceFiles(from: string, into: string): void {
  const names = globSync('**/*.js', { cwd: from }).filter((name) => name !== program);
  for (const name of [...names, program]) {
    mkdirSync(dirname(join(into, name)), { recursive: true });
    renameSync(join(from, name), join(into, name));
  }
  for (const name of globSync('**/*.js', { cwd: into })) {
    if (name !== program && !names.includes(name)) rmSync(join(into, name), { force: true });
  }
}

/**
 * Bundles the TypeScript file `entry` and all it imports, but for packages, into one JavaScript file, and what is loaded
 * only when it is needed into files beside it. Without borders between modules, because V8 loads and checks what is
 * imported at every use: a packet takes 7 % less (docs/decisions/014-bundles-without-module-borders.md).
 *
 * `tree` is the folder whose files keep their places: `outputTree`/a/b.js comes from `tree`/a/b.ts.
 */
export async function bundle(
  tree: string,
  entry: string,
  outputTree: string,
  { withPackages = false }: Packages = {},
): Promise<string> {
  const name = relative(tree, entry).replace(/\.ts$/, '.js');
  const folder = join(outputTree, dirname(name));
  const build = await rolldown({
    input: entry,
    platform: 'node',
    external: withPackages ? /^node:/ : /^[^./]/,
    plugins: [placesOf(tree, name)],
  });
  await build.write({ dir: folder, entryFileNames: basename(name), chunkFileNames: '[name]-[hash].js' });
  await build.close();
  return join(outputTree, name);
}

/** A module finds files and threads where it would itself stand in the tree of bundles. */
function placesOf(tree: string, bundleName: string): Plugin {
  return {
    name: 'places',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      const place = relative(dirname(bundleName), relative(tree, id)).split(sep).join('/');
      return code
        .replace(/(new URL\('[^']*)\.ts', import\.meta\.url/g, "$1.js', import.meta.url")
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`);
    },
  };
}
