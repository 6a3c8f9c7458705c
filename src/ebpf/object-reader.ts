// SPDX-License-Identifier: Apache-2.0

/** A compiled eBPF object that cannot be used; the message says what is wrong with it. */
export class BpfObjectError extends Error {
  override readonly name = 'BpfObjectError';
}

/** Reads little-endian numbers and texts out of a part of an object, and never beyond its end. */
export class ObjectReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #part: string;

  /** `part` names the bytes in errors, such as `section header table`. */
  constructor(bytes: Uint8Array, part: string) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#part = part;
  }

  uint8(offset: number): number {
    this.#check(offset, 1);
    return this.#view.getUint8(offset);
  }

  uint16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, true);
  }

  uint32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, true);
  }

  /** Numbers above 2^53 lose their low bits: offsets that large fail the next bounds check anyway. */
  uint64(offset: number): number {
    this.#check(offset, 8);
    return Number(this.#view.getBigUint64(offset, true));
  }

  /** The NUL-terminated text at an offset. */
  text(offset: number): string {
    this.#check(offset, 1);
    const end = this.bytes.indexOf(0, offset);
    if (end < 0) throw new BpfObjectError(`the ${this.#part} ends within a name`);
    return new TextDecoder().decode(this.bytes.subarray(offset, end));
  }

  slice(offset: number, lengthBytes: number): Uint8Array {
    this.#check(offset, lengthBytes);
    return this.bytes.subarray(offset, offset + lengthBytes);
  }

  #check(offset: number, lengthBytes: number): void {
    if (offset + lengthBytes <= this.bytes.byteLength) return;
    throw new BpfObjectError(
      `the ${this.#part} has ${this.bytes.byteLength} bytes, ${lengthBytes} are needed at ${offset}`,
    );
  }
}
