// SPDX-License-Identifier: Apache-2.0

/** What `JsonReader.next` found; `done` and `bad` are its last. */
export const JsonToken = {
  /** The text ends within the first value, is none, or is nested too deep. */
  bad: 0,
  /** An object or array begins; `depth` counts it. */
  begin: 1,
  /** One ended; `depth` does not count it any more. */
  end: 2,
  /** A number, or a string of digits, as some write what has 32 bits: `number`. */
  number: 3,
  /** Any other value. */
  other: 4,
  /** The first value is over; what is behind it was not looked at. */
  done: 5,
} as const;
export type JsonToken = (typeof JsonToken)[keyof typeof JsonToken];

/** Objects and arrays in one another. */
const MAX_DEPTH = 8;
/** Exponents beyond give what no field holds. */
const MAX_EXPONENT = 20;

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const LOWER_CASE = 0x20;
const LETTER_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Goes through a JSON text (RFC 8259), an object or array, and gives its numbers with their keys; texts are stepped over as they
 * are. `JSON.parse` would make a string and objects of what anybody sends, and throw: this makes nothing. Commas are not
 * looked for: to what is read they say nothing. Never throws; looks at each byte twice at most.
 */
export class JsonReader {
  /** Objects and arrays that are open. */
  depth = 0;
  /** The key of what `next` found, without its quotes: where it is in the bytes, and its length; 0 without one, as in arrays. */
  keyOffset = 0;
  keyLength = 0;
  /** The number that `next` found, in a cell, because V8 boxes a double that is a field. */
  readonly number: Float64Array = new Float64Array(1);

  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;
  /** By depth, the outermost lowest: a bit that says it is an array. */
  #arrays = 0;

  /** Begins with the text of `length` bytes at `offset`. */
  open(bytes: Uint8Array, offset: number, length: number): void {
    this.#bytes = bytes;
    this.#position = offset;
    this.#end = offset + length;
    this.#arrays = 0;
    this.depth = 0;
  }

  /** Goes on to the next value, or to where an object or array begins or ends. */
  next(): JsonToken {
    this.keyLength = 0;
    let hasKey = false;
    while (this.#position < this.#end) {
      const byte = this.#bytes[this.#position]!;
      if (byte <= 0x20 || byte === COMMA) {
        this.#position++;
        continue;
      }
      if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        return hasKey ? JsonToken.bad : this.#close(byte === CLOSE_ARRAY);
      }
      if (this.depth > 0 && !this.#isInArray && !hasKey) {
        if (!this.#readKey()) return JsonToken.bad;
        hasKey = true;
        continue;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return this.#open(byte === OPEN_ARRAY);
      if (this.depth === 0) return JsonToken.bad;
      if (byte === QUOTE) return this.#string();
      return this.#scalar();
    }
    return JsonToken.bad;
  }

  /** Whether the key of what was found is one that is given as bytes. */
  hasKey(key: Uint8Array): boolean {
    if (key.length !== this.keyLength) return false;
    for (let i = 0; i < key.length; i++) if (this.#bytes[this.keyOffset + i] !== key[i]) return false;
    return true;
  }

  get #isInArray(): boolean {
    return ((this.#arrays >> this.depth) & 1) === 1;
  }

  #open(isArray: boolean): JsonToken {
    if (this.depth === MAX_DEPTH) return JsonToken.bad;
    this.#position++;
    this.depth++;
    const bit = 1 << this.depth;
    this.#arrays = isArray ? this.#arrays | bit : this.#arrays & ~bit;
    return JsonToken.begin;
  }

  #close(isArray: boolean): JsonToken {
    if (this.depth === 0 || this.#isInArray !== isArray) return JsonToken.bad;
    this.#position++;
    this.depth--;
    return this.depth === 0 ? JsonToken.done : JsonToken.end;
  }

  /** Reads a key and the colon behind it. */
  #readKey(): boolean {
    if (this.#bytes[this.#position] !== QUOTE) return false;
    const start = this.#position + 1;
    if (!this.#skipString()) return false;
    this.keyOffset = start;
    this.keyLength = this.#position - 1 - start;
    while (this.#position < this.#end && this.#bytes[this.#position]! <= 0x20) this.#position++;
    return this.#position < this.#end && this.#bytes[this.#position++] === COLON;
  }

  #string(): JsonToken {
    const start = this.#position + 1;
    if (!this.#skipString()) return JsonToken.bad;
    const end = this.#position - 1;
    return end > start && this.#readNumber(start, end) === end ? JsonToken.number : JsonToken.other;
  }

  /** Goes behind the quote that ends a string. */
  #skipString(): boolean {
    for (let p = this.#position + 1; p < this.#end; p++) {
      const byte = this.#bytes[p]!;
      if (byte === BACKSLASH) p++;
      else if (byte === QUOTE) {
        this.#position = p + 1;
        return true;
      }
    }
    return false;
  }

  /** A number, or `true`, `false` or `null`, which begin with a letter. */
  #scalar(): JsonToken {
    const start = this.#position;
    const after = this.#readNumber(start, this.#end);
    if (after > start) {
      this.#position = after;
      return JsonToken.number;
    }
    let p = start;
    while (p < this.#end && isLetter(this.#bytes[p]!)) p++;
    if (p === start) return JsonToken.bad;
    this.#position = p;
    return JsonToken.other;
  }

  /** Reads a number into `number`. Returns where it ends; `start` where there is none. */
  #readNumber(start: number, end: number): number {
    const bytes = this.#bytes;
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let p = first;
    let value = 0;
    for (; p < end && isDigit(bytes[p]!); p++) value = value * 10 + bytes[p]! - ZERO;
    if (p === first) return start;
    if (p < end && bytes[p] === DOT) {
      let unit = 1;
      for (p++; p < end && isDigit(bytes[p]!); p++) {
        unit /= 10;
        value += (bytes[p]! - ZERO) * unit;
      }
    }
    if (p < end && (bytes[p]! | LOWER_CASE) === LETTER_E) {
      p++;
      const sign = p < end ? bytes[p]! : 0;
      if (sign === MINUS || sign === PLUS) p++;
      let exponent = 0;
      for (; p < end && isDigit(bytes[p]!); p++) {
        exponent = Math.min(exponent * 10 + bytes[p]! - ZERO, MAX_EXPONENT);
      }
      value *= 10 ** (sign === MINUS ? -exponent : exponent);
    }
    this.number[0] = isNegative ? -value : value;
    return p;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function isLetter(byte: number): boolean {
  const lower = byte | LOWER_CASE;
  return lower >= 0x61 && lower <= 0x7a;
}
