// SPDX-License-Identifier: Apache-2.0
import type { SeriesBudget } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from '../pipeline/analysis-options.ts';
import { parseListenAddress } from '../server/listen-address.ts';
import { analysisOf, budgetOf } from './analysis.ts';
import { CommandLine } from './command-line.ts';
import { runOptions } from './options.ts';
import { ConfigError, parseSize } from './values.ts';

/** Everything `ringtap run` can be told. */
export interface Config {
  readonly interfaces: readonly string[];
  readonly promiscuous: boolean;
  readonly ringBytes: number;
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
  readonly listenAddresses: readonly string[];
  readonly logFormat: 'logfmt' | 'json';
}

/** Reads the command line of run, doctor and demo. Throws ConfigError: a sentence, what is wrong and what is right. */
export function parseConfig(args: readonly string[]): Config {
  const line = new CommandLine(args, runOptions);
  if (line.operands.length > 0) {
    throw new ConfigError(`"${line.operands[0]}" is not understood: options begin with --; see ringtap help`);
  }
  const logFormat = line.one('log.format');
  if (logFormat !== 'logfmt' && logFormat !== 'json') {
    throw new ConfigError(`--log.format takes logfmt or json, not "${logFormat}"`);
  }
  const interfaces = line.all('interface');
  return {
    interfaces: interfaces.length > 0 ? interfaces : ['any'],
    promiscuous: line.isOn('capture.promiscuous'),
    ringBytes: parseSize('--capture.ring-size', line.one('capture.ring-size')),
    analysis: analysisOf(line),
    budget: budgetOf(line),
    listenAddresses: listenAddressesOf(line),
    logFormat,
  };
}

function listenAddressesOf(line: CommandLine): readonly string[] {
  const given = line.all('web.listen-address');
  const addresses = given.length > 0 ? given : [line.one('web.listen-address')];
  for (const address of addresses) {
    try {
      parseListenAddress(address);
    } catch (error) {
      throw new ConfigError(`--web.listen-address: ${(error as Error).message}`);
    }
  }
  return addresses;
}
