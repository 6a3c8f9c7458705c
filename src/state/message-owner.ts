// SPDX-License-Identifier: Apache-2.0
import type { Spread } from '../base/spread.ts';
import { MAX_ADDRESS_OF_RECORD_BYTES, readAddressOfRecord } from '../sip/address-of-record.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';

/**
 * Which of several workers keeps the state of a message. All state of a call has its Call-ID in the key. Registrations are
 * of an address-of-record, which several Call-IDs may set; and whether a peer answers is told by all its OPTIONS, which
 * therefore have one owner where there are peers.
 */
export class MessageOwner {
  readonly #spread: Spread;
  /** Whether there are peers. */
  hasPeers: boolean;
  readonly #address = new Uint8Array(MAX_ADDRESS_OF_RECORD_BYTES);

  constructor(spread: Spread, hasPeers: boolean) {
    this.#spread = spread;
    this.hasPeers = hasPeers;
  }

  /** The number of the worker. */
  of(message: SipMessage): number {
    if (message.method === Method.register) {
      const length = readAddressOfRecord(message.bytes, message.toOffset, message.toLength, this.#address);
      return this.#spread.workerOf(this.#address, 0, length);
    }
    if (message.method === Method.options && this.hasPeers) return PEERS_OWNER;
    return this.#spread.workerOf(message.bytes, message.callIdOffset, message.callIdLength);
  }
}

/** The worker that has the configured peers. */
export const PEERS_OWNER = 0;

/** The worker that has the media of all calls: an address and port may be announced by any of them. */
export const MEDIA_OWNER = 0;
