// SPDX-License-Identifier: Apache-2.0
import { BlockList } from 'node:net';
import type { Subnet } from './hep-options.ts';

/** Who may send. */
export class HepSources {
  readonly #list = new BlockList();
  readonly #isOpen: boolean;
  /** The one asked for last: agents send many packets in a row. */
  #lastAddress = '';
  #lastAnswer = false;

  /** Without any subnet everybody may. */
  constructor(allowed: readonly Subnet[]) {
    for (const { address, prefixLength, family } of allowed) {
      this.#list.addSubnet(address, prefixLength, family);
    }
    this.#isOpen = allowed.length === 0;
  }

  /** Whether an address may send; IPv4 in mapped form counts as IPv4. */
  allows(address: string): boolean {
    if (this.#isOpen) return true;
    if (address !== this.#lastAddress) {
      this.#lastAddress = address;
      this.#lastAnswer = this.#list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
    }
    return this.#lastAnswer;
  }
}
