// SPDX-License-Identifier: Apache-2.0
import { globSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** Whether what the packages of node_modules have goes into the bundles too. */
type Packages = { readonly withPackages?: boolean };

/**
 * Bundles the program and each of its threads into the folder `dist`, which is made anew.
 */
export async function bundleProgram(dist: string, { withPackages = false }: Packages = {}): Promise<void> {
  const tree = join(import.meta.dirname, '../src');
  rmSync(dist, { recursive: true, force: true });
  const threads = ['cli/demo-traffic.ts', ...globSync('{pipeline,server}/**/*-worker.ts', { cwd: tree })];
  for (const name of ['cli/main.ts', ...threads])
    await bundle(tree, join(tree, name), dist, { withPackages });
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
