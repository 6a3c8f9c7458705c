// SPDX-License-Identifier: Apache-2.0
// A slow reader of the protobuf wire format, for comparison; what is none throws.
import assert from 'node:assert/strict';

/** A field of a message: its number, and a number, or the bytes of a text or of a message within. */
export type Field = readonly [number, number | Uint8Array];

/** What was not read yet of some bytes. */
class Rest {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at === this.#bytes.length;
  }

  varint(): number {
    for (let value = 0, factor = 1; ; factor *= 128) {
      assert.ok(!this.isEmpty);
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  double(): number {
    const { buffer, byteOffset } = this.#take(8);
    return new DataView(buffer, byteOffset).getFloat64(0, true);
  }

  /** Bytes behind their length. */
  delimited(): Uint8Array {
    return this.#take(this.varint());
  }

  #take(length: number): Uint8Array {
    const begin = this.#at;
    this.#at += length;
    assert.ok(this.#at <= this.#bytes.length);
    return this.#bytes.subarray(begin, this.#at);
  }
}

function readAll<Value>(bytes: Uint8Array, read: (rest: Rest) => Value): Value[] {
  const values: Value[] = [];
  for (const rest = new Rest(bytes); !rest.isEmpty; ) values.push(read(rest));
  return values;
}

/** Numbers one behind the other, as in a packed field. */
export const varints = (bytes: Uint8Array): number[] => readAll(bytes, (rest) => rest.varint());

/** Messages one behind the other, each with its length before it and no tag. */
export const delimited = (bytes: Uint8Array): Uint8Array[] => readAll(bytes, (rest) => rest.delimited());

/** The fields of a message: varints, doubles, and what has a length. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  return readAll(bytes, (rest): Field => {
    const tag = rest.varint();
    if (tag % 8 === 0) return [tag >> 3, rest.varint()];
    if (tag % 8 === 1) return [tag >> 3, rest.double()];
    assert.equal(tag % 8, 2);
    return [tag >> 3, rest.delimited()];
  });
}

/** The values of all fields of a number. */
export const all = (fields: readonly Field[], number: number): (number | Uint8Array)[] =>
  fields.filter(([field]) => field === number).map(([, value]) => value);
