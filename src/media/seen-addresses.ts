// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { FixedLimit } from './media-limits.ts';

/** Addresses that are kept, and how many places there are for each; where all are taken, the one seen longest ago makes room. */
const PLACES = 65_536;
const WAYS = 4;

/**
 * Addresses of which media was seen, and when last: they prove that the sensor sees the media of who has them. What is
 * forgotten because of others is a proof less, never one too many; within the time that it would have been one it counts.
 */
export class SeenAddresses {
  readonly #hash: SeededHash;
  readonly #clock: PacketClock;
  readonly #proofMicros: number;
  readonly #limitHits: Float64Array;
  readonly #key = new DataView(new ArrayBuffer(16));
  readonly #high = new Int32Array(PLACES);
  readonly #seenMicros = new Float64Array(PLACES);
  /** When media was seen last, of whatever address. */
  readonly #latestMicros = new Float64Array(1);

  /** `proofMicros` is how long it proves anything; hits are counted in `limitHits`, by `FixedLimit`. */
  constructor(hash: SeededHash, clock: PacketClock, proofMicros: number, limitHits: Float64Array) {
    this.#hash = hash;
    this.#clock = clock;
    this.#proofMicros = proofMicros;
    this.#limitHits = limitHits;
  }

  /** Media is seen of the address in the four words from `offset`. */
  note(words: Int32Array, offset: number): void {
    const first = this.#placesOf(words, offset);
    let place = this.#find(first);
    if (place < 0) {
      place = this.#oldest(first);
      const seenMicros = this.#seenMicros[place]!;
      const isProof = seenMicros !== 0 && seenMicros >= this.#clock.micros - this.#proofMicros;
      if (isProof) this.#limitHits[FixedLimit.seenAddresses]!++;
      this.#high[place] = this.#hash.high;
    }
    this.#seenMicros[place] = this.#clock.micros;
    this.#latestMicros[0] = this.#clock.micros;
  }

  /** Whether media was seen of any address since then: a sensor of signalling alone has nothing to look for. */
  hasAny(sinceMicros: number): boolean {
    return this.#latestMicros[0]! >= sinceMicros && this.#latestMicros[0] !== 0;
  }

  /** Whether media of it was seen since then. */
  has(words: Int32Array, offset: number, sinceMicros: number): boolean {
    const place = this.#find(this.#placesOf(words, offset));
    return place >= 0 && this.#seenMicros[place]! >= sinceMicros;
  }

  /** The first of the places for an address, whose hash it leaves. */
  #placesOf(words: Int32Array, offset: number): number {
    for (let i = 0; i < 4; i++) this.#key.setInt32(4 * i, words[offset + i]!, true);
    this.#hash.hash(this.#key, 0, 16);
    return this.#hash.low & (PLACES - WAYS);
  }

  /** Where the address with the hash is, of the places from `first` on; -1 for nowhere. */
  #find(first: number): number {
    for (let place = first; place < first + WAYS; place++) {
      if (this.#high[place] === this.#hash.high && this.#seenMicros[place] !== 0) return place;
    }
    return -1;
  }

  /** The place that was seen longest ago, or never. */
  #oldest(first: number): number {
    let oldest = first;
    for (let place = first + 1; place < first + WAYS; place++) {
      if (this.#seenMicros[place]! < this.#seenMicros[oldest]!) oldest = place;
    }
    return oldest;
  }
}
