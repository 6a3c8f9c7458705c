// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../base/byte-ring.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { JoinedAddresses } from '../media/joined-addresses.ts';
import type { JoinedStreams } from '../media/joined-streams.ts';
import type { CaptureMetrics } from '../metrics/capture-metrics.ts';
import type { StreamEvents, StreamReport } from '../rtp/stream-events.ts';
import type { Sighting } from '../state/transactions.ts';
import type { Handover, MediaHandoverData } from './handover.ts';
import { HANDOVER_HEADER_BYTES, setSighting, writeHandover } from './handover-record.ts';
import {
  STREAM_END_BYTES,
  STREAM_REPORT_BYTES,
  StreamEvent,
  workerOfSlot,
  writeStreamEnd,
  writeStreamReport,
} from './media-handover-record.ts';

/**
 * Tells the worker that has the media of calls what others know of it, and them which streams it ends. Never waits, allocates
 * nothing; what finds no room is lost, and counted.
 */
export class MediaHandover implements StreamEvents, JoinedStreams {
  readonly #handover: Handover;
  readonly #told: ByteRing;
  readonly #orders: readonly ByteRing[];
  readonly #clock: PacketClock;
  readonly #metrics: CaptureMetrics;
  readonly #addresses: JoinedAddresses;
  readonly #nowMicros = new Float64Array(1);

  constructor(
    handover: Handover,
    { told, orders }: MediaHandoverData,
    clock: PacketClock,
    metrics: CaptureMetrics,
    addresses: JoinedAddresses,
  ) {
    this.#handover = handover;
    this.#told = new ByteRing(told[handover.worker]!);
    this.#orders = orders.map((ring) => new ByteRing(ring));
    this.#clock = clock;
    this.#metrics = metrics;
    this.#addresses = addresses;
  }

  /** A message that the state has taken, at the time of the clock. */
  message(datagram: Datagram, sighting: Sighting, context: number): void {
    const ring = this.#told;
    const at = this.#reserve(ring, HANDOVER_HEADER_BYTES + datagram.payloadLength);
    if (at < 0) return;
    this.#nowMicros[0] = this.#clock.micros;
    writeHandover(ring.view, at, context, datagram, this.#nowMicros, 0);
    setSighting(ring.view, at, sighting);
    ring.commit();
  }

  streamBegan(report: StreamReport): void {
    this.#report(StreamEvent.began, report);
  }

  streamJoined(report: StreamReport): void {
    this.#report(StreamEvent.joined, report);
  }

  streamLeft(report: StreamReport): void {
    this.#report(StreamEvent.left, report);
  }

  intervalEnded(report: StreamReport): void {
    this.#report(StreamEvent.intervalEnded, report);
  }

  streamEnded(report: StreamReport): void {
    this.#report(StreamEvent.ended, report);
  }

  /** Of another worker's stream; to be called by the one that has the calls. */
  endOfLine(line: number, stream: number, streamKey: number): void {
    const ring = this.#orders[workerOfSlot(stream)]!;
    const at = this.#reserve(ring, STREAM_END_BYTES);
    if (at < 0) return;
    writeStreamEnd(ring.view, at, stream, streamKey, line);
    ring.commit();
  }

  #report(event: StreamEvent, report: StreamReport): void {
    // It belongs to no call.
    if (report.endpoint < 0) return;
    const ring = this.#told;
    const at = this.#reserve(ring, STREAM_REPORT_BYTES);
    if (at < 0) return;
    const { worker } = this.#handover;
    writeStreamReport(ring.view, at, this.#clock.micros, event, worker, report, this.#addresses);
    ring.commit();
  }

  /** Where a record is to be put, -1 where there is no room. */
  #reserve(ring: ByteRing, length: number): number {
    const at = ring.reserve(length);
    if (at < 0) this.#handover.noteLoss();
    this.#metrics.mediaHandedOver(at < 0);
    return at;
  }
}
