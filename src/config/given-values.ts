// SPDX-License-Identifier: Apache-2.0

/** Values of options as texts, as a command line would give them, from one place: the environment or a file. */
export interface GivenValues {
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** How an option is called in what is said about its value there, such as `ringtap.yaml:3:5: sip.ports`. */
  place(name: string): string;
}
