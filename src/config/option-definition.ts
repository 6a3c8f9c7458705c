// SPDX-License-Identifier: Apache-2.0

/** One command-line option, in Prometheus spelling. */
export interface OptionDefinition {
  readonly name: string;
  readonly short?: string;
  /** What its value looks like in the help; absent for a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  /** For a switch, `on` says that it is set unless `--no-NAME` is given. */
  readonly default?: string;
  readonly help: string;
  /** A reload of the configuration applies it; without, it needs a restart. */
  readonly live?: true;
  /** Not to be shown. */
  readonly secret?: true;
}

/** Whether an option is given once for each of several names, as `NAME=VALUE`. */
export function isNamed({ value, repeatable }: OptionDefinition): boolean {
  return repeatable === true && value !== undefined && value.includes('=');
}
