// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import type { OptionDefinition } from './option-definition.ts';
import { ConfigError } from './values.ts';

/** What was given on a command line, with the defaults of what was not. */
export class CommandLine {
  /** Arguments that belong to no option. */
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #definitions: readonly OptionDefinition[];

  /** Throws ConfigError with a sentence that says what is wrong. */
  constructor(args: readonly string[], definitions: readonly OptionDefinition[]) {
    const parsed = parse(args, definitions);
    const values = new Map<string, readonly string[]>();
    for (const [name, given] of Object.entries(parsed.values)) {
      if (Array.isArray(given)) values.set(name, given.map(String));
    }
    this.operands = parsed.positionals;
    this.#values = values;
    this.#definitions = definitions;
  }

  /** The last value given, or the default. */
  one(name: string): string {
    const given = this.#values.get(name)?.at(-1);
    return given ?? this.#definitions.find((definition) => definition.name === name)?.default ?? '';
  }

  /** Every value given, in order; none where none was given. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Whether a switch is on. */
  isOn(name: string): boolean {
    const value = this.one(name);
    return value === 'true' || value === 'on';
  }
}

function parse(
  args: readonly string[],
  definitions: readonly OptionDefinition[],
): ReturnType<typeof parseArgs> {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> = {};
  for (const { name, short, value } of definitions) {
    options[name] = {
      type: value === undefined ? 'boolean' : 'string',
      multiple: true,
      ...(short && { short }),
    };
  }
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true, allowNegative: true });
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; see ringtap help`);
  }
}
