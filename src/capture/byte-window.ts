// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from './byte-source.ts';

/** The part of a stream of bytes that is being read: what lies from `start` to `end` in `bytes`. */
export class ByteWindow {
  bytes: Uint8Array;
  /** The same memory as `bytes`. */
  view: DataView;
  /** The next byte. */
  start = 0;
  /** Behind the last byte that is there. */
  end = 0;
  readonly #source: ByteSource;
  /** Bytes of the stream before `bytes`. */
  #before = 0;
  #isEnded = false;

  /** `sizeBytes` is read at once; more memory is taken only for a record that is longer. */
  constructor(source: ByteSource, sizeBytes: number) {
    this.#source = source;
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes that are there. */
  get availableBytes(): number {
    return this.end - this.start;
  }

  /** Where in the stream the next byte is. */
  get offsetBytes(): number {
    return this.#before + this.start;
  }

  /**
   * Makes `count` bytes available, or as many as the stream still has: then false. Bytes and places before this call
   * are void. Throws CaptureFileError.
   */
  async fill(count: number): Promise<boolean> {
    while (this.availableBytes < count) {
      if (this.#isEnded) return false;
      this.#makeRoom(count);
      const length = await this.#source.read(this.bytes.subarray(this.end));
      this.end += length;
      this.#isEnded = length === 0;
    }
    return true;
  }

  #makeRoom(count: number): void {
    const { bytes, start, end } = this;
    if (count > bytes.length) {
      this.bytes = new Uint8Array(Math.max(count, bytes.length * 2));
      this.view = new DataView(this.bytes.buffer);
      this.bytes.set(bytes.subarray(start, end));
    } else {
      bytes.copyWithin(0, start, end);
    }
    this.#before += start;
    this.end = end - start;
    this.start = 0;
  }
}
