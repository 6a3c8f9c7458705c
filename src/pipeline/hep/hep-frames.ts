// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../../base/hash.ts';
import type { Datagram } from '../../decode/datagram.ts';
import { HepResult } from '../../hep/hep-result.ts';
import { HepInputMetrics, HepTransport } from '../../metrics/hep-metrics.ts';
import type { ShardWriter } from '../../metrics/shard-writer.ts';
import type { RtcpCall } from '../../rtp/rtcp/rtcp-flow-key.ts';
import { HepReader } from './hep-reader.ts';

const noKey = new Uint8Array(0);

/** Reads HEP packets that were captured on their way to somebody else. */
export class HepFrames {
  readonly #metrics: HepInputMetrics;
  readonly #portBitmap: Uint8Array;
  readonly #reader: HepReader;

  /** Port p is bit p % 8 of byte p >> 3 of `portBitmap`. */
  constructor(
    writer: ShardWriter,
    hash: SeededHash,
    portBitmap: Uint8Array,
    clockToleranceMicros: number,
    isMediaRead: boolean,
  ) {
    this.#metrics = new HepInputMetrics(writer);
    this.#portBitmap = portBitmap;
    this.#reader = new HepReader(this.#metrics, hash, {
      authKey: noKey,
      maxPacketBytes: Number.POSITIVE_INFINITY,
      clockToleranceMicros,
      isMediaRead,
    });
  }

  /** After `open`: as in `HepReader`. */
  get micros(): number {
    return this.#reader.micros;
  }
  get isRtcp(): boolean {
    return this.#reader.isRtcp;
  }
  get call(): RtcpCall {
    return this.#reader.call;
  }

  /** Whether a datagram goes to a port of HEP. */
  carries({ destinationPort }: Datagram): boolean {
    return this.#hasPort(destinationPort);
  }

  /** Whether a TCP segment is of a connection to a port of HEP. */
  segment({ sourcePort, destinationPort }: Datagram): boolean {
    const isHep = this.#hasPort(destinationPort) || this.#hasPort(sourcePort);
    if (isHep) this.#metrics.notRead(HepResult.segment);
    return isHep;
  }

  /** Puts what is inside in place of the datagram that carries it. Returns whether there is something. Allocates nothing. */
  open(datagram: Datagram, arrivalMicros: number): boolean {
    this.#metrics.packet(HepTransport.udp);
    const { bytes, view, payloadOffset, payloadLength } = datagram;
    return this.#reader.open(bytes, view, payloadOffset, payloadLength, datagram, arrivalMicros);
  }

  #hasPort(port: number): boolean {
    return ((this.#portBitmap[port >> 3]! >> (port & 7)) & 1) === 1;
  }
}
