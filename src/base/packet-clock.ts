// SPDX-License-Identifier: Apache-2.0

/**
 * Packet time, set once for each packet and read by whoever needs it: microseconds since the epoch, from the kernel's
 * timestamp of the packet. It is a cell of its own and no argument, because V8 boxes a double that is passed to a
 * function it does not inline: 16 bytes a packet (bench state/full-calls).
 */
export class PacketClock {
  readonly #cell = new Float64Array(1);

  get micros(): number {
    return this.#cell[0]!;
  }

  set micros(value: number) {
    this.#cell[0] = value;
  }
}
