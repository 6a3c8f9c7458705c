// SPDX-License-Identifier: Apache-2.0
import type { CommandLine } from '../config/command-line.ts';
import { configOf } from '../config/config.ts';
import { formatOptions } from '../config/format-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { loadOptions } from '../config/load-options.ts';
import type { OptionDefinition } from '../config/option-definition.ts';
import { replayOnlyOptions, replayOptions, replaySections, runOptions } from '../config/options.ts';
import { replayConfigOf } from '../config/replay-config.ts';
import { ConfigError } from '../config/values.ts';
import { version } from './version.ts';

const help = (): string => `ringtap ${version()}: SIP traffic in, Prometheus metrics out

Usage: ringtap COMMAND [OPTIONS]

Commands:
  run       capture SIP from interfaces and serve metrics
  replay    read capture files (pcap, pcapng, also in gzip) and print their metrics, or what happens in them
  doctor    say what is right here and what to do, for the same options as run
  demo      show it at work on generated calls, in a network namespace of its own
  config    check FILE: say what is wrong with a configuration file; show: print every option as run would have it;
            schema: print the JSON Schema of the file
  version   print the version
  help      print this

Options of run, doctor and demo:
${formatOptions(runOptions)}

Each option is also a variable of the environment, such as RINGTAP_SIP_PORTS, and has its place in the file of
--config.file; see docs/configuration.md.

Options of replay, beside those of ${replaySections.join(', ')},
--capture.duplicate-window, --capture.tunnels, --capture.max-tunnel-depth and --hep.clock-tolerance:
${formatOptions(replayOnlyOptions)}

Examples:
  ringtap run -i eth0 --sip.ports 5060,5080-5090
  curl http://127.0.0.1:10060/metrics
  ringtap replay --trace calls.pcap | grep attempt
`;

/**
 * Errors whose message is a sentence for the user. By name, because some of their modules load the foreign function
 * interface, and a command that captures nothing must work without it.
 */
const sentences: ReadonlySet<string> = new Set([
  'CaptureError',
  'CaptureFileError',
  'CommandError',
  'HepListenError',
  'KeyLogError',
  'ListenError',
  'SystemError',
  'WebConfigError',
]);

/** Runs one command line. Returns the exit code: 0, 1 for what went wrong, 2 for a command line that is wrong. */
export async function main(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args;
  process.stdout.on('error', endWithReader);
  try {
    if (command === 'version' || command === '--version') {
      print(`ringtap ${version()} (Node ${process.versions.node})`);
      return 0;
    }
    if (command === 'help' || command === '--help' || command === '-h' || rest.some(asksForHelp)) {
      print(help());
      return 0;
    }
    return await runCommand(command, rest);
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, 2);
    if (error instanceof Error && sentences.has(error.name)) return complain(error.message, 1);
    throw error;
  }
}

/** A command loads what it needs and nothing else: replay works where nothing can be captured. */
async function runCommand(command: string, args: readonly string[]): Promise<number> {
  switch (command) {
    case 'run':
      return await (await import('./run.ts')).run(await loadConfig(args, process.env), () =>
        loadConfig(args, process.env),
      );
    case 'replay':
      return await (await import('./replay.ts')).replay(
        replayConfigOf(await load(args, replayOptions)),
        write,
        warn,
      );
    case 'doctor':
      return await (await import('./doctor.ts')).doctor(configOf(await load(args, runOptions)), print);
    case 'demo':
      return await (await import('./demo.ts')).demo(configOf(await load(args, runOptions)), print);
    case 'config':
      return await (await import('./config-command.ts')).configCommand(args, process.env, write);
  }
  throw new ConfigError(`there is no command "${command}": see ringtap help`);
}

const load = (args: readonly string[], definitions: readonly OptionDefinition[]): Promise<CommandLine> =>
  loadOptions(args, definitions, process.env);

const asksForHelp = (arg: string): boolean => arg === '--help' || arg === '-h';

/** Whoever reads the output, such as head(1), has enough of it: that is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

function write(text: string): void {
  process.stdout.write(text);
}

function print(line: string): void {
  write(`${line}\n`);
}

function warn(sentences: string): void {
  for (const sentence of sentences.split('\n')) process.stderr.write(`ringtap: ${sentence}\n`);
}

function complain(message: string, exitCode: number): number {
  warn(message);
  return exitCode;
}
