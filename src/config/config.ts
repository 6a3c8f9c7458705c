// SPDX-License-Identifier: Apache-2.0
import type { SeriesBudget } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from '../pipeline/analysis-options.ts';
import type { HepInputOptions, HepOutputOptions } from '../pipeline/hep/hep-options.ts';
import { analysisOf, budgetOf } from './analysis.ts';
import { CommandLine } from './command-line.ts';
import { hepInputOf, hepOutputOf } from './hep.ts';
import { runOptions } from './options.ts';
import { type PushOptions, pushOf } from './push.ts';
import { ConfigError, parseCount, parseSize, parseSizeWithin } from './values.ts';
import { type WebOptions, webOf } from './web.ts';

/** In place of an interface: nothing is captured. */
const NO_INTERFACE = 'none';

const MAX_WORKERS = 16;
const MAX_HANDOVER_BYTES = 2 ** 30;

/** Everything `ringtap run` can be told. */
export interface Config {
  /** None where only HEP is received. */
  readonly interfaces: readonly string[];
  readonly promiscuous: boolean;
  readonly ringBytes: number;
  /** Threads that share the packets of each interface. */
  readonly workers: number;
  /** Memory of messages on their way between workers. */
  readonly handoverBytes: number;
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
  readonly hepInput: HepInputOptions | undefined;
  readonly hepOutput: HepOutputOptions | undefined;
  readonly web: WebOptions;
  readonly push: PushOptions;
  /** Whether privileges are given up once the capture is open, and whom root becomes. */
  readonly privileges: { readonly isDropped: boolean; readonly runAs: string | undefined };
  /** Whether HTTP clients may reload and end the program. */
  readonly isLifecycleEnabled: boolean;
  readonly logFormat: 'logfmt' | 'json';
}

/** What a command line of run, doctor and demo says by itself. Throws ConfigError. */
export function parseConfig(args: readonly string[]): Config {
  return configOf(new CommandLine(args, runOptions));
}

/** Reads the options of run, doctor and demo. Throws ConfigError: a sentence, what is wrong and what is right. */
export function configOf(line: CommandLine): Config {
  if (line.operands.length > 0) {
    throw new ConfigError(`"${line.operands[0]}" is not understood: options begin with --; see ringtap help`);
  }
  const logFormat = line.one('log.format');
  if (logFormat !== 'logfmt' && logFormat !== 'json') {
    throw new ConfigError(`${line.place('log.format')} takes logfmt or json, not "${logFormat}"`);
  }
  const hepInput = hepInputOf(line);
  return {
    interfaces: interfacesOf(line, hepInput !== undefined),
    promiscuous: line.isOn('capture.promiscuous'),
    ringBytes: parseSize(line.place('capture.ring-size'), line.one('capture.ring-size')),
    workers: parseCount(line.place('capture.workers'), line.one('capture.workers'), 1, MAX_WORKERS),
    handoverBytes: parseSizeWithin(
      line.place('capture.handover-size'),
      line.one('capture.handover-size'),
      2 ** 16,
      MAX_HANDOVER_BYTES,
    ),
    analysis: analysisOf(line),
    budget: budgetOf(line),
    hepInput,
    hepOutput: hepOutputOf(line),
    web: webOf(line),
    push: pushOf(line),
    privileges: { isDropped: line.isOn('drop-privileges'), runAs: userOf(line) },
    isLifecycleEnabled: line.isOn('web.enable-lifecycle'),
    logFormat,
  };
}

function interfacesOf(line: CommandLine, isHepReceived: boolean): readonly string[] {
  const given = line.all('interface');
  if (!given.includes(NO_INTERFACE)) return given.length > 0 ? given : ['any'];
  if (given.length > 1) throw new ConfigError('-i none stands alone: it says that nothing is captured');
  if (!isHepReceived)
    throw new ConfigError('-i none needs --hep.listen-address: else there is nothing to do');
  if (line.one('hep.send') !== '') {
    throw new ConfigError('--hep.send needs an interface: what is received as HEP is not sent on');
  }
  return [];
}

function userOf(line: CommandLine): string | undefined {
  const user = line.one('run-as');
  if (user === '') return undefined;
  if (/^[\w][\w.-]*\$?$/.test(user)) return user;
  throw new ConfigError(`${line.place('run-as')} takes the name or number of a user, not "${user}"`);
}
