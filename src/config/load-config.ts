// SPDX-License-Identifier: Apache-2.0
import type { CommandLine } from './command-line.ts';
import { type Config, configOf } from './config.ts';
import { type Environment, loadOptions } from './load-options.ts';
import { runOptions } from './options.ts';

/** What `ringtap run` was told, and how: the options are compared when it is told anew. */
export interface LoadedConfig {
  readonly config: Config;
  readonly options: CommandLine;
}

/** Reads what `ringtap run` is told. Throws ConfigError. */
export async function loadConfig(args: readonly string[], environment: Environment): Promise<LoadedConfig> {
  const options = await loadOptions(args, runOptions, environment);
  return { config: configOf(options), options };
}
