// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import type { PeerAddress } from './state-limits.ts';

const ADDRESS_WORDS = 4;

/** The configured peers, looked up by the address and port a request goes to. There are few: they are gone through. */
export class Peers {
  /** When each peer last answered, microseconds since the epoch. */
  answeredMicros: Float64Array = new Float64Array(0);

  #names: readonly string[] = [];
  #addresses = new Int32Array(0);
  #ports = new Int32Array(0);
  /** What is added to the index of a peer: numbers from before the peers changed are of none. */
  #firstNumber = 0;

  constructor(peers: readonly PeerAddress[]) {
    this.replace(peers);
  }

  /** Other peers from now on; of those that stay it is known when they answered. */
  replace(peers: readonly PeerAddress[]): void {
    const before = new Map(this.#names.map((name, peer) => [name, this.answeredMicros[peer]!]));
    this.#firstNumber += this.#names.length;
    this.#names = peers.map(({ name }) => name);
    this.answeredMicros = Float64Array.from(this.#names, (name) => before.get(name) ?? 0);
    this.#addresses = Int32Array.from(peers.flatMap(({ address }) => address));
    this.#ports = Int32Array.from(peers, ({ port }) => port);
  }

  /** Number of the peer a datagram goes to, or -1. */
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
      if (word === ADDRESS_WORDS) return this.#firstNumber + peer;
    }
    return -1;
  }

  /** Index of the peer that `find` gave a number for, or -1 where the peers have changed since. */
  indexOf(number: number): number {
    return Math.max(-1, number - this.#firstNumber);
  }
}
