// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithThisProcess, onExit } from '../support/clean-up.ts';
import { parseSamples, type Samples } from '../support/samples.ts';

const program = join(import.meta.dirname, '../../bin/ringtap.js');
const url = 'http://127.0.0.1:10060';
/** USER_HZ, which the kernel fixes at 100 for user space (proc_pid_stat(5)). */
const ticksPerSecond = 100;
const startLimitMillis = 10_000;

/** The real program, started as a user would, watched through /proc and its own /metrics. */
export class RingtapProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `ringtap run` with options and waits until it is ready. `cores` as in taskset(1), '' for any. */
  static async start(options: readonly string[], cores: string): Promise<RingtapProcess> {
    const [command, ...args] = [
      ...endsWithThisProcess,
      ...(cores === '' ? [] : ['taskset', '-c', cores]),
      ...[process.execPath, program, 'run', ...options],
    ];
    const child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    onExit(() => child.kill('SIGKILL'));
    const started = performance.now();
    for (;;) {
      const ready = await fetch(`${url}/-/ready`).catch(() => undefined);
      if (ready?.ok) return new RingtapProcess(child);
      if (child.exitCode !== null) throw new Error(`ringtap ended with code ${child.exitCode}`);
      if (performance.now() - started > startLimitMillis) throw new Error('ringtap was not ready in 10 s');
      await sleep(100);
    }
  }

  /** Seconds of CPU of all its threads since it started, in user and kernel mode. */
  cpuSeconds(): number {
    return cpuSecondsIn(`/proc/${this.#child.pid}/stat`);
  }

  /** The same of the main thread, which answers scrapes. */
  mainThreadCpuSeconds(): number {
    return cpuSecondsIn(`/proc/${this.#child.pid}/task/${this.#child.pid}/stat`);
  }

  /** A size of /proc/PID/status, such as `VmRSS`, in bytes. */
  memoryBytes(field: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  }

  /** Scrapes /metrics. */
  async samples(): Promise<Samples> {
    return parseSamples(await this.exposition());
  }

  /** Scrapes /metrics, unread. */
  async exposition(): Promise<string> {
    return (await fetch(`${url}/metrics`)).text();
  }

  /** Stops it with SIGTERM. @throws when it does not end with code 0 within 5 seconds. */
  async stop(): Promise<void> {
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const code = await Promise.race([ended, sleep(5000, 'time-out', { ref: false })]);
    if (code !== 0) throw new Error(`ringtap did not stop cleanly: ${code}`);
  }
}

/** Seconds of CPU of a process or thread, by its proc_pid_stat(5). */
function cpuSecondsIn(path: string): number {
  const stat = readFileSync(path, 'utf8');
  // Fields 14 and 15, counted behind the command's closing parenthesis, which is the end of field 2.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
