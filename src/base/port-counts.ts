// SPDX-License-Identifier: Apache-2.0

const PORTS = 65_536;

/** Bytes of the counts of all ports, as the map `media_ports` of bpf/sip_capture.bpf.c has them. */
export const PORT_COUNTS_BYTES: number = PORTS * Uint32Array.BYTES_PER_ELEMENT;

/**
 * How often each port was announced: a set of ports, from which one is gone when everybody who added it removed it. The
 * counts may be memory that the kernel's filter reads, and that several threads have: then the ports are those of all.
 */
export class PortCounts {
  readonly #counts: Uint32Array;
  readonly #isShared: boolean;

  /**
   * `counts` has `PORT_COUNTS_BYTES`; memory of its own, if not given. `isShared` says that other threads add and remove, too:
   * an atomic change costs 40 ns, and a call makes eight.
   */
  constructor(counts: Uint32Array = new Uint32Array(PORTS), isShared = false) {
    this.#counts = counts;
    this.#isShared = isShared;
  }

  /** Counts a port, 0 to 65535, once more. Allocates nothing, needs no privilege. */
  add(port: number): void {
    if (this.#isShared) Atomics.add(this.#counts, port, 1);
    else this.#counts[port]!++;
  }

  /** Takes one `add` back. A port that nobody added stays out. */
  remove(port: number): void {
    if (!this.#isShared) {
      if (this.#counts[port] !== 0) this.#counts[port]!--;
    } else if (Atomics.sub(this.#counts, port, 1) === 0) Atomics.add(this.#counts, port, 1);
  }

  /** Whether somebody added a port, 0 to 65535, and did not remove it. */
  has(port: number): boolean {
    return this.#counts[port] !== 0;
  }
}
