// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { Datagram } from '../decode/datagram.ts';
import { DecodeResult } from '../decode/decode-result.ts';
import { decodeFrame } from '../decode/frame-decoder.ts';
import { CaptureMetrics } from '../metrics/capture-metrics.ts';
import { Space } from '../metrics/definition.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { SipMetrics } from '../metrics/sip-metrics.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import { Calls, type StateLimits } from '../state/calls.ts';
import { TrafficContexts } from './traffic-contexts.ts';

/**
 * From a lent frame to the counters: decode, SIP, state, metrics. Knows no clock and no source: the same frames give
 * the same figures, live or from a file.
 */
export class PacketPipeline {
  readonly contexts: TrafficContexts;
  readonly captureMetrics: CaptureMetrics;

  readonly #sipMetrics: SipMetrics;
  readonly #calls: Calls;
  readonly #datagram = new Datagram();
  readonly #message = new SipMessage();
  readonly #clock = new PacketClock();

  constructor(
    writer: ShardWriter,
    limits: StateLimits,
    hash: SeededHash,
    nameOfInterface: (interfaceIndex: number) => string,
  ) {
    writer.openAll(Space.global, writer.context(Space.global, []));
    this.contexts = new TrafficContexts(writer, nameOfInterface);
    this.captureMetrics = new CaptureMetrics(writer);
    this.#sipMetrics = new SipMetrics(writer, this.#clock);
    this.#calls = new Calls(limits, hash, this.#clock, this.#sipMetrics);
  }

  /** Takes one frame. Never throws, allocates nothing. */
  packet(frame: Frame): void {
    const context = this.contexts.find(frame.interfaceIndex, frame.packetType);
    const interfaceContext = this.contexts.interfaceContext;
    const truncated = frame.capturedLength < frame.originalLength;
    this.captureMetrics.packet(interfaceContext, truncated);
    this.#clock.micros = frame.arrivalMicros;
    this.#calls.advance();

    const datagram = this.#datagram;
    const decoded = decodeFrame(frame, datagram);
    if (decoded !== DecodeResult.datagram) {
      this.captureMetrics.notDecoded(interfaceContext, decoded);
      return;
    }
    const message = this.#message;
    const parsed = parseMessage(
      frame.bytes,
      frame.view,
      datagram.payloadOffset,
      datagram.payloadLength,
      message,
    );
    if (parsed !== ParseResult.message) {
      this.#sipMetrics.notMessage(context, parsed);
      return;
    }
    this.#sipMetrics.message(context, message);
    this.#calls.message(message, context);
  }

  /** Lets time pass without packets. */
  advance(nowMicros: number): void {
    this.#clock.micros = nowMicros;
    this.#calls.advance();
  }

  /** Brings windows and table figures up to date; to be called about once a second. */
  refreshGauges(): void {
    this.#sipMetrics.refresh();
    this.captureMetrics.tables(this.#calls);
  }
}
