// SPDX-License-Identifier: Apache-2.0

/** Wire types (protobuf.dev, "Message Structure"). */
const Wire = { varint: 0, fixed64: 1, length: 2 } as const;

const INITIAL_BYTES = 2 ** 16;
const TWO_32 = 2 ** 32;

/**
 * Writes protobuf into one growing buffer. A nested message is begun and ended; its length, a varint, is put before it when
 * it is known.
 */
export class ProtobufWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #encoder = new TextEncoder();

  /** `initialBytes` are there from the start. */
  constructor(initialBytes: number = INITIAL_BYTES) {
    this.#bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written; valid until more is. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A whole number from 0 to 2^53. */
  uint(field: number, value: number): void {
    this.#varint(field * 8 + Wire.varint);
    this.#varint(value);
  }

  /** A signed number of type sint32 or sint64, in zigzag form. */
  sint(field: number, value: number): void {
    this.uint(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Signed numbers in zigzag form, one after the other in one field. */
  packedSints(field: number, values: readonly number[]): void {
    const start = this.begin(field);
    for (const value of values) this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
    this.end(start);
  }

  /** Numbers of type uint64 or the like, one after the other in one field; from 0 to 2^53. */
  packedUints(field: number, values: Float64Array): void {
    const start = this.begin(field);
    for (const value of values) this.#varint(value);
    this.end(start);
  }

  double(field: number, value: number): void {
    this.#varint(field * 8 + Wire.fixed64);
    this.#double(value);
  }

  packedDoubles(field: number, values: readonly number[]): void {
    const start = this.begin(field);
    for (const value of values) this.#double(value);
    this.end(start);
  }

  /** A whole number of type fixed64, from 0 to 2^53. */
  fixed64(field: number, value: number): void {
    this.#varint(field * 8 + Wire.fixed64);
    this.#fixed64(Math.floor(value / TWO_32), value % TWO_32);
  }

  packedFixed64(field: number, values: Float64Array): void {
    const start = this.begin(field);
    for (const value of values) this.#fixed64(Math.floor(value / TWO_32), value % TWO_32);
    this.end(start);
  }

  /** Whole microseconds since the epoch as nanoseconds, type fixed64: more than a double has bits for. */
  nanos(field: number, micros: number): void {
    this.#varint(field * 8 + Wire.fixed64);
    const low = (micros % TWO_32) * 1000;
    this.#fixed64(Math.floor(micros / TWO_32) * 1000 + Math.floor(low / TWO_32), low % TWO_32);
  }

  string(field: number, text: string): void {
    const start = this.begin(field);
    this.#reserve(text.length * 3);
    this.#length += this.#encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
    this.end(start);
  }

  /** Bytes that are in the form of the wire already. One by one: there are some 60, fewer than a call for all would pay for. */
  raw(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const target = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) target[at++] = bytes[i]!;
    this.#length = at;
  }

  /** Begins a nested message; returns what `end` wants. Field 0: a message that only has its length before it. */
  begin(field: number): number {
    if (field > 0) this.#varint(field * 8 + Wire.length);
    this.#reserve(1);
    return ++this.#length;
  }

  /** Ends a nested message. Most are shorter than 128 bytes, and their length has one byte. */
  end(start: number): void {
    const length = this.#length - start;
    if (length < 128) {
      this.#bytes[start - 1] = length;
      return;
    }
    const extra = varintBytes(length) - 1;
    this.#reserve(extra);
    this.#bytes.copyWithin(start + extra, start, this.#length);
    this.#length = start - 1;
    this.#varint(length);
    this.#length += length;
  }

  #double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  #fixed64(high: number, low: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count++;
  return count;
}
