// SPDX-License-Identifier: Apache-2.0
import { CommandLine } from './command-line.ts';
import { environmentValues } from './environment.ts';
import type { OptionDefinition } from './option-definition.ts';

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The options of a command from all places: its arguments count more than the environment, and that more than the file
 * of `--config.file`. Throws ConfigError.
 */
export async function loadOptions(
  args: readonly string[],
  definitions: readonly OptionDefinition[],
  environment: Environment,
): Promise<CommandLine> {
  const variables = environmentValues(environment, definitions);
  const line = new CommandLine(args, definitions, [variables]);
  const file = line.one('config.file');
  if (file === '') return line;
  // What reads YAML is loaded only where there is some: it takes 0.1 s.
  const { readConfigFile } = await import('./config-file.ts');
  return new CommandLine(args, definitions, [variables, readConfigFile(file)]);
}
