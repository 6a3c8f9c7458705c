// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import { Datagram } from '../decode/datagram.ts';
import { DecodeResult, maxFragmentLevels } from '../decode/decode-result.ts';
import { FragmentTable } from '../decode/fragment-table.ts';
import { decodeFrame, decodeWholePacket } from '../decode/frame-decoder.ts';
import { MediaKind } from '../decode/rtp-ports.ts';
import { SipPorts } from '../decode/sip-ports.ts';
import { CaptureMetrics } from '../metrics/capture-metrics.ts';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import { FragmentMetrics } from '../metrics/fragment-metrics.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { SipMetrics } from '../metrics/sip-metrics.ts';
import { TransportMetrics } from '../metrics/transport-metrics.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import { Calls } from '../state/calls.ts';
import type { MessageEvents } from '../state/message-events.ts';
import { Sighting } from '../state/transactions.ts';
import type { AnalysisOptions, LiveAnalysis } from './analysis-options.ts';
import { type Handover, HandoverResult } from './handover.ts';
import type { HepFrames } from './hep/hep-frames.ts';
import type { HepOutput } from './hep/hep-output.ts';
import { TrafficLabels } from './labels/traffic-labels.ts';
import type { MediaListener } from './media-listeners.ts';
import { MediaPipeline } from './media-pipeline.ts';
import { SipOverSctp } from './sip-over-sctp.ts';
import { type MessageSlots, SipOverTcp } from './sip-over-tcp.ts';
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
  /** Where ports of media are put that signalling announces; without it, or `analysis.rtp`, media is not read. */
  readonly mediaPorts?: PortCounts;
  /** As `wrapEvents`, between the media and the metrics. */
  readonly wrapMedia?: (listener: MediaListener) => MediaListener;
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

  readonly #fragments: FragmentTable;
  readonly #fragmentMetrics: FragmentMetrics;
  readonly #writer: ShardWriter;
  #labels: TrafficLabels | undefined;
  #sipPorts: SipPorts;
  readonly #transports: Counter;
  readonly #sipMetrics: SipMetrics;
  readonly #events: MessageEvents;
  readonly #calls: Calls;
  readonly #streams: SipOverTcp;
  readonly #sctp: SipOverSctp;
  /** One object for all that parse, which `reconfigure` changes. */
  readonly #parserLimits: { -readonly [limit in keyof ParserLimits]: ParserLimits[limit] };
  readonly #clock = new PacketClock();
  readonly #handover: Handover | undefined;
  readonly #hepFrames: HepFrames | undefined;
  readonly #hepOutput: HepOutput | undefined;
  readonly #media: MediaPipeline | undefined;
  readonly #batch: number;
  /** Messages that were scanned and wait for the state, where each was seen and when. */
  readonly #messages: readonly SipMessage[];
  readonly #datagrams: readonly Datagram[];
  readonly #contextOfMessage: Int32Array;
  readonly #arrivalMicros: Float64Array;
  /** When the frame was seen that is looked at. */
  readonly #nowMicros = new Float64Array(1);
  #waiting = 0;

  /** Throws KeyLogError where TLS is to be read and its key log cannot be. */
  constructor(parts: PipelineParts) {
    const { writer, analysis, hash, nameOfInterface, wrapEvents, batch = 1 } = parts;
    this.#handover = parts.handover;
    this.#hepFrames = parts.hepFrames;
    this.#hepOutput = parts.hepOutput;
    this.#batch = batch;
    this.#messages = Array.from({ length: batch }, () => new SipMessage());
    this.#datagrams = Array.from({ length: batch }, () => new Datagram(analysis.tunnels));
    this.#contextOfMessage = new Int32Array(batch);
    this.#arrivalMicros = new Float64Array(batch);
    this.datagram = this.#datagrams[0]!;
    writer.openAll(Space.global, writer.context(Space.global, []));
    this.contexts = new TrafficContexts(writer, nameOfInterface);
    this.captureMetrics = new CaptureMetrics(writer, parts.worker ?? '0');
    this.#fragmentMetrics = new FragmentMetrics(writer);
    const { duplicateMicros } = analysis.state;
    this.#fragments = new FragmentTable(analysis.fragments, duplicateMicros, hash, this.#fragmentMetrics);
    const peerNames = analysis.peers.map(({ name }) => name);
    this.#sipMetrics = new SipMetrics(writer, this.#clock, analysis.windowMicros, peerNames);
    this.#events = wrapEvents?.(this.#sipMetrics, this.#clock) ?? this.#sipMetrics;
    this.#calls = new Calls(analysis.state, analysis.peers, hash, this.#clock, this.#events, batch);
    this.#writer = writer;
    this.#labels = analysis.labels && new TrafficLabels(writer, this.contexts, analysis.labels);
    if (parts.mediaPorts !== undefined && analysis.rtp !== undefined) {
      this.#media = new MediaPipeline({
        writer,
        analysis,
        hash,
        clock: this.#clock,
        ports: parts.mediaPorts,
        ...(parts.wrapMedia && { wrapMedia: parts.wrapMedia }),
      });
    }
    this.#sipPorts = new SipPorts(analysis.ports, analysis.detect);
    this.#parserLimits = { ...analysis.parser };
    this.#transports = new Counter(writer, 'sip_transport_messages_total');
    const transportMetrics = new TransportMetrics(writer);
    const slots = this.#slots();
    this.#streams = new SipOverTcp({
      limits: analysis.streams,
      webSocket: analysis.webSocket,
      transportMetrics,
      tls: analysis.tls,
      parser: this.#parserLimits,
      hash,
      clock: this.#clock,
      writer,
      slots,
    });
    this.#sctp = new SipOverSctp({
      limits: analysis.sctp,
      parser: this.#parserLimits,
      hash,
      clock: this.#clock,
      metrics: transportMetrics,
      slots,
    });
  }

  /** From the next packet on it goes by this. What is known of calls and what was counted stays. */
  reconfigure({ ports, detect, parser, peers, labels }: LiveAnalysis): void {
    this.release();
    this.#sipPorts = new SipPorts(ports, detect);
    Object.assign(this.#parserLimits, { ...parser, maxMessageBytes: this.#parserLimits.maxMessageBytes });
    this.#labels = labels && new TrafficLabels(this.#writer, this.contexts, labels);
    this.#calls.replacePeers(peers);
    this.#sipMetrics.replacePeers(peers.map(({ name }) => name));
  }

  /** The memory of the state's tables, none of it touched before the first packet. */
  get tableBuffers(): readonly ArrayBuffer[] {
    return this.#tables.flatMap((table) => table?.buffers ?? []);
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
    this.captureMetrics.packet(interfaceContext);
    const isCut = frame.capturedLength < frame.originalLength;
    const slot = this.#waiting;
    this.#arrivalMicros[slot] = frame.arrivalMicros;
    this.#nowMicros[0] = frame.arrivalMicros;
    if (slot === 0) this.#timePasses();
    if (frame.isAfterLoss) this.sensorLost();

    const datagram = this.#datagrams[slot]!;
    let decoded = decodeFrame(frame, datagram);
    if (decoded === DecodeResult.fragment) decoded = this.#reassemble(frame, datagram, interfaceContext);
    if (isCut && !this.#isSnapshot(decoded, datagram)) this.captureMetrics.truncated(interfaceContext);
    if (decoded > DecodeResult.sctpPacket) {
      if (decoded === DecodeResult.datagramHead) this.#head(slot, context, interfaceContext);
      else if (decoded !== DecodeResult.fragment) this.captureMetrics.notDecoded(interfaceContext, decoded);
      return;
    }
    const isDatagram = decoded === DecodeResult.datagram;
    // There is one place for a packet made of fragments: what it holds does not wait for the batch. Read before the
    // datagram is filled with what is in it.
    const isReassembled = datagram.bytes === this.#fragments.packet.bytes;
    if (this.#hepFrames !== undefined && this.#openHep(this.#hepFrames, slot, context, isDatagram)) {
      // A message in HEP was taken, or counted as none.
    } else if (isDatagram ? !this.#sipPorts.takes(datagram) : !this.#sipPorts.hasPortOf(datagram)) {
      if (!isDatagram || !this.#takesMedia(slot, context)) {
        this.captureMetrics.notDecoded(interfaceContext, DecodeResult.otherPort);
      }
    } else if (isDatagram) this.#parse(slot, context, datagram);
    else if (decoded === DecodeResult.segment) this.#streams.segment(datagram, context, interfaceContext);
    else this.#sctp.packet(datagram, context, interfaceContext);
    if (isReassembled) this.release();
  }

  /** Packet time as of what was taken last. */
  get nowMicros(): number {
    return this.#clock.micros;
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
    this.#fragments.advance(nowMicros);
    this.#nowMicros[0] = nowMicros;
    const isBehind = this.#streams.advance();
    this.#sctp.advance();
    this.release();
    const isMediaBehind = this.#media?.advance() === true;
    return this.#calls.advance() || isMediaBehind || isBehind;
  }

  /** The end of a capture that is not going on: what is known but waits for something better is told. */
  finish(): void {
    this.#streams.finish();
    this.release();
    this.#calls.finish();
    this.#media?.finish();
  }

  /** Brings windows and table figures up to date; to be called about once a second. */
  refreshGauges(): void {
    this.#sipMetrics.refresh();
    this.#streams.refresh();
    this.#media?.refresh();
    this.captureMetrics.tables(this.#tables);
    this.#fragments.advance(this.#clock.micros);
    this.#fragmentMetrics.memory(this.#fragments);
  }

  /** In the order of `tableNames`. */
  get #tables(): readonly (KeyedTable | undefined)[] {
    const [connections, secrets] = this.#streams.tlsTables;
    const streams = [this.#streams.table, ...this.#sctp.tables, connections, secrets];
    return [...this.#calls.tables, ...streams, ...(this.#media?.tables ?? [])];
  }

  /** The sensor lost packets about now: media that is missing may be there. */
  sensorLost(): void {
    this.#media?.sensorLost();
  }

  /** The first frame of a batch sets the time: streams give up what waited too long. */
  #timePasses(): void {
    this.#setTime(0);
    this.#streams.advance();
    this.#sctp.advance();
    this.release();
  }

  /** What there is in the packet that a fragment makes whole; `fragment` where it waits for others, or is given up. */
  #reassemble(frame: Frame, datagram: Datagram, interfaceContext: number): DecodeResult {
    const fragments = this.#fragments;
    let source = frame;
    for (let level = 0; level < maxFragmentLevels; level++) {
      if (!fragments.add(source, datagram, interfaceContext)) return DecodeResult.fragment;
      source = fragments.packet;
      const decoded = decodeWholePacket(source, datagram);
      if (decoded !== DecodeResult.fragment) return decoded;
    }
    return DecodeResult.nestedFragment;
  }

  /** Whether the filter cut a frame, as it was asked to: nothing of it is missing that is read. */
  #isSnapshot(decoded: DecodeResult, datagram: Datagram): boolean {
    return decoded === DecodeResult.datagramHead && this.#media?.isSnapshot(datagram) === true;
  }

  /** A datagram of which only the beginning is there: media, or a message that cannot be read. */
  #head(slot: number, context: number, interfaceContext: number): void {
    if (this.#takesMedia(slot, context)) return;
    this.captureMetrics.notDecoded(interfaceContext, DecodeResult.truncatedBySensor);
  }

  /**
   * Whether a datagram that is no SIP is media, which is taken then. A port of SIP goes first, but no message begins as media
   * does: where both have one port, none is taken for the other. Messages that wait came before it, and may announce it.
   */
  #takesMedia(slot: number, context: number): boolean {
    const media = this.#media;
    if (media === undefined) return false;
    const datagram = this.#datagrams[slot]!;
    if (slot > 0) this.release();
    const kind = media.kindOf(datagram);
    if (kind === MediaKind.none) return false;
    if (slot > 0) this.#setTime(slot);
    media.packet(datagram, kind, context);
    return true;
  }

  #setTime(slot: number): void {
    this.#clock.next[0] = this.#arrivalMicros[slot]!;
    this.#clock.advance();
    this.#calls.advance();
    this.#media?.advance();
  }

  /** Whether what was decoded is of a port of HEP; then the message in it is looked for. */
  #openHep(hepFrames: HepFrames, slot: number, context: number, isDatagram: boolean): boolean {
    const datagram = this.#datagrams[slot]!;
    if (!isDatagram) return hepFrames.segment(datagram);
    if (!hepFrames.carries(datagram)) return false;
    if (!hepFrames.open(datagram, this.#nowMicros[0]!)) return true;
    this.#arrivalMicros[slot] = hepFrames.messageMicros;
    if (slot === 0) this.#setTime(slot);
    this.#parse(slot, context, datagram);
    return true;
  }

  /** Looks for the message that a datagram in the batch is; what is one waits there for the state. */
  #parse(slot: number, context: number, datagram: Datagram): void {
    const { bytes, view, payloadOffset, payloadLength } = datagram;
    const message = this.#messages[slot]!;
    const parsed = parseMessage(bytes, view, payloadOffset, payloadLength, this.#parserLimits, message);
    if (parsed !== ParseResult.message) {
      if (this.#takesMedia(slot, context)) return;
      this.#events.notMessage(context, parsed);
      return;
    }
    this.#add(slot, context);
  }

  /** A message is in a slot, the next one: it waits there for the state, or goes to the worker whose it is. */
  #add(slot: number, source: number): void {
    const context =
      this.#labels === undefined
        ? source
        : this.#labels.contextOf(source, this.#messages[slot]!, this.#datagrams[slot]!);
    if (this.#handover !== undefined && this.#handOver(this.#handover, slot, context)) return;
    this.#contextOfMessage[slot] = context;
    this.#waiting = slot + 1;
    if (this.#waiting === this.#batch) this.release();
  }

  /** Whether a message was another worker's: then it went there, or was lost on the way. */
  #handOver(handover: Handover, slot: number, context: number): boolean {
    const datagram = this.#datagrams[slot]!;
    const result = handover.take(this.#messages[slot]!, datagram, context, this.#arrivalMicros, slot);
    if (result === HandoverResult.isOwn) return false;
    this.captureMetrics.handedOver(result === HandoverResult.lost);
    return true;
  }

  /** What streams may do with the batch. All messages a segment completes have its time. */
  #slots(): MessageSlots {
    const pipeline = this;
    return {
      get message() {
        return pipeline.#messages[pipeline.#waiting]!;
      },
      get datagram() {
        return pipeline.#datagrams[pipeline.#waiting]!;
      },
      add(context) {
        const slot = pipeline.#waiting;
        pipeline.#arrivalMicros[slot] = pipeline.#nowMicros[0]!;
        pipeline.#add(slot, context);
      },
      notMessage(context, result) {
        pipeline.#events.notMessage(context, result);
      },
      seenAt(micros) {
        pipeline.release();
        pipeline.#clock.micros = micros;
        pipeline.#nowMicros[0] = micros;
      },
      release() {
        pipeline.release();
      },
    };
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
    this.#transports.add(context, datagram.transport, 1);
    this.#hepOutput?.message(datagram, this.#arrivalMicros, slot);
    events.message(context, message);
    if (sighting === Sighting.retransmission) events.retransmission(context, message);
    calls.message(message, datagram, sighting, context);
    const media = this.#media;
    if (media === undefined || !MediaPipeline.concerns(message)) return;
    media.message(calls.keyOf(slot), message, datagram, sighting, context);
  }
}
