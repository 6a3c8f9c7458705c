// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineFlags } from '../bin/engine-flags.js';
import { bundle } from '../scripts/bundle.ts';
import type { Measurement } from './measure-case.ts';
import { outputOf } from './support/child-output.ts';
import { machineName, revisionName } from './support/machine.ts';
import { median, table } from './support/statistics.ts';
import { openWorktree } from './support/worktree.ts';

const root = join(import.meta.dirname, '..');
const usage = `npm run bench -- [--case TEXT]… [--against REVISION] [--processes 3] [--write]
  --case TEXT         only cases whose name (stage/case) contains TEXT; end-to-end/… needs root
  --against REVISION  measures that revision too, its processes between those of the working tree
  --processes N       processes a case, of seven rounds each: median and best of all rounds
  --write             writes bench/RESULTS.md
For an end-to-end run of your own: node bench/end-to-end/run.ts --help
Memory under a flood of INVITEs:   node bench/flood/run.ts --help
The longest pause of the worker:   node bench/pauses/run.ts`;

/** Runs Node on a script under `folder`; its errors go to this terminal. */
function runScript(folder: string, args: string[]): Promise<{ text: string; ok: boolean }> {
  return outputOf(spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] }));
}

interface Result {
  unit: string;
  /** Median of all rounds. */
  nanoseconds: number;
  /** The fastest round: what others do on the machine only ever adds time, so comparisons use this one. */
  bestNanoseconds: number;
  allocatedBytes: number;
}

/** Measures a case in `folders` (working tree, then the other revision), alternating; undefined where it fails. */
async function measureCase(
  name: string,
  folders: string[],
  processes: number,
): Promise<(Result | undefined)[]> {
  const found = folders.map((): Measurement[] => []);
  const broken = new Set<string>();
  // As the program is run: see bundle().
  const bundles = await Promise.all(
    folders.map((folder) =>
      bundle(folder, join(folder, `bench/cases/${name}.ts`), join(folder, 'bench/out')),
    ),
  );
  for (let run = 0; run < processes; run++) {
    for (const [side, folder] of folders.entries()) {
      if (broken.has(folder)) continue;
      const args = ['--expose-gc', ...engineFlags, 'bench/measure-case.ts', bundles[side]!];
      const { text, ok } = await runScript(folder, args);
      if (ok) found[side]!.push(JSON.parse(text) as Measurement);
      else broken.add(folder);
    }
  }
  return found.map((measurements, side) =>
    broken.has(folders[side]!)
      ? undefined
      : {
          unit: measurements[0]!.unit,
          nanoseconds: median(measurements.flatMap((measurement) => measurement.nanoseconds)),
          bestNanoseconds: Math.min(...measurements.flatMap((measurement) => measurement.nanoseconds)),
          allocatedBytes: median(measurements.flatMap((measurement) => measurement.allocatedBytes)),
        },
  );
}

/** One table of all micro cases, figures a unit. A negative byte count is noise of the measurement, shown as 0. */
async function measureCases(names: string[], folders: string[], processes: number): Promise<string> {
  const rows: string[][] = [];
  for (const name of names) {
    const [now, old] = await measureCase(name, folders, processes);
    if (now === undefined) process.exitCode = 1;
    const cells = figures(now);
    if (folders.length > 1) {
      const change =
        now && old ? `${((now.bestNanoseconds / old.bestNanoseconds - 1) * 100).toFixed(1)} %` : '-';
      cells.push(...figures(old), change);
    }
    rows.push([name, now?.unit ?? '-', ...cells]);
    console.error(`bench: ${rows.at(-1)!.join('  ')}`);
  }
  const header = ['case', 'unit', 'ns', 'best ns', 'bytes allocated'];
  if (folders.length > 1) header.push('old ns', 'old best', 'old bytes', 'change');
  return table(header, rows);
}

function figures(result: Result | undefined): string[] {
  if (result === undefined) return ['failed', 'failed', 'failed'];
  const { nanoseconds, bestNanoseconds, allocatedBytes } = result;
  return [nanoseconds.toFixed(1), bestNanoseconds.toFixed(1), Math.max(0, allocatedBytes).toFixed(2)];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true, default: [''] },
      against: { type: 'string' },
      processes: { type: 'string', default: '3' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const wanted = (name: string) => values.case.some((text) => name.includes(text));
  const names = globSync('**/*.ts', { cwd: join(import.meta.dirname, 'cases') })
    .map((path) => path.slice(0, -'.ts'.length))
    .sort()
    .filter(wanted);
  const endToEnd = ['end-to-end/sustained', 'end-to-end/highest-rate'].filter(wanted);
  if (names.length + endToEnd.length === 0) throw new Error(`no case is called so\n${usage}`);

  const folders = [root];
  if (values.against !== undefined) folders.push(openWorktree(root, values.against));
  const parts = [`${machineName()}; ringtap ${folders.map(revisionName).join(' against ')}`];
  if (names.length > 0) parts.push(await measureCases(names, folders, Number(values.processes)));
  for (const name of endToEnd) {
    const args = ['bench/end-to-end/run.ts', '--mode', name.slice('end-to-end/'.length)];
    const { text, ok } = await runScript(root, args);
    if (!ok) process.exitCode = 1;
    parts.push(ok ? text : `${text}\n${name} failed.`);
  }
  const text = parts.map((part) => part.trim()).join('\n\n');
  console.log(text);
  if (values.write) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), `# Bench results\n\n${text}\n`);
}

await main().catch((error: Error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
