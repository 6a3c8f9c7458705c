// SPDX-License-Identifier: Apache-2.0

/**
 * Memory of our own for messages that stand in no one piece on the wire: given out one behind the other, and given back
 * all at once. What is given out stays as it is until `clear`.
 */
export class Arena {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as `bytes`, from the same first byte. */
  readonly view: DataView<ArrayBuffer>;
  #used = 0;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Where `length` bytes begin that are now the caller's; -1 when there are not as many left. */
  take(length: number): number {
    const offset = this.#used;
    if (offset + length > this.bytes.length) return -1;
    this.#used = offset + length;
    return offset;
  }

  /** Everything is given back. */
  clear(): void {
    this.#used = 0;
  }
}
