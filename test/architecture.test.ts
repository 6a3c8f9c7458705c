// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

// The rules of docs/architecture.md, as a program.

/** Folders of src/ in the order of the data flow: a folder imports only from itself and from those before it. */
const order = [
  'base',
  'sys',
  'ebpf',
  'capture',
  'decode',
  'tls',
  'hep',
  'sip',
  'rtp',
  'sdp',
  'state',
  'media',
  'abuse',
  'metrics',
  'exposition',
  'crypto',
  'pipeline',
  'server',
  'config',
  'cli',
];
/** No clock, no input or output: the same packets give the same figures. */
const pure = [
  'base',
  'decode',
  'tls',
  'hep',
  'sip',
  'rtp',
  'sdp',
  'state',
  'media',
  'abuse',
  'metrics',
  'exposition',
];
/** Kernel and pure tower meet in pipeline/ and above only. */
const kernel = ['sys', 'ebpf', 'capture'];
const MAX_LINES = 600;

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = globSync('src/**/*.ts', { cwd: root }).sort();
const production = sources.filter((file) => !file.endsWith('.test.ts'));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const folderOf = (file: string): string => file.split('/')[1]!;

/** What a file imports: packages by name, own files by their path from the root. */
function importsOf(file: string): string[] {
  const text = read(file);
  const statements = /^(?:import|export)\b[^'";]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
  const specifiers = [...text.matchAll(statements)].map((match) => (match[1] ?? match[2] ?? match[3])!);
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? relative(root, resolve(join(root, dirname(file)), specifier)) : specifier,
  );
}

test('there is something to check', () => {
  assert.ok(production.length > 40, `${production.length} files`);
  assert.deepEqual(importsOf('src/pipeline/live.ts').includes('src/capture/open-capture.ts'), true);
});

test('every folder of src/ has its place in the order', () => {
  const folders = [...new Set(sources.map(folderOf))];
  assert.deepEqual(folders.sort(), [...order].sort());
});

test('a folder imports only from itself and from folders before it', () => {
  for (const file of production) {
    for (const imported of importsOf(file)) {
      if (!imported.startsWith('src/')) continue;
      assert.ok(existsSync(join(root, imported)), `${file} imports ${imported}, which is not there`);
      const [from, to] = [folderOf(file), folderOf(imported)];
      assert.ok(order.indexOf(to) <= order.indexOf(from), `${file} imports ${imported}`);
      const isMeeting = pure.includes(from) && kernel.includes(to) && from !== to;
      assert.ok(!isMeeting, `${file} of the pure tower imports ${imported} of the kernel tower`);
      const isMixing = kernel.includes(from) && pure.includes(to) && to !== 'base';
      assert.ok(!isMixing, `${file} of the kernel tower imports ${imported} of the pure tower`);
    }
  }
});

test('no file imports itself in a circle', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `a circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const imported of importsOf(file)) if (imported.startsWith('src/')) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of production) visit(file, []);
});

test('the pure tower uses no Node module, clock, randomness or global input and output', () => {
  const forbidden =
    /\b(Date|performance|setTimeout|setInterval|process|console|fetch|crypto|Math\.random|globalThis)\b/;
  for (const file of production.filter((name) => pure.includes(folderOf(name)))) {
    for (const imported of importsOf(file)) {
      assert.ok(imported.startsWith('src/'), `${file} imports ${imported}`);
    }
    const code = read(file)
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll(/\/\/.*$/gm, '')
      .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
    assert.doesNotMatch(code, forbidden, file);
  }
});

test('only src/sys uses the foreign function interface', () => {
  for (const file of production) {
    if (importsOf(file).includes('koffi')) assert.equal(folderOf(file), 'sys', file);
  }
});

test('every source file names its licence first and is at most 600 lines long', () => {
  const files = globSync('{src,test,bench,scripts}/**/*.ts', { cwd: root, exclude: ['**/node_modules/**'] });
  assert.ok(files.length > production.length);
  for (const file of files) {
    const lines = read(file).split('\n');
    assert.match(lines[0]!, /^(#!.*|\/\/ SPDX-License-Identifier: Apache-2\.0)$/, file);
    assert.ok(lines.length <= MAX_LINES, `${file} has ${lines.length} lines`);
  }
  for (const file of globSync('bpf/*.{c,h}', { cwd: root })) {
    assert.match(read(file), /SPDX-License-Identifier: \(?GPL-2\.0 OR BSD-2-Clause\)?/, file);
  }
});
