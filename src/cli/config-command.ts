// SPDX-License-Identifier: Apache-2.0

import { CommandLine } from '../config/command-line.ts';
import { configOf } from '../config/config.ts';
import { readConfigFile } from '../config/config-file.ts';
import { renderConfigJsonSchema } from '../config/config-schema.ts';
import { type Environment, loadOptions } from '../config/load-options.ts';
import { runOptions } from '../config/options.ts';
import { renderOptions } from '../config/render-options.ts';
import { ConfigError } from '../config/values.ts';

/** `ringtap config check FILE`, `config show [OPTIONS]`, `config schema`. Returns the exit code. Throws ConfigError. */
export async function configCommand(
  args: readonly string[],
  environment: Environment,
  write: (text: string) => void,
): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'check': {
      const [file, ...others] = rest;
      if (file === undefined || others.length > 0) throw new ConfigError('config check takes one file');
      configOf(new CommandLine([], runOptions, [readConfigFile(file)]));
      write(`${file} is right.\n`);
      return 0;
    }
    case 'show': {
      const line = await loadOptions(rest, runOptions, environment);
      configOf(line);
      write(renderOptions(line));
      return 0;
    }
    case 'schema':
      write(renderConfigJsonSchema());
      return 0;
  }
  throw new ConfigError('config takes check FILE, show [OPTIONS] or schema');
}
