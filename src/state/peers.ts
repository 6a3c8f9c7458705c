// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import type { PeerAddress } from './state-limits.ts';

const ADDRESS_WORDS = 4;

/** The configured peers, looked up by the address and port a request goes to. There are few: they are gone through. */
export class Peers {
  /** When each peer last answered, microseconds since the epoch. */
  readonly answeredMicros: Float64Array;

  readonly #addresses: Int32Array;
  readonly #ports: Int32Array;

  constructor(peers: readonly PeerAddress[]) {
    this.answeredMicros = new Float64Array(peers.length);
    this.#addresses = Int32Array.from(peers.flatMap(({ address }) => address));
    this.#ports = Int32Array.from(peers, ({ port }) => port);
  }

  /** Index of the peer a datagram goes to, or -1. */
  find(datagram: Datagram): number {
    const { destinationAddress, destinationPort } = datagram;
    for (let peer = 0; peer < this.#ports.length; peer++) {
      const port = this.#ports[peer]!;
      if (port !== 0 && port !== destinationPort) continue;
      let word = 0;
      while (
        word < ADDRESS_WORDS &&
        this.#addresses[peer * ADDRESS_WORDS + word] === destinationAddress[word]
      ) {
        word++;
      }
      if (word === ADDRESS_WORDS) return peer;
    }
    return -1;
  }
}
