// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';

/** What a finished program left behind. `code` is null where a signal ended it. */
export type Finished = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A program under way; its output is kept as far as it has come. */
export type Running = {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the program has ended and its pipes are closed, whatever its exit code. */
  readonly finished: Promise<Finished>;
  stdout(): string;
  stderr(): string;
};

/** How to start a program. `namespace` names a network namespace made with `ip netns add`. */
export type CommandOptions = {
  readonly namespace?: string;
  readonly input?: string;
  readonly cwd?: string;
  /** The program is killed after this time, so that nothing a test starts outlives it. */
  readonly timeoutMillis?: number;
};

/**
 * Starts a program, in a network namespace if one is named. The programs in front replace themselves with it,
 * so the pid is its own.
 */
export function startCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Running> {
  const inNamespace = options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace];
  // The kernel kills the program when this process dies, also by SIGKILL (PR_SET_PDEATHSIG).
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inNamespace, command, ...args], {
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMillis ?? 60_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that ends without reading its input closes the pipe; its exit code tells more than EPIPE.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () =>
      resolve({ pid: child.pid!, child, finished, stdout: () => stdout, stderr: () => stderr }),
    );
  });
}

/** Runs a program to its end and returns its standard output. Throws with all it said where it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const running = await startCommand(command, args, options);
  const { code, signal, stdout, stderr } = await running.finished;
  if (code !== 0) {
    const why = signal === null ? `exit code ${code}` : `signal ${signal}`;
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${stdout}${stderr}`);
  }
  return stdout;
}

/** Kills a program of this test, if it still runs, and waits for its end. */
export async function killAndWait(running: Running, signal: NodeJS.Signals = 'SIGKILL'): Promise<Finished> {
  running.child.kill(signal);
  return await running.finished;
}
