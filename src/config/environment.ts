// SPDX-License-Identifier: Apache-2.0
import type { GivenValues } from './given-values.ts';
import type { OptionDefinition } from './option-definition.ts';

/** The variable of an option: `RINGTAP_SIP_PORTS` of `sip.ports`. */
export function variableOf(name: string): string {
  return `RINGTAP_${name.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}

/**
 * What the environment says of options. Of those that may be repeated, values are separated by blanks. An empty variable
 * says nothing; one that is of no option is left alone: Kubernetes makes RINGTAP_PORT where a service is called ringtap.
 */
export function environmentValues(
  environment: Readonly<Record<string, string | undefined>>,
  definitions: readonly OptionDefinition[],
): GivenValues {
  const values = new Map<string, readonly string[]>();
  for (const { name, repeatable } of definitions) {
    const text = environment[variableOf(name)]?.trim();
    if (text) values.set(name, repeatable ? text.split(/\s+/) : [text]);
  }
  return { values, place: variableOf };
}
