// SPDX-License-Identifier: Apache-2.0

/** Words: the version, odd while something is being written; and how often something came that readers wait for. */
const VERSION = 0;
const GENERATION = 1;

/**
 * A version of memory that one thread writes and others read in place, without locks: who reads takes what was read for good
 * only if the version was even before, and is the same behind it. The writer never waits. (A seqlock.)
 */
export class SharedVersion {
  readonly #words: Int32Array;
  /** Of the reader alone. */
  readonly #fence = new Int32Array(new SharedArrayBuffer(4));

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  /** The memory of a version. */
  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** For the writer: from here on it writes. Returns the version. */
  begin(): number {
    const words = this.#words;
    Atomics.store(words, VERSION, (words[VERSION]! + 1) | 0);
    // To load it keeps what is written now from being seen before: a store alone only holds back what came earlier.
    return Atomics.load(words, VERSION);
  }

  /** For the writer: all is as it is to be. */
  end(): void {
    Atomics.store(this.#words, VERSION, (this.#words[VERSION]! + 1) | 0);
  }

  /** For the writer: there is something new, which readers may look for. */
  renew(): void {
    Atomics.add(this.#words, GENERATION, 1);
  }

  /** Changes with `renew`. */
  get generation(): number {
    return Atomics.load(this.#words, GENERATION);
  }

  /** For readers: the version before they look; odd while it is being written. */
  get version(): number {
    return Atomics.load(this.#words, VERSION);
  }

  /** For readers, when they have looked: whether nothing was written since `version`. */
  isStill(version: number): boolean {
    // All that was read is read when this is stored, and the version is loaded behind it.
    Atomics.store(this.#fence, 0, version);
    return Atomics.load(this.#words, VERSION) === version;
  }
}
