// SPDX-License-Identifier: Apache-2.0
import { CommandLine } from './command-line.ts';

/** What a reload comes to. */
export interface ReloadedOptions {
  /** What is in force from now on. */
  readonly options: CommandLine;
  /** Names of options that have another value now. */
  readonly applied: readonly string[];
  /** Names of options that will have another value after a restart. */
  readonly waiting: readonly string[];
}

/** What becomes of the options in force when others are read: those that can change at run time do. */
export function reloadOptions(inForce: CommandLine, read: CommandLine): ReloadedOptions {
  const values = new Map<string, readonly string[]>();
  const applied: string[] = [];
  const waiting: string[] = [];
  for (const { name, live } of inForce.definitions) {
    const isSame = valueOfOption(inForce, name) === valueOfOption(read, name);
    if (!isSame) (live ? applied : waiting).push(name);
    const given = (live ? read : inForce).all(name);
    if (given.length > 0) values.set(name, given);
  }
  const options = new CommandLine([], inForce.definitions, [{ values, place: (name) => read.place(name) }]);
  return { options, applied, waiting };
}

/** The texts of an option, or its default, as one. */
function valueOfOption(line: CommandLine, name: string): string {
  const given = line.all(name);
  return JSON.stringify(given.length > 0 ? given : [line.one(name)]);
}
