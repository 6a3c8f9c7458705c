// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { Datagram } from './datagram.ts';

/**
 * The key of a connection, the same for both directions: a keyed mix of both ends in the order of their values.
 *
 * It is made as the keys of a call are: two lanes, multiplied with secret odd numbers, both in either half of the result
 * ([decision 013](../../docs/decisions/013-one-mix-for-the-keys-of-a-call.md)). Of IPv4 the last words tell all.
 */
export class ConnectionKey {
  low = 0;
  high = 0;
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #multiplierLow: number;
  readonly #multiplierHigh: number;
  #laneLow = 0;
  #laneHigh = 0;

  constructor(hash: SeededHash) {
    const label = new DataView(new ArrayBuffer(2));
    // The keys of a call have labels of no and of one byte.
    hash.hash(label, 0, 2);
    this.#multiplierLow = hash.low | 1;
    this.#multiplierHigh = hash.high | 1;
    label.setUint8(0, 1);
    hash.hash(label, 0, 2);
    this.#seedLow = hash.low;
    this.#seedHigh = hash.high;
  }

  /** Computes the key of a segment's connection. */
  read(segment: Datagram): void {
    const { sourceAddress: source, destinationAddress: destination, sourcePort, destinationPort } = segment;
    let order = sourcePort - destinationPort;
    for (let i = 0; order === 0 && i < 4; i++) order = source[i]! - destination[i]!;
    const first = order < 0 ? source : destination;
    const second = order < 0 ? destination : source;
    const ports = order < 0 ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    this.#laneLow = this.#seedLow;
    this.#laneHigh = this.#seedHigh;
    if (segment.ipVersion === 6) {
      for (let i = 0; i < 3; i++) this.#mix(first[i]!, second[i]!);
    }
    this.#mix(first[3]!, second[3]!);
    const multiplierLow = this.#multiplierLow;
    const multiplierHigh = this.#multiplierHigh;
    const low = this.#laneLow;
    const high = this.#laneHigh;
    let mixedLow = Math.imul(((low + high) | 0) ^ ports, multiplierHigh);
    mixedLow ^= mixedLow >>> 15;
    let mixedHigh = Math.imul((high + ports) | 0, multiplierLow);
    mixedHigh ^= mixedHigh >>> 13;
    mixedLow = Math.imul(mixedLow, multiplierLow);
    this.low = mixedLow ^ (mixedLow >>> 16);
    this.high = (mixedHigh + low) | 0;
  }

  /** Adds two words to the lanes. */
  #mix(first: number, second: number): void {
    const multiplierLow = this.#multiplierLow;
    const multiplierHigh = this.#multiplierHigh;
    let low = Math.imul(this.#laneLow ^ first, multiplierLow);
    low ^= low >>> 15;
    low = Math.imul(low ^ second, multiplierLow);
    this.#laneLow = low ^ (low >>> 15);
    const high = this.#laneHigh;
    const next = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + first) | 0;
    this.#laneHigh = (Math.imul((next << 13) | (next >>> 19), multiplierHigh) + second) | 0;
  }
}
