// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../../base/hash.ts';
import type { Datagram } from '../../decode/datagram.ts';
import { hasKey } from '../../hep/auth-key.ts';
import { HepClock } from '../../hep/hep-clock.ts';
import { HepPacket } from '../../hep/hep-packet.ts';
import { HepResult } from '../../hep/hep-result.ts';
import { parseHep } from '../../hep/parse-hep.ts';
import { RtcpJson } from '../../hep/rtcp-json.ts';
import { type HepInputMetrics, HepRefusal } from '../../metrics/hep-metrics.ts';

/** What HEP packets are read by. */
export interface HepReaderOptions {
  /** Empty: none is asked for. */
  readonly authKey: Uint8Array;
  readonly maxPacketBytes: number;
  /** How far an agent's clock may be from ours. */
  readonly clockToleranceMicros: number;
  /** Whether RTCP is wanted. */
  readonly isMediaRead: boolean;
}

/** Takes what agents saw out of HEP packets, and counts why where there is nothing to be taken. */
export class HepReader {
  /** Of the last packet that `open` was true of: whether it has RTCP, else SIP; when that was seen, microseconds since the epoch. */
  isRtcp = false;
  micros = 0;
  /** Of RTCP: the agent's call, by the correlation id and the agent, for no two of them have one clock. */
  readonly call: { low: number; high: number } = { low: 0, high: 0 };
  /** The same: what its head says. */
  readonly packet: HepPacket = new HepPacket();

  readonly #metrics: HepInputMetrics;
  readonly #options: HepReaderOptions;
  readonly #hash: SeededHash;
  readonly #clock: HepClock;
  readonly #json = new RtcpJson();

  constructor(metrics: HepInputMetrics, hash: SeededHash, options: HepReaderOptions) {
    this.#hash = hash;
    this.#metrics = metrics;
    this.#options = options;
    this.#clock = new HepClock(options.clockToleranceMicros);
  }

  /**
   * Reads a packet of `length` bytes at `offset` that came at `arrivalMicros`. Puts the message or report inside into `datagram`,
   * which may be the one that the packet is the payload of. Returns whether there is one. Allocates nothing.
   */
  open(
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
    datagram: Datagram,
    arrivalMicros: number,
  ): boolean {
    const { packet } = this;
    const metrics = this.#metrics;
    const { authKey, maxPacketBytes, isMediaRead } = this.#options;
    const result =
      length > maxPacketBytes ? HepResult.tooLong : parseHep(bytes, view, offset, length, packet, datagram);
    this.isRtcp = result === HepResult.rtcp;
    if (result === HepResult.otherProtocol || (this.isRtcp && !isMediaRead)) {
      metrics.unread(packet.protocolType);
      return false;
    }
    if (result !== HepResult.message && !this.isRtcp) {
      metrics.notRead(result);
      return false;
    }
    if (authKey.length > 0 && !hasKey(bytes, packet, authKey)) {
      metrics.refused(HepRefusal.key);
      return false;
    }
    if (this.isRtcp) this.#readCall(view);
    if (this.isRtcp && RtcpJson.isJson(datagram) && !this.#json.open(datagram, arrivalMicros)) {
      metrics.notRead(HepResult.badReport);
      return false;
    }
    if (!this.#clock.judge(packet.captureMicros, arrivalMicros)) metrics.clockCorrected();
    this.micros = this.#clock.micros;
    return true;
  }

  /** Of `view` the id's bytes are those of the packet. */
  #readCall(view: DataView): void {
    const { correlationOffset, correlationLength, nodeId } = this.packet;
    this.call.low = 0;
    this.call.high = 0;
    if (correlationLength === 0) return;
    this.#hash.hash(view, correlationOffset, correlationLength);
    this.call.low = this.#hash.low ^ nodeId;
    this.call.high = this.#hash.high;
  }
}
