// SPDX-License-Identifier: Apache-2.0

/** A pattern and what is found where it matches, above 0. */
export interface GlobPattern {
  /** `*` stands for any bytes, also none, `?` for one byte; letters of ASCII stand for both cases. */
  readonly text: string;
  readonly value: number;
}

/** The arrays of a `GlobAutomaton`, which other threads may have too. */
export interface GlobTables {
  /** By byte: which column of `next` it is. */
  readonly columns: Uint8Array;
  readonly columnCount: number;
  /** By state and column: the next state. The first state is 0. */
  readonly next: Uint16Array;
  /** By state: what is found where the text ends in it, or 0. */
  readonly values: Int32Array;
  /** The state that nothing leads out of, where no pattern can match any more; -1 where there is none. */
  readonly dead: number;
}

/** States there may be: patterns with several `*` in the middle can take very many. */
const MAX_STATES = 8192;
const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/** Which of many patterns a text matches: one step a byte, whatever the patterns and the text. */
export class GlobAutomaton {
  readonly tables: GlobTables;

  constructor(tables: GlobTables) {
    this.tables = tables;
  }

  /** The value of the first pattern, in the order they were given, that the bytes match as a whole, or 0. */
  match(bytes: Uint8Array, offset: number, length: number): number {
    return this.tables.values[this.run(0, bytes, offset, length)]!;
  }

  /** The state after some bytes from a state on; a text begins in state 0. */
  run(state: number, bytes: Uint8Array, offset: number, length: number): number {
    const { columns, columnCount, next } = this.tables;
    for (let p = offset; p < offset + length; p++) state = next[state * columnCount + columns[bytes[p]!]!]!;
    return state;
  }
}

/** Makes an automaton. Throws RangeError when the patterns take too many states. */
export function compileGlobs(patterns: readonly GlobPattern[]): GlobAutomaton {
  const texts = patterns.map(({ text }) => new TextEncoder().encode(text).map(lowerCase));
  const columns = columnsOf(texts);
  const columnCount = Math.max(...columns) + 1;
  /** A byte of each column; 0 is in none of the patterns, or all of them are. */
  const sample = Array.from({ length: columnCount }, (_, column) => lowerCase(columns.indexOf(column)));
  const states = new Map<string, number>();
  const rows: number[] = [];
  const values: number[] = [];
  const waiting: (readonly number[])[] = [];
  /** A state is the places, of all patterns, where a text may be; a place is a pattern and an index in it. */
  const stateOf = (places: readonly number[]): number => {
    const key = places.join();
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size === MAX_STATES) throw new RangeError(`the patterns take more than ${MAX_STATES} states`);
    const state = states.size;
    states.set(key, state);
    waiting.push(places);
    const matched = places.find((place) => indexOf(place) === texts[patternOf(place)]!.length);
    values.push(matched === undefined ? 0 : patterns[patternOf(matched)]!.value);
    return state;
  };
  stateOf(
    closure(
      texts.map((_, pattern) => placeOf(pattern, 0)),
      texts,
    ),
  );
  for (let places = waiting.shift(); places !== undefined; places = waiting.shift()) {
    for (const byte of sample) rows.push(stateOf(closure(step(places, byte, texts), texts)));
  }
  return new GlobAutomaton({
    columns: shared(Uint8Array, columns),
    columnCount,
    next: shared(Uint16Array, rows),
    values: shared(Int32Array, values),
    dead: states.get('') ?? -1,
  });
}

const INDEX_BITS = 16;
const placeOf = (pattern: number, index: number): number => (pattern << INDEX_BITS) | index;
const patternOf = (place: number): number => place >>> INDEX_BITS;
const indexOf = (place: number): number => place & ((1 << INDEX_BITS) - 1);

const lowerCase = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** Bytes that no pattern names are alike, and so are both cases of a letter. */
function columnsOf(texts: readonly Uint8Array[]): number[] {
  const columns = new Array<number>(256).fill(0);
  let count = 1;
  for (const byte of new Set(texts.flatMap((text) => [...text]))) {
    if (byte !== STAR && byte !== QUESTION_MARK) columns[byte] = count++;
  }
  return columns.map((_, byte) => columns[lowerCase(byte)]!);
}

/** With each place before a star, the one behind it: it may stand for nothing. Sorted, each once. */
function closure(places: readonly number[], texts: readonly Uint8Array[]): number[] {
  const all = new Set<number>();
  for (let place of places) {
    while (texts[patternOf(place)]![indexOf(place)] === STAR) all.add(place++);
    all.add(place);
  }
  return [...all].sort((a, b) => a - b);
}

/** Where a byte leads to. */
function step(places: readonly number[], byte: number, texts: readonly Uint8Array[]): number[] {
  const next: number[] = [];
  for (const place of places) {
    const expected = texts[patternOf(place)]![indexOf(place)];
    if (expected === STAR) next.push(place);
    else if (expected === QUESTION_MARK || expected === byte) next.push(place + 1);
  }
  return next;
}

function shared<Words extends Uint8Array | Uint16Array | Int32Array>(
  Type: new (buffer: SharedArrayBuffer) => Words,
  numbers: readonly number[],
): Words {
  const width = (Type as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  const words = new Type(new SharedArrayBuffer(numbers.length * width));
  words.set(numbers);
  return words;
}
