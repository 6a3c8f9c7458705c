// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../../decode/datagram.ts';
import { HepClock } from '../../hep/hep-clock.ts';
import { HepPacket } from '../../hep/hep-packet.ts';
import { HepResult } from '../../hep/hep-result.ts';
import { parseHep } from '../../hep/parse-hep.ts';
import { HepInputMetrics, HepTransport } from '../../metrics/hep-metrics.ts';
import type { ShardWriter } from '../../metrics/shard-writer.ts';

/** Reads HEP packets that were captured on their way to somebody else. */
export class HepFrames {
  /** When the message inside was seen, after `open`: microseconds since the epoch. */
  messageMicros = 0;

  readonly #metrics: HepInputMetrics;
  readonly #portBitmap: Uint8Array;
  readonly #clock: HepClock;
  readonly #packet = new HepPacket();

  /** Port p is bit p % 8 of byte p >> 3 of `portBitmap`. */
  constructor(writer: ShardWriter, portBitmap: Uint8Array, clockToleranceMicros: number) {
    this.#metrics = new HepInputMetrics(writer);
    this.#portBitmap = portBitmap;
    this.#clock = new HepClock(clockToleranceMicros);
  }

  /** Whether a datagram goes to a port of HEP. */
  carries({ destinationPort }: Datagram): boolean {
    return this.#hasPort(destinationPort);
  }

  /** Whether a TCP segment is of a connection to a port of HEP. */
  segment({ sourcePort, destinationPort }: Datagram): boolean {
    const isHep = this.#hasPort(destinationPort) || this.#hasPort(sourcePort);
    if (isHep) this.#metrics.notMessage(HepResult.segment);
    return isHep;
  }

  /**
   * Puts the message inside in place of the datagram that carries it; sets `messageMicros`. Returns whether there is
   * one. Allocates nothing.
   */
  open(datagram: Datagram, arrivalMicros: number): boolean {
    this.#metrics.packet(HepTransport.udp);
    const packet = this.#packet;
    const { bytes, view, payloadOffset, payloadLength } = datagram;
    const result = parseHep(bytes, view, payloadOffset, payloadLength, packet, datagram);
    if (result !== HepResult.message) {
      this.#metrics.notMessage(result);
      return false;
    }
    if (!this.#clock.judge(packet.captureMicros, arrivalMicros)) this.#metrics.clockCorrected();
    this.messageMicros = this.#clock.micros;
    return true;
  }

  #hasPort(port: number): boolean {
    return ((this.#portBitmap[port >> 3]! >> (port & 7)) & 1) === 1;
  }
}
