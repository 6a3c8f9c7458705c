// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';

/** IPv4 in mapped form has the same words before its last one (RFC 4291 §2.5.5.2). */
const MAPPED_WORD = 0xffff;

/**
 * The key of an address and port: a keyed mix as the keys of a call and of a connection are
 * ([decision 013](../../docs/decisions/013-one-mix-for-the-keys-of-a-call.md)). HalfSipHash took three times as long, several times
 * a description.
 */
export class EndpointKey {
  low = 0;
  high = 0;
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #multiplierLow: number;
  readonly #multiplierHigh: number;

  constructor(hash: SeededHash) {
    // The keys of a call and of a connection have labels of no, one and two bytes.
    const label = new DataView(new ArrayBuffer(3));
    hash.hash(label, 0, 3);
    this.#multiplierLow = hash.low | 1;
    this.#multiplierHigh = hash.high | 1;
    label.setUint8(0, 1);
    hash.hash(label, 0, 3);
    this.#seedLow = hash.low;
    this.#seedHigh = hash.high;
  }

  /** Computes the key of the address in four words from `offset`, and a port. */
  read(words: Int32Array, offset: number, port: number): void {
    const multiplierLow = this.#multiplierLow;
    const multiplierHigh = this.#multiplierHigh;
    let low = this.#seedLow;
    let high = this.#seedHigh;
    const isIpv4 = words[offset] === 0 && words[offset + 1] === 0 && words[offset + 2] === MAPPED_WORD;
    for (let i = isIpv4 ? 3 : 0; i < 4; i++) {
      const word = words[offset + i]!;
      low = Math.imul(low ^ word, multiplierLow);
      low ^= low >>> 15;
      high = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + word) | 0;
    }
    let mixedLow = Math.imul(((low + high) | 0) ^ port, multiplierHigh);
    mixedLow ^= mixedLow >>> 15;
    let mixedHigh = Math.imul((high + port) | 0, multiplierLow);
    mixedHigh ^= mixedHigh >>> 13;
    mixedLow = Math.imul(mixedLow, multiplierLow);
    this.low = mixedLow ^ (mixedLow >>> 16);
    this.high = (mixedHigh + low) | 0;
  }
}
