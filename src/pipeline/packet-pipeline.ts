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
import type { ParserLimits } from '../sip/parser-limits.ts';
import { Calls } from '../state/calls.ts';
import type { MessageEvents } from '../state/message-events.ts';
import { Sighting } from '../state/transactions.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { TrafficContexts } from './traffic-contexts.ts';

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly writer: ShardWriter;
  readonly analysis: AnalysisOptions;
  readonly hash: SeededHash;
  readonly nameOfInterface: (interfaceIndex: number) => string;
  /** Puts a listener of its own between the state and the metrics, to which it passes everything on. */
  readonly wrapEvents?: (events: MessageEvents, clock: PacketClock) => MessageEvents;
}

/**
 * From a lent frame to the counters: decode, SIP, state, metrics. Knows no clock and no source: the same frames give
 * the same figures, live or from a file.
 */
export class PacketPipeline {
  readonly contexts: TrafficContexts;
  readonly captureMetrics: CaptureMetrics;
  /** The datagram of the frame last taken. */
  readonly datagram: Datagram = new Datagram();

  readonly #sipMetrics: SipMetrics;
  readonly #events: MessageEvents;
  readonly #calls: Calls;
  readonly #parserLimits: ParserLimits;
  readonly #message = new SipMessage();
  readonly #clock = new PacketClock();

  constructor({ writer, analysis, hash, nameOfInterface, wrapEvents }: PipelineParts) {
    writer.openAll(Space.global, writer.context(Space.global, []));
    this.contexts = new TrafficContexts(writer, nameOfInterface);
    this.captureMetrics = new CaptureMetrics(writer);
    const peerNames = analysis.peers.map(({ name }) => name);
    this.#sipMetrics = new SipMetrics(writer, this.#clock, analysis.windowMicros, peerNames);
    this.#events = wrapEvents?.(this.#sipMetrics, this.#clock) ?? this.#sipMetrics;
    this.#calls = new Calls(analysis.state, analysis.peers, hash, this.#clock, this.#events);
    this.#parserLimits = analysis.parser;
  }

  /** The memory of the state's tables, none of it touched before the first packet. */
  get tableBuffers(): readonly ArrayBuffer[] {
    return this.#calls.buffers;
  }

  /** Takes one frame. Never throws, allocates nothing. */
  packet(frame: Frame): void {
    const context = this.contexts.find(frame.interfaceIndex, frame.packetType);
    const interfaceContext = this.contexts.interfaceContext;
    const truncated = frame.capturedLength < frame.originalLength;
    this.captureMetrics.packet(interfaceContext, truncated);
    this.#clock.next[0] = frame.arrivalMicros;
    this.#clock.advance();
    this.#calls.advance();

    const { datagram } = this;
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
      this.#parserLimits,
      message,
    );
    if (parsed !== ParseResult.message) this.#events.notMessage(context, parsed);
    else this.#take(message, context);
  }

  /** Lets time pass without packets. Returns whether there is more to do at this time than was done. */
  advance(nowMicros: number): boolean {
    this.#clock.micros = nowMicros;
    return this.#calls.advance();
  }

  /** The end of a capture that is not going on: what is known but waits for something better is told. */
  finish(): void {
    this.#calls.finish();
  }

  /** Brings windows and table figures up to date; to be called about once a second. */
  refreshGauges(): void {
    this.#sipMetrics.refresh();
    this.captureMetrics.tables(this.#calls.tables);
  }

  #take(message: SipMessage, context: number): void {
    const events = this.#events;
    const calls = this.#calls;
    const sighting = calls.see(message, this.datagram, context);
    if (sighting === Sighting.duplicate) {
      events.captureDuplicate(context, message);
      return;
    }
    events.message(context, message);
    if (sighting === Sighting.retransmission) events.retransmission(context, message);
    calls.message(message, this.datagram, sighting, context);
  }
}
