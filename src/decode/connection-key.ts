// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { Datagram } from './datagram.ts';

const ADDRESS_WORDS = 4;
/** Two addresses and two ports. */
const KEY_BYTES = 36;

/** The key of a connection, the same for both directions: a keyed hash of both ends in the order of their values. */
export class ConnectionKey {
  low = 0;
  high = 0;
  readonly #hash: SeededHash;
  readonly #view = new DataView(new ArrayBuffer(KEY_BYTES));

  constructor(hash: SeededHash) {
    this.#hash = hash;
  }

  /** Computes the key of a segment's connection. */
  read(segment: Datagram): void {
    const { sourceAddress, destinationAddress, sourcePort, destinationPort } = segment;
    let order = sourcePort - destinationPort;
    for (let i = 0; order === 0 && i < ADDRESS_WORDS; i++) order = sourceAddress[i]! - destinationAddress[i]!;
    const view = this.#view;
    const first = order < 0 ? sourceAddress : destinationAddress;
    const second = order < 0 ? destinationAddress : sourceAddress;
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      view.setInt32(i * 4, first[i]!);
      view.setInt32(16 + i * 4, second[i]!);
    }
    const ports = order < 0 ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    view.setInt32(32, ports);
    this.#hash.hash(view, 0, KEY_BYTES);
    this.low = this.#hash.low;
    this.high = this.#hash.high;
  }
}
