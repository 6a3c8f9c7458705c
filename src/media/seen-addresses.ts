// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';

/** Addresses that are kept; one that falls on the place of another takes it. */
const PLACES = 8192;

/**
 * Addresses of which media was seen, and when last: they prove that the sensor sees the media of who has them. What is
 * forgotten because of others is a proof less, never one too many.
 */
export class SeenAddresses {
  readonly #hash: SeededHash;
  readonly #clock: PacketClock;
  readonly #key = new DataView(new ArrayBuffer(16));
  readonly #high = new Int32Array(PLACES);
  readonly #seenMicros = new Float64Array(PLACES);
  /** When media was seen last, of whatever address. */
  readonly #latestMicros = new Float64Array(1);

  constructor(hash: SeededHash, clock: PacketClock) {
    this.#hash = hash;
    this.#clock = clock;
  }

  /** Media is seen of the address in the four words from `offset`. */
  note(words: Int32Array, offset: number): void {
    const place = this.#placeOf(words, offset);
    this.#high[place] = this.#hash.high;
    this.#seenMicros[place] = this.#clock.micros;
    this.#latestMicros[0] = this.#clock.micros;
  }

  /** Whether media was seen of any address since then: a sensor of signalling alone has nothing to look for. */
  hasAny(sinceMicros: number): boolean {
    return this.#latestMicros[0]! >= sinceMicros && this.#latestMicros[0] !== 0;
  }

  /** Whether media of it was seen since then. */
  has(words: Int32Array, offset: number, sinceMicros: number): boolean {
    const place = this.#placeOf(words, offset);
    return this.#seenMicros[place]! >= sinceMicros && this.#high[place] === this.#hash.high;
  }

  #placeOf(words: Int32Array, offset: number): number {
    for (let i = 0; i < 4; i++) this.#key.setInt32(4 * i, words[offset + i]!, true);
    this.#hash.hash(this.#key, 0, 16);
    return this.#hash.low & (PLACES - 1);
  }
}
