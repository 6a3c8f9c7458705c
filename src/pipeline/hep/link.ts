// SPDX-License-Identifier: Apache-2.0

/** A way to send HEP packets that comes and goes by itself. */
export interface Link {
  /** Whether more can be given to it now. */
  readonly hasRoom: boolean;
  /** Takes a packet, which is not to be changed afterwards. */
  send(packet: Buffer): void;
  /** Ends in its own time, with what it was given. */
  close(): void;
}

/** What a link tells. */
export interface LinkEvents {
  up(): void;
  /** There is no connection, for now. */
  down(reason: string): void;
  /** The network reported that a packet that was sent was not delivered. */
  undelivered(reason: string): void;
  /** A packet is in the hands of the kernel. */
  sent(lengthBytes: number): void;
  /** A packet could not be sent. */
  lost(isConnectionLost: boolean): void;
}

/** Wait between attempts, doubled with each that fails, up to the longest. */
const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 30_000;

/** How long to wait before the next attempt. */
export class Backoff {
  #waitMillis = FIRST_WAIT_MILLIS;

  /** Milliseconds to wait after an attempt that failed. */
  next(): number {
    const waitMillis = this.#waitMillis;
    this.#waitMillis = Math.min(2 * waitMillis, LONGEST_WAIT_MILLIS);
    return waitMillis;
  }

  /** After an attempt that did not fail. */
  reset(): void {
    this.#waitMillis = FIRST_WAIT_MILLIS;
  }
}
