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
import { type Handover, HandoverResult } from './handover.ts';
import type { HepFrames } from './hep/hep-frames.ts';
import type { HepOutput } from './hep/hep-output.ts';
import { TrafficContexts } from './traffic-contexts.ts';

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly writer: ShardWriter;
  readonly analysis: AnalysisOptions;
  readonly hash: SeededHash;
  readonly nameOfInterface: (interfaceIndex: number) => string;
  /** Puts a listener of its own between the state and the metrics, to which it passes everything on. */
  readonly wrapEvents?: (events: MessageEvents, clock: PacketClock) => MessageEvents;
  /** Messages that are scanned before the state takes them, 1 by default: see `PacketPipeline.packet`. */
  readonly batch?: number;
  /** Takes messages that belong to other workers. */
  readonly handover?: Handover;
  /** The label of what is this worker's own doing, `0` if not given. */
  readonly worker?: string;
  /** Reads the HEP packets among the datagrams: what counts is the message inside. */
  readonly hepFrames?: HepFrames;
  /** Takes every message but capture duplicates, to send it elsewhere. */
  readonly hepOutput?: HepOutput;
}

/**
 * From a lent frame to the counters: decode, SIP, state, metrics. Knows no clock and no source: the same frames give
 * the same figures, live or from a file.
 */
export class PacketPipeline {
  readonly contexts: TrafficContexts;
  readonly captureMetrics: CaptureMetrics;
  /** With a batch of 1, the datagram of the frame last taken. */
  readonly datagram: Datagram;

  readonly #sipMetrics: SipMetrics;
  readonly #events: MessageEvents;
  readonly #calls: Calls;
  readonly #parserLimits: ParserLimits;
  readonly #clock = new PacketClock();
  readonly #handover: Handover | undefined;
  readonly #hepFrames: HepFrames | undefined;
  readonly #hepOutput: HepOutput | undefined;
  readonly #batch: number;
  /** Messages that were scanned and wait for the state, where each was seen and when. */
  readonly #messages: readonly SipMessage[];
  readonly #datagrams: readonly Datagram[];
  readonly #contextOfMessage: Int32Array;
  readonly #arrivalMicros: Float64Array;
  #waiting = 0;

  constructor(parts: PipelineParts) {
    const { writer, analysis, hash, nameOfInterface, wrapEvents, batch = 1 } = parts;
    this.#handover = parts.handover;
    this.#hepFrames = parts.hepFrames;
    this.#hepOutput = parts.hepOutput;
    this.#batch = batch;
    this.#messages = Array.from({ length: batch }, () => new SipMessage());
    this.#datagrams = Array.from({ length: batch }, () => new Datagram());
    this.#contextOfMessage = new Int32Array(batch);
    this.#arrivalMicros = new Float64Array(batch);
    this.datagram = this.#datagrams[0]!;
    writer.openAll(Space.global, writer.context(Space.global, []));
    this.contexts = new TrafficContexts(writer, nameOfInterface);
    this.captureMetrics = new CaptureMetrics(writer, parts.worker ?? '0');
    const peerNames = analysis.peers.map(({ name }) => name);
    this.#sipMetrics = new SipMetrics(writer, this.#clock, analysis.windowMicros, peerNames);
    this.#events = wrapEvents?.(this.#sipMetrics, this.#clock) ?? this.#sipMetrics;
    this.#calls = new Calls(analysis.state, analysis.peers, hash, this.#clock, this.#events, batch);
    this.#parserLimits = analysis.parser;
  }

  /** The memory of the state's tables, none of it touched before the first packet. */
  get tableBuffers(): readonly ArrayBuffer[] {
    return this.#calls.tables.flatMap(({ buffers }) => buffers);
  }

  /**
   * Takes one frame. Never throws, allocates nothing. With a batch above 1 it may go on looking at the frame's bytes
   * until `release`: scanning some messages in a row and then taking them to the state in a row keeps the code and the
   * branch history of each warm (1,060 instead of 1,270 ns a packet with 64, bench pipeline/full-calls). What is counted is
   * the same; time passes with the messages.
   */
  packet(frame: Frame): void {
    const context = this.contexts.find(frame.interfaceIndex, frame.packetType);
    const interfaceContext = this.contexts.interfaceContext;
    const truncated = frame.capturedLength < frame.originalLength;
    this.captureMetrics.packet(interfaceContext, truncated);
    const slot = this.#waiting;
    this.#arrivalMicros[slot] = frame.arrivalMicros;
    if (slot === 0) this.#setTime(slot);

    const datagram = this.#datagrams[slot]!;
    const decoded = decodeFrame(frame, datagram);
    if (decoded !== DecodeResult.datagram) {
      this.captureMetrics.notDecoded(interfaceContext, decoded);
      return;
    }
    if (this.#hepFrames !== undefined && !this.#openHep(this.#hepFrames, slot, frame)) return;
    this.#parse(slot, context, datagram);
  }

  /** Where a message is to be put that did not come in a frame, before `message`. */
  get nextDatagram(): Datagram {
    return this.#datagrams[this.#waiting]!;
  }

  /**
   * Takes what was put in `nextDatagram`, seen at `arrivalMicros` in a traffic context. As with `packet`, its bytes may
   * be looked at until `release`.
   */
  message(context: number, arrivalMicros: number): void {
    const slot = this.#waiting;
    this.#arrivalMicros[slot] = arrivalMicros;
    if (slot === 0) this.#setTime(slot);
    this.#parse(slot, context, this.#datagrams[slot]!);
  }

  /** The bytes of all frames taken so far are given back: what waits goes to the state. */
  release(): void {
    for (let slot = 0; slot < this.#waiting; slot++) this.#calls.prepare(slot, this.#messages[slot]!);
    this.#calls.readAhead(this.#waiting);
    for (let slot = 0; slot < this.#waiting; slot++) {
      if (slot > 0) this.#setTime(slot);
      this.#take(slot);
    }
    this.#waiting = 0;
  }

  /** Lets time pass without packets. Returns whether there is more to do at this time than was done. */
  advance(nowMicros: number): boolean {
    this.release();
    this.#clock.micros = nowMicros;
    return this.#calls.advance();
  }

  /** The end of a capture that is not going on: what is known but waits for something better is told. */
  finish(): void {
    this.release();
    this.#calls.finish();
  }

  /** Brings windows and table figures up to date; to be called about once a second. */
  refreshGauges(): void {
    this.#sipMetrics.refresh();
    this.captureMetrics.tables(this.#calls.tables);
  }

  #setTime(slot: number): void {
    this.#clock.next[0] = this.#arrivalMicros[slot]!;
    this.#clock.advance();
    this.#calls.advance();
  }

  /** Takes the message out of a datagram that carries HEP. Returns whether there is something to parse. */
  #openHep(hepFrames: HepFrames, slot: number, { arrivalMicros }: Frame): boolean {
    const datagram = this.#datagrams[slot]!;
    if (!hepFrames.carries(datagram)) return true;
    if (!hepFrames.open(datagram, arrivalMicros)) return false;
    this.#arrivalMicros[slot] = hepFrames.messageMicros;
    if (slot === 0) this.#setTime(slot);
    return true;
  }

  /** Looks for the message that a datagram in the batch is; what is one waits there for the state. */
  #parse(slot: number, context: number, datagram: Datagram): void {
    const { bytes, view, payloadOffset, payloadLength } = datagram;
    const message = this.#messages[slot]!;
    const parsed = parseMessage(bytes, view, payloadOffset, payloadLength, this.#parserLimits, message);
    if (parsed !== ParseResult.message) {
      this.#events.notMessage(context, parsed);
      return;
    }
    if (this.#handover !== undefined) {
      const result = this.#handover.take(message, datagram, context, this.#arrivalMicros, slot);
      if (result !== HandoverResult.isOwn) {
        this.captureMetrics.handedOver(result === HandoverResult.lost);
        return;
      }
    }
    this.#contextOfMessage[slot] = context;
    this.#waiting = slot + 1;
    if (this.#waiting === this.#batch) this.release();
  }

  #take(slot: number): void {
    const events = this.#events;
    const calls = this.#calls;
    const message = this.#messages[slot]!;
    const datagram = this.#datagrams[slot]!;
    const context = this.#contextOfMessage[slot]!;
    const sighting = calls.see(slot, message, datagram, context);
    if (sighting === Sighting.duplicate) {
      events.captureDuplicate(context, message);
      return;
    }
    this.#hepOutput?.message(datagram, this.#arrivalMicros, slot);
    events.message(context, message);
    if (sighting === Sighting.retransmission) events.retransmission(context, message);
    calls.message(message, datagram, sighting, context);
  }
}
