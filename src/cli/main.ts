// SPDX-License-Identifier: Apache-2.0
import { CaptureError } from '../capture/open-capture.ts';
import { parseConfig } from '../config/config.ts';
import { formatOptions, runOptions } from '../config/options.ts';
import { ConfigError } from '../config/values.ts';
import { ListenError } from '../server/listen-address.ts';
import { SystemError } from '../sys/system-error.ts';
import { CommandError } from './command-error.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { run } from './run.ts';
import { version } from './version.ts';

const help = (): string => `ringtap ${version()}: SIP traffic in, Prometheus metrics out

Usage: ringtap COMMAND [OPTIONS]

Commands:
  run       capture SIP from interfaces and serve metrics
  doctor    say what is right here and what to do, for the same options as run
  demo      show it at work on generated calls, in a network namespace of its own
  version   print the version
  help      print this

Options of run, doctor and demo:
${formatOptions(runOptions)}

Examples:
  ringtap run -i eth0 --sip.ports 5060,5080-5090
  curl http://127.0.0.1:10060/metrics
`;

/** Runs one command line. Returns the exit code: 0, 1 for what went wrong, 2 for a command line that is wrong. */
export async function main(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args;
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    if (command === 'version' || command === '--version') {
      print(`ringtap ${version()} (Node ${process.versions.node})`);
      return 0;
    }
    if (command === 'help' || command === '--help' || command === '-h' || rest.some(asksForHelp)) {
      print(help());
      return 0;
    }
    switch (command) {
      case 'run':
        return await run(parseConfig(rest, runOptions));
      case 'doctor':
        return await doctor(parseConfig(rest, runOptions), print);
      case 'warm-up':
        // Called by `npm ci`: fills the compile cache with what threads other than this one load.
        await import('../pipeline/capture-worker.ts');
        return 0;
      case 'demo':
        return await demo(parseConfig(rest, runOptions), print);
    }
    throw new ConfigError(`there is no command "${command}": see ringtap help`);
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, 2);
    if (
      error instanceof CaptureError ||
      error instanceof SystemError ||
      error instanceof CommandError ||
      error instanceof ListenError
    ) {
      return complain(error.message, 1);
    }
    throw error;
  }
}

const asksForHelp = (arg: string): boolean => arg === '--help' || arg === '-h';

function complain(message: string, exitCode: number): number {
  process.stderr.write(`ringtap: ${message}\n`);
  return exitCode;
}
