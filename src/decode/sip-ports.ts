// SPDX-License-Identifier: Apache-2.0
import { portBitmap } from '../base/port-bitmap.ts';
import type { Datagram } from './datagram.ts';
import { beginsLikeSip } from './sip-beginning.ts';

/** What `--sip.ports` and `--sip.detect` say: which datagrams and segments are looked at. */
export class SipPorts {
  readonly #bitmap: Uint8Array;
  readonly #isDetecting: boolean;

  /** Throws RangeError for what is no port. `isDetecting` takes UDP on any port whose payload begins like SIP. */
  constructor(ports: readonly number[], isDetecting: boolean) {
    this.#bitmap = portBitmap(ports);
    this.#isDetecting = isDetecting;
  }

  /** Whether a port, 0 to 65535, is of the list. */
  has(port: number): boolean {
    return ((this.#bitmap[port >> 3]! >> (port & 7)) & 1) === 1;
  }

  /** Whether the list has a port of a decoded datagram or segment. */
  hasPortOf(datagram: Datagram): boolean {
    return this.has(datagram.destinationPort) || this.has(datagram.sourcePort);
  }

  /** Whether a UDP payload from `start` to `end`, on whatever ports, is taken for how it begins. */
  detects(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#isDetecting && beginsLikeSip(bytes, start, end);
  }

  /**
   * Whether a decoded datagram is looked at. The filter in the kernel says so of most packets already, but must let
   * through what it cannot see into: fragments above all. Never throws, allocates nothing.
   */
  takes(datagram: Datagram): boolean {
    if (this.hasPortOf(datagram)) return true;
    const { bytes, payloadOffset, payloadLength } = datagram;
    return this.detects(bytes, payloadOffset, payloadOffset + payloadLength);
  }
}
