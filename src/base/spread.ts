// SPDX-License-Identifier: Apache-2.0

/** Bytes of a text that are hashed. */
const MAX_HASHED_BYTES = 128;
const SP = 0x20;

/** Two 32-bit words, random for each process: who chooses Call-IDs is not to choose the worker. The second is odd. */
export interface SpreadKey {
  readonly seed: number;
  readonly multiplier: number;
}

/**
 * Spreads texts, such as Call-IDs, over workers. The hash is the one of bpf/sip_fanout.bpf.c, which has a packet before any
 * worker does: a multiplication for each byte, up to the first white space, and a mix at the end, of which the kernel
 * takes the remainder.
 */
export class Spread {
  /** How many workers there are. */
  readonly workers: number;
  readonly #seed: number;
  readonly #multiplier: number;

  constructor(workers: number, { seed, multiplier }: SpreadKey) {
    this.workers = workers;
    this.#seed = seed | 0;
    this.#multiplier = multiplier | 0;
  }

  /** The number of the worker, 0..workers-1, that has the text of `length` bytes from `offset`. */
  workerOf(bytes: Uint8Array, offset: number, length: number): number {
    const multiplier = this.#multiplier;
    let hash = this.#seed;
    let p = offset | 0;
    for (const end = (p + Math.min(length, MAX_HASHED_BYTES)) | 0; p < end; p++) {
      const byte = bytes[p]!;
      if (byte <= SP) break;
      hash = Math.imul(hash ^ byte, multiplier);
    }
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    return ((hash ^ (hash >>> 13)) >>> 0) % this.workers;
  }
}
