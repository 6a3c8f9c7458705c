// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import type { GivenValues } from './given-values.ts';
import { nearestName } from './nearest-name.ts';
import type { OptionDefinition } from './option-definition.ts';
import { ConfigError } from './values.ts';

/**
 * What was given on a command line, with what other places give where it says nothing, and the defaults of what none
 * gives. An option has the values of one place: those of two are not mixed.
 */
export class CommandLine {
  readonly definitions: readonly OptionDefinition[];
  /** Arguments that belong to no option. */
  readonly operands: readonly string[];
  readonly #places: readonly GivenValues[];

  /** `below`: other places, the one that counts more first. Throws ConfigError with a sentence that says what is wrong. */
  constructor(
    args: readonly string[],
    definitions: readonly OptionDefinition[],
    below: readonly GivenValues[] = [],
  ) {
    const parsed = parse(args, definitions);
    const values = new Map<string, readonly string[]>();
    for (const [name, given] of Object.entries(parsed.values)) {
      if (Array.isArray(given)) values.set(name, given.map(String));
    }
    this.operands = parsed.positionals;
    this.#places = [{ values, place: (name) => `--${name}` }, ...below];
    this.definitions = definitions;
  }

  /** The last value given, or the default. */
  one(name: string): string {
    return this.all(name).at(-1) ?? this.#definitionOf(name)?.default ?? '';
  }

  /** Every value given, in order; none where none was given. */
  all(name: string): readonly string[] {
    return this.#placeOf(name)?.values.get(name) ?? [];
  }

  /** How an option is called in what is said about its value: by the place that gives it. */
  place(name: string): string {
    return (this.#placeOf(name) ?? this.#places[0]!).place(name);
  }

  /** Whether a switch is on. Throws ConfigError where what was given is neither on nor off. */
  isOn(name: string): boolean {
    const value = this.one(name);
    if (value === 'true' || value === 'on') return true;
    if (value === 'false' || value === 'off' || value === '') return false;
    throw new ConfigError(`${this.place(name)} takes true or false, not "${value}"`);
  }

  #placeOf(name: string): GivenValues | undefined {
    return this.#places.find(({ values }) => values.has(name));
  }

  #definitionOf(name: string): OptionDefinition | undefined {
    return this.definitions.find((definition) => definition.name === name);
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
    const sentence = (error as Error).message.split('. ')[0]!;
    const name = /^Unknown option '--(?:no-)?([^']*)'/.exec(sentence)?.[1];
    const near = name === undefined ? undefined : nearestName(name, Object.keys(options));
    throw new ConfigError(`${sentence}${near ? `: did you mean --${near}?` : ''}; see ringtap help`);
  }
}
