// SPDX-License-Identifier: Apache-2.0
import type { AbuseWatch } from '../abuse/abuse-watch.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Ticks } from '../base/ticks.ts';
import { Datagram } from '../decode/datagram.ts';
import type { CaptureMetrics } from '../metrics/capture-metrics.ts';
import { Counter } from '../metrics/counter.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import type { Calls } from '../state/calls.ts';
import type { MessageEvents } from '../state/message-events.ts';
import { Sighting } from '../state/transactions.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { type Handover, HandoverResult } from './handover.ts';
import type { HepOutput } from './hep/hep-output.ts';
import type { TrafficLabels } from './labels/traffic-labels.ts';
import { MediaPipeline } from './media-pipeline.ts';
import type { MessageSlots } from './sip-over-tcp.ts';

/** What `MessageBatch` is made of. */
export interface MessageBatchParts {
  /** Messages it holds, 1 or more. */
  readonly size: number;
  readonly tunnels: AnalysisOptions['tunnels'];
  readonly parserLimits: ParserLimits;
  readonly writer: ShardWriter;
  readonly captureMetrics: CaptureMetrics;
  readonly clock: PacketClock;
  /** Of the state, by that clock. */
  readonly ticks: Ticks;
  readonly events: MessageEvents;
  readonly calls: Calls;
  readonly abuse: AbuseWatch;
  /** Takes messages that belong to other workers. */
  readonly handover: Handover | undefined;
  /** Takes every message but capture duplicates, to send it elsewhere. */
  readonly hepOutput: HepOutput | undefined;
  /** Without it media is not read. */
  readonly media: MediaPipeline | undefined;
}

/**
 * Messages that were scanned and wait for the state, each with its datagram, where it was seen and when. Scanning some in a row
 * and then taking them to the state in a row keeps the code and the branch history of each warm (1,060 instead of 1,270 ns a
 * packet with 64, bench pipeline/full-calls). What is counted is the same as with one; time passes with the messages.
 */
export class MessageBatch implements MessageSlots {
  /** Messages that wait: also the slot of the next one. */
  waiting = 0;
  /** The objects of each slot. */
  readonly datagrams: readonly Datagram[];
  /** When what is in each slot was seen, microseconds since the epoch. */
  readonly arrivalMicros: Float64Array;
  /** When the frame was seen that is looked at. */
  readonly frameMicros: Float64Array = new Float64Array(1);
  /** What gives messages the labels of users. */
  labels: TrafficLabels | undefined;

  readonly #size: number;
  readonly #messages: readonly SipMessage[];
  readonly #contexts: Int32Array;
  readonly #parserLimits: ParserLimits;
  readonly #transports: Counter;
  readonly #captureMetrics: CaptureMetrics;
  readonly #clock: PacketClock;
  readonly #ticks: Ticks;
  readonly #events: MessageEvents;
  readonly #calls: Calls;
  readonly #abuse: AbuseWatch;
  readonly #handover: Handover | undefined;
  readonly #hepOutput: HepOutput | undefined;
  readonly #media: MediaPipeline | undefined;

  constructor(parts: MessageBatchParts) {
    const { size } = parts;
    this.#size = size;
    this.#messages = Array.from({ length: size }, () => new SipMessage());
    this.datagrams = Array.from({ length: size }, () => new Datagram(parts.tunnels));
    this.#contexts = new Int32Array(size);
    this.arrivalMicros = new Float64Array(size);
    this.#parserLimits = parts.parserLimits;
    this.#transports = new Counter(parts.writer, 'sip_transport_messages_total');
    this.#captureMetrics = parts.captureMetrics;
    this.#clock = parts.clock;
    this.#ticks = parts.ticks;
    this.#events = parts.events;
    this.#calls = parts.calls;
    this.#abuse = parts.abuse;
    this.#handover = parts.handover;
    this.#hepOutput = parts.hepOutput;
    this.#media = parts.media;
  }

  /** The message of the next slot. */
  get message(): SipMessage {
    return this.#messages[this.waiting]!;
  }

  /** The datagram of the next slot. */
  get datagram(): Datagram {
    return this.datagrams[this.waiting]!;
  }

  /** The time of a slot is that of the clock: what is due by then ends. */
  setTime(slot: number): void {
    this.#clock.next[0] = this.arrivalMicros[slot]!;
    this.#clock.advance();
    this.#ticks.advance();
  }

  /** Looks for the message in the datagram of the next slot; what is one waits there for the state. */
  parse(context: number): ParseResult {
    const slot = this.waiting;
    const { bytes, view, payloadOffset, payloadLength } = this.datagrams[slot]!;
    const message = this.#messages[slot]!;
    const parsed = parseMessage(bytes, view, payloadOffset, payloadLength, this.#parserLimits, message);
    if (parsed === ParseResult.message) this.#add(slot, context);
    return parsed;
  }

  /** What the message in the datagram of the next slot says of the media of its call, whose state is kept elsewhere. */
  announcement(context: number): void {
    const slot = this.waiting;
    const message = this.#messages[slot]!;
    const datagram = this.datagrams[slot]!;
    this.release();
    const { bytes, view, payloadOffset, payloadLength } = datagram;
    const parsed = parseMessage(bytes, view, payloadOffset, payloadLength, this.#parserLimits, message);
    if (this.#media === undefined || parsed !== ParseResult.message) return;
    this.#calls.prepare(slot, message);
    this.#media.call(this.#calls.keyOf(slot), message, datagram, Sighting.first, context);
  }

  /** Takes what is in the next slot; all messages that a segment completes have its time. */
  add(context: number): void {
    const slot = this.waiting;
    this.arrivalMicros[slot] = this.frameMicros[0]!;
    this.#add(slot, context);
  }

  /** Something was no message. */
  notMessage(context: number, result: ParseResult): void {
    this.#events.notMessage(context, result);
  }

  /** What is added from now on was seen at this time. */
  seenAt(micros: number): void {
    this.release();
    this.#clock.micros = micros;
    this.#ticks.advance();
    this.frameMicros[0] = micros;
  }

  /** All that wait go to the state. */
  release(): void {
    for (let slot = 0; slot < this.waiting; slot++) this.#calls.prepare(slot, this.#messages[slot]!);
    this.#calls.readAhead(this.waiting);
    for (let slot = 0; slot < this.waiting; slot++) {
      if (slot > 0) this.setTime(slot);
      this.#take(slot);
    }
    this.waiting = 0;
  }

  /** A message is in a slot, the next one: it waits there for the state, or goes to the worker whose it is. */
  #add(slot: number, source: number): void {
    const context =
      this.labels === undefined
        ? source
        : this.labels.contextOf(source, this.#messages[slot]!, this.datagrams[slot]!);
    if (this.#handover !== undefined && this.#handOver(this.#handover, slot, context)) return;
    this.#contexts[slot] = context;
    this.waiting = slot + 1;
    if (this.waiting === this.#size) this.release();
  }

  /** Whether a message was another worker's: then it went there, or was lost on the way. */
  #handOver(handover: Handover, slot: number, context: number): boolean {
    const datagram = this.datagrams[slot]!;
    const result = handover.take(this.#messages[slot]!, datagram, context, this.arrivalMicros, slot);
    if (result === HandoverResult.isOwn) return false;
    this.#captureMetrics.handedOver(result === HandoverResult.lost);
    return true;
  }

  #take(slot: number): void {
    const events = this.#events;
    const calls = this.#calls;
    const message = this.#messages[slot]!;
    const datagram = this.datagrams[slot]!;
    const context = this.#contexts[slot]!;
    const sighting = calls.see(slot, message, datagram, context);
    if (sighting === Sighting.duplicate) {
      events.captureDuplicate(context, message);
      return;
    }
    this.#transports.add(context, datagram.transport, 1);
    this.#hepOutput?.message(datagram, this.arrivalMicros, slot);
    events.message(context, message);
    if (sighting === Sighting.retransmission) events.retransmission(context, message);
    this.#abuse.message(message, datagram, sighting === Sighting.first, context);
    calls.message(message, datagram, sighting, context);
    const media = this.#media;
    if (media === undefined || !MediaPipeline.concerns(message)) return;
    media.message(calls.keyOf(slot), message, datagram, sighting, context);
  }
}
