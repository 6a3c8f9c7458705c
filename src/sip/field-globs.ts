// SPDX-License-Identifier: Apache-2.0
import { compileGlobs, GlobAutomaton, type GlobTables } from '../base/glob-automaton.ts';
import { fieldNames } from './compact-forms.ts';

const HT = 0x09;
const SP = 0x20;
const COLON = 0x3a;

const colon: Uint8Array = Uint8Array.of(COLON);

/** A pattern of the whole value of a header field, and what is found where it matches, above 0. */
export interface FieldPattern {
  /** A token (RFC 3261 §25.1) without `*`, in any case, in its compact form or not: both are meant. */
  readonly name: string;
  /** As of `GlobPattern`. */
  readonly text: string;
  readonly value: number;
}

/** Tables of `FieldGlobs`, which other threads may have too. Throws RangeError when the patterns take too many states. */
export function compileFieldGlobs(patterns: readonly FieldPattern[]): GlobTables {
  return compileGlobs(
    patterns.flatMap(({ name, text, value }) =>
      fieldNames(name).map((form) => ({ text: `${form}:${text}`, value })),
    ),
  ).tables;
}

/**
 * Which of many patterns a header field matches. Names and values are one automaton: most fields are left after their first
 * byte, however many names there are.
 */
export class FieldGlobs {
  readonly #automaton: GlobAutomaton;

  constructor(tables: GlobTables) {
    this.#automaton = new GlobAutomaton(tables);
  }

  /** The value of the first pattern, in the order they were given, that the field from `p` to `end` matches, or 0. */
  match(bytes: Uint8Array, p: number, end: number): number {
    const automaton = this.#automaton;
    const { dead, values } = automaton.tables;
    let state = 0;
    for (; p < end && bytes[p] !== COLON && bytes[p]! > SP; p++) {
      state = automaton.run(state, bytes, p, 1);
      if (state === dead) return 0;
    }
    // HCOLON: white space may stand before the colon (RFC 3261 §25.1).
    while (p < end && (bytes[p] === SP || bytes[p] === HT)) p++;
    if (p >= end || bytes[p] !== COLON) return 0;
    p++;
    while (p < end && bytes[p]! <= SP) p++;
    while (end > p && bytes[end - 1]! <= SP) end--;
    return values[automaton.run(automaton.run(state, colon, 0, 1), bytes, p, end - p)]!;
  }
}
