// SPDX-License-Identifier: Apache-2.0

/** What a `PacketClock` takes as packets out of order, not as a clock that was set back. */
const MAX_BACK_MICROS = 1_000_000;

/**
 * The time of a message that came in a HEP packet: the agent's, where its clock and the receiver's agree; the
 * receiver's, where they do not, or the agent does not say. So no agent moves packet time away from where it is, and
 * agents whose clocks differ go on with one time.
 */
export class HepClock {
  /** The time of the message, after `judge`: microseconds since the epoch. */
  micros = 0;
  readonly #toleranceMicros: number;
  #latestMicros = 0;

  /** `toleranceMicros` is how far an agent's clock may be from the receiver's, in both directions. */
  constructor(toleranceMicros: number) {
    this.#toleranceMicros = toleranceMicros;
  }

  /** Sets `micros`; both arguments are microseconds since the epoch. Returns whether the agent's time was taken. */
  judge(captureMicros: number, receivedMicros: number): boolean {
    const isTaken = Math.abs(receivedMicros - captureMicros) <= this.#toleranceMicros;
    const micros = isTaken ? captureMicros : receivedMicros;
    this.micros = Math.max(micros, this.#latestMicros - MAX_BACK_MICROS);
    this.#latestMicros = Math.max(this.micros, this.#latestMicros);
    return isTaken;
  }
}
