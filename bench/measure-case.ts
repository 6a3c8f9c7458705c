// SPDX-License-Identifier: Apache-2.0
// node --expose-gc bench/measure-case.ts bench/cases/scan/invite-480.ts     (run.ts gives it a bundle of the case)
//
// Measures one case and prints a JSON line. One case a process: code that two cases share would be compiled for
// both, turn megamorphic and be slower than in the program.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';

/** What a file in bench/cases exports by default: a function that prepares the data and returns this. */
export interface BenchCase {
  /** What one unit of work is; a packet where nothing else is said. */
  readonly unit?: string;
  /** Units of work in one pass. */
  readonly units: number;
  /** Does one pass. Throws when the work was not done right: a fast wrong answer is not a result. */
  pass(): void;
}

/** What this program prints. */
export interface Measurement {
  readonly unit: string;
  /** Nanoseconds a unit, one value a round. */
  readonly nanoseconds: number[];
  /** Bytes allocated on the JavaScript heap a unit, one value a round. */
  readonly allocatedBytes: number[];
}

const warmUpMillis = 700;
const rounds = 7;
const roundMillis = 150;

/**
 * Runs `passes` passes; returns the CPU milliseconds of this thread, which other programs do not lengthen. The
 * kernel counts them in steps of a few milliseconds: a round must last much longer.
 */
function time(benchCase: BenchCase, passes: number): number {
  const before = process.threadCpuUsage();
  for (let pass = 0; pass < passes; pass++) benchCase.pass();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Bytes that `passes` passes allocate. V8 counts them whatever the collector does in between, down to a single
 * HeapNumber, but in steps of an allocation buffer and with what the call itself takes.
 */
function allocated(benchCase: BenchCase, passes: number): number {
  const before = getHeapStatistics().total_allocated_bytes;
  for (let pass = 0; pass < passes; pass++) benchCase.pass();
  return getHeapStatistics().total_allocated_bytes - before;
}

function measure(benchCase: BenchCase): Measurement {
  const warmUpStarted = performance.now();
  let warmUpPasses = 0;
  for (; performance.now() - warmUpStarted < warmUpMillis || warmUpPasses < 3; warmUpPasses++)
    benchCase.pass();
  const passes = Math.ceil((warmUpPasses * roundMillis) / (performance.now() - warmUpStarted));
  const nanoseconds: number[] = [];
  const allocatedBytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    nanoseconds.push((time(benchCase, passes) * 1e6) / passes / benchCase.units);
    // The difference of two lengths is free of what is constant in `allocated`.
    const short = allocated(benchCase, passes);
    const long = allocated(benchCase, 2 * passes);
    allocatedBytes.push((long - short) / passes / benchCase.units);
  }
  return { unit: benchCase.unit ?? 'packet', nanoseconds, allocatedBytes };
}

const path = process.argv[2];
if (path === undefined) throw new Error('say which case: bench/cases/STAGE/CASE.ts');
const { default: prepare } = (await import(pathToFileURL(resolve(path)).href)) as {
  default: () => BenchCase;
};
console.log(JSON.stringify(measure(prepare())));
