// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';

/**
 * Keys of a flow (addresses and ports, in one direction) and of a stream of it (and SSRC), as two int32 lanes each. Mixed as the
 * keys of calls are ([decision 013](../../docs/decisions/013-one-mix-for-the-keys-of-a-call.md)): secret odd multipliers,
 * so that who chooses ports and SSRCs cannot tell which collide.
 */
export class StreamKey {
  low = 0;
  high = 0;
  flowLow = 0;
  flowHigh = 0;

  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #multiplierLow: number;
  readonly #multiplierHigh: number;

  constructor(hash: SeededHash) {
    const label = new DataView(new ArrayBuffer(1));
    label.setUint8(0, 0x52);
    hash.hash(label, 0, 0);
    this.#seedLow = hash.low;
    this.#seedHigh = hash.high;
    hash.hash(label, 0, 1);
    this.#multiplierLow = hash.low | 1;
    this.#multiplierHigh = hash.high | 1;
  }

  /** Computes both keys. Addresses are four words, as in `Datagram`. */
  read(
    sourceAddress: Int32Array,
    sourcePort: number,
    destinationAddress: Int32Array,
    destinationPort: number,
    ssrc: number,
  ): void {
    const multiplierLow = this.#multiplierLow;
    const multiplierHigh = this.#multiplierHigh;
    const ports = (sourcePort << 16) | destinationPort;
    let low = Math.imul(this.#seedLow ^ ports, multiplierLow);
    low ^= low >>> 15;
    let high = (this.#seedHigh + ports) | 0;
    // The first three words of IPv4 addresses are all the same.
    const isIpv4 = (sourceAddress[0]! | sourceAddress[1]!) === 0 && sourceAddress[2] === 0xffff;
    for (let i = isIpv4 ? 3 : 0; i < 4; i++) {
      const source = sourceAddress[i]!;
      const destination = destinationAddress[i]!;
      low = Math.imul(low ^ source, multiplierLow);
      low ^= low >>> 15;
      high = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + source) | 0;
      low = Math.imul(low ^ destination, multiplierLow);
      low ^= low >>> 15;
      high = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + destination) | 0;
    }
    this.flowLow = low;
    this.flowHigh = high;
    low = Math.imul(low ^ ssrc, multiplierHigh);
    low ^= low >>> 15;
    low = (Math.imul(low, multiplierLow) + high) | 0;
    high = (Math.imul((high << 13) | (high >>> 19), multiplierHigh) + ssrc) | 0;
    this.low = low ^ (low >>> 13);
    this.high = Math.imul(high ^ (high >>> 16), multiplierLow);
  }
}
