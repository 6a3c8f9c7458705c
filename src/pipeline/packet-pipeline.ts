// SPDX-License-Identifier: Apache-2.0
import type { AbuseOptions } from '../abuse/abuse-options.ts';
import { AbuseWatch } from '../abuse/abuse-watch.ts';
import type { Evidence } from '../abuse/evidence.ts';
import type { Frame } from '../base/frame.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { Ticks } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import { DecodeResult } from '../decode/decode-result.ts';
import { decodeFrame } from '../decode/frame-decoder.ts';
import { MediaKind } from '../decode/rtp-ports.ts';
import { SipPorts } from '../decode/sip-ports.ts';
import { AbuseMetrics } from '../metrics/abuse-metrics.ts';
import { CaptureMetrics } from '../metrics/capture-metrics.ts';
import { Space } from '../metrics/definition.ts';
import { SessionLimitMetrics } from '../metrics/session-limit-metrics.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { type SessionRules, SipMetrics } from '../metrics/sip-metrics.ts';
import { TransportMetrics } from '../metrics/transport-metrics.ts';
import type { RtcpCall } from '../rtp/rtcp/rtcp-flow-key.ts';
import { ParseResult } from '../sip/parse-result.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import { Calls } from '../state/calls.ts';
import type { MessageEvents } from '../state/message-events.ts';
import type { LiveAnalysis } from './analysis-options.ts';
import { EvidenceHandover } from './evidence-handover.ts';
import { handoverMicros } from './handover-record.ts';
import type { HepAnnouncer } from './hep/hep-announcer.ts';
import type { HepFrames } from './hep/hep-frames.ts';
import { TrafficLabels } from './labels/traffic-labels.ts';
import { isStreamReport } from './media-handover-record.ts';
import { MediaPipeline } from './media-pipeline.ts';
import type { Announce } from './media-pipeline-parts.ts';
import { MessageBatch } from './message-batch.ts';
import type { PipelineParts } from './pipeline-parts.ts';
import { Reassembly } from './reassembly.ts';
import { SipOverSctp } from './sip-over-sctp.ts';
import { SipOverTcp } from './sip-over-tcp.ts';
import { TrafficContexts } from './traffic-contexts.ts';

/** The state of calls and their media ends at multiples of this, whatever worker has which of the messages. */
const TICK_MICROS = 100_000;
/** Bytes that are missing in a stream are waited for as little as 20 ms. */
const FRAME_TICK_MICROS = 10_000;

/**
 * From a lent frame to the counters: decode, SIP, state, metrics. Knows no clock and no source: the same frames give
 * the same figures, live or from a file.
 */
export class PacketPipeline {
  readonly contexts: TrafficContexts;
  readonly captureMetrics: CaptureMetrics;
  /** With a batch of 1, the datagram of the frame last taken. */
  readonly datagram: Datagram;

  readonly #reassembly: Reassembly;
  readonly #writer: ShardWriter;
  #sipPorts: SipPorts;
  readonly #sipMetrics: SipMetrics;
  readonly #events: MessageEvents;
  readonly #calls: Calls;
  readonly #abuse: AbuseWatch;
  readonly #streams: SipOverTcp;
  readonly #sctp: SipOverSctp;
  /** One object for all that parse, which `reconfigure` changes. */
  readonly #parserLimits: { -readonly [limit in keyof ParserLimits]: ParserLimits[limit] };
  readonly #clock = new PacketClock();
  readonly #ticks: Ticks;
  /** Time of the frame that is looked at: messages that wait for the state are older. */
  readonly #frameClock = new PacketClock();
  readonly #frameTicks: Ticks;
  readonly #hepFrames: HepFrames | undefined;
  readonly #media: MediaPipeline | undefined;
  readonly #batch: MessageBatch;

  /** Throws KeyLogError where TLS is to be read and its key log cannot be. */
  constructor(parts: PipelineParts) {
    const { writer, analysis, hash, nameOfInterface, wrapEvents, batch = 1 } = parts;
    this.#hepFrames = parts.hepFrames;
    writer.openAll(Space.global, writer.context(Space.global, []));
    this.contexts = new TrafficContexts(writer, nameOfInterface);
    this.captureMetrics = new CaptureMetrics(writer, parts.worker ?? '0');
    this.#reassembly = new Reassembly(analysis, hash, writer);
    const peerNames = analysis.peers.map(({ name }) => name);
    this.#sipMetrics = new SipMetrics(
      writer,
      this.#clock,
      analysis.windowMicros,
      peerNames,
      sessionRules(writer, analysis.abuse, parts.sessionCounts),
    );
    this.#events = wrapEvents?.(this.#sipMetrics, this.#clock) ?? this.#sipMetrics;
    this.#abuse = new AbuseWatch({
      options: analysis.abuse,
      hash: parts.handover?.hash ?? hash,
      clock: this.#clock,
      events: new AbuseMetrics(writer),
      ...(parts.handover && {
        taker: new EvidenceHandover(parts.handover, this.#clock, this.captureMetrics),
      }),
      ...(parts.onFinding && { tell: parts.onFinding }),
    });
    this.#abuse.use(analysis.abuse, analysis.labels?.addressCountries);
    const { state, peers } = analysis;
    this.#calls = new Calls(state, peers, hash, this.#clock, this.#events, batch, this.#abuse);
    this.#writer = writer;
    this.#sipPorts = new SipPorts(analysis.ports, analysis.detect);
    this.#parserLimits = { ...analysis.parser };
    if (parts.mediaPorts !== undefined && analysis.rtp !== undefined) {
      this.#media = new MediaPipeline({
        writer,
        analysis,
        hash,
        clock: this.#clock,
        ports: parts.mediaPorts,
        parserLimits: this.#parserLimits,
        captureMetrics: this.captureMetrics,
        handover: parts.handover,
        ...(parts.announcer && { announce: this.#announceBy(parts.announcer) }),
        ...(parts.wrapMedia && { wrapMedia: parts.wrapMedia }),
      });
    }
    this.#ticks = new Ticks(this.#clock, TICK_MICROS, [this.#calls, ...(this.#media?.expiring ?? [])]);
    this.#batch = new MessageBatch({
      size: batch,
      tunnels: analysis.tunnels,
      parserLimits: this.#parserLimits,
      writer,
      captureMetrics: this.captureMetrics,
      clock: this.#clock,
      ticks: this.#ticks,
      events: this.#events,
      calls: this.#calls,
      abuse: this.#abuse,
      handover: parts.handover,
      hepOutput: parts.hepOutput,
      media: this.#media,
    });
    this.#useLabels(analysis);
    this.datagram = this.#batch.datagram;
    const transportMetrics = new TransportMetrics(writer);
    this.#streams = new SipOverTcp({
      limits: analysis.streams,
      webSocket: analysis.webSocket,
      transportMetrics,
      tls: analysis.tls,
      parser: this.#parserLimits,
      hash,
      clock: this.#frameClock,
      writer,
      slots: this.#batch,
    });
    this.#sctp = new SipOverSctp({
      limits: analysis.sctp,
      parser: this.#parserLimits,
      hash,
      clock: this.#frameClock,
      metrics: transportMetrics,
      slots: this.#batch,
    });
    this.#frameTicks = new Ticks(this.#frameClock, FRAME_TICK_MICROS, [this.#streams, this.#sctp]);
  }

  /** From the next packet on it goes by this. What is known of calls and what was counted stays. */
  reconfigure(live: LiveAnalysis): void {
    const { ports, detect, parser, peers } = live;
    this.release();
    this.#sipPorts = new SipPorts(ports, detect);
    Object.assign(this.#parserLimits, { ...parser, maxMessageBytes: this.#parserLimits.maxMessageBytes });
    this.#useLabels(live);
    this.#calls.replacePeers(peers);
    this.#sipMetrics.replacePeers(peers.map(({ name }) => name));
    this.#abuse.use(live.abuse, live.labels?.addressCountries);
  }

  /** The memory of the state's tables, none of it touched before the first packet. */
  get tableBuffers(): readonly ArrayBufferLike[] {
    return this.#tables.flatMap((table) => table?.buffers ?? []);
  }

  /**
   * Takes one frame. Never throws, allocates nothing. With a batch above 1 it may go on looking at the frame's bytes
   * until `release`.
   */
  packet(frame: Frame): void {
    const context = this.contexts.find(frame.interfaceIndex, frame.packetType);
    const interfaceContext = this.contexts.interfaceContext;
    this.captureMetrics.packet(interfaceContext);
    const isCut = frame.capturedLength < frame.originalLength;
    this.#frameClock.next[0] = frame.arrivalMicros;
    this.#frameClock.advance();
    this.#frameTicks.advance();
    const batch = this.#batch;
    const slot = batch.waiting;
    batch.arrivalMicros[slot] = frame.arrivalMicros;
    batch.frameMicros[0] = frame.arrivalMicros;
    if (frame.isAfterLoss) this.sensorLost(frame.arrivalMicros);
    if (slot === 0) batch.setTime(slot);

    const datagram = batch.datagrams[slot]!;
    let decoded = decodeFrame(frame, datagram);
    if (decoded === DecodeResult.fragment) decoded = this.#reassembly.add(frame, datagram, interfaceContext);
    if (isCut && !this.#isSnapshot(decoded, datagram)) this.captureMetrics.truncated(interfaceContext);
    if (decoded > DecodeResult.sctpPacket) {
      if (decoded === DecodeResult.datagramHead) this.#head(slot, context, interfaceContext);
      else if (decoded !== DecodeResult.fragment) this.captureMetrics.notDecoded(interfaceContext, decoded);
      return;
    }
    const isDatagram = decoded === DecodeResult.datagram;
    // What a packet made of fragments holds does not wait for the batch. Read before the datagram is filled with what is in it.
    const isReassembled = this.#reassembly.made(datagram);
    if (this.#hepFrames !== undefined && this.#openHep(this.#hepFrames, slot, context, isDatagram)) {
      // A message in HEP was taken, or counted as none.
    } else if (isDatagram ? !this.#sipPorts.takes(datagram) : !this.#sipPorts.hasPortOf(datagram)) {
      if (!isDatagram || !this.#takesMedia(slot, context)) {
        this.captureMetrics.notDecoded(interfaceContext, DecodeResult.otherPort);
      }
    } else if (isDatagram) this.#parse(slot, context);
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
    return this.#batch.datagram;
  }

  /**
   * Takes what was put in `nextDatagram`, seen at `arrivalMicros` in a traffic context. As with `packet`, its bytes may
   * be looked at until `release`.
   */
  message(context: number, arrivalMicros: number): void {
    const batch = this.#batch;
    const slot = batch.waiting;
    batch.arrivalMicros[slot] = arrivalMicros;
    if (slot === 0) batch.setTime(slot);
    this.#parse(slot, context);
  }

  /** Takes, as `message` does, RTCP that an agent tells of, and at once. Where media is not read nothing comes of it. */
  report(context: number, arrivalMicros: number, call: RtcpCall): void {
    const batch = this.#batch;
    const slot = batch.waiting;
    const datagram = batch.datagrams[slot]!;
    batch.release();
    batch.arrivalMicros[slot] = arrivalMicros;
    batch.setTime(slot);
    this.#media?.report(datagram, context, call);
  }

  /** Takes what the message put in `nextDatagram` says of the media of its call, whose state is kept elsewhere. */
  announcement(context: number): void {
    this.#batch.announcement(context);
  }

  /** Takes what a worker tells of media, at index `at`: a message, seen in a context of this worker, or a report of a stream. */
  mediaTold(bytes: Uint8Array, view: DataView, at: number, context: number): void {
    this.release();
    const batch = this.#batch;
    const micros = handoverMicros(view, at);
    if (!isStreamReport(view, at) && micros > this.#clock.micros) {
      batch.arrivalMicros[0] = micros;
      batch.setTime(0);
    }
    this.#media?.told(bytes, view, at, context);
  }

  /** To be called now and then where there are several workers: looks what of media the others have done. */
  lookAtMedia(): void {
    this.#media?.look();
  }

  /** Takes an order of the worker that has the media of calls, at index `at`. */
  mediaOrder(view: DataView, at: number): void {
    this.#media?.order(view, at);
  }

  /** The bytes of all frames taken so far are given back: what waits goes to the state. */
  release(): void {
    this.#batch.release();
  }

  /** Takes evidence of abuse that another worker had at `seenMicros`: at least then it is. */
  judge(evidence: Evidence, seenMicros: number): void {
    if (seenMicros > this.#clock.micros) this.advance(seenMicros);
    this.#abuse.judge(evidence);
  }

  /** Lets time pass without packets. Returns whether there is more to do at this time than was done. */
  advance(nowMicros: number): boolean {
    this.release();
    this.#reassembly.advance(nowMicros);
    this.#frameClock.micros = nowMicros;
    const isBehind = this.#frameTicks.advance();
    this.#batch.seenAt(nowMicros);
    return this.#ticks.advance() || isBehind;
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
    this.#abuse.refresh();
    this.captureMetrics.tables(this.#tables);
    this.#reassembly.refresh(this.#clock.micros);
  }

  /** In the order of `tableNames`. */
  get #tables(): readonly (KeyedTable | undefined)[] {
    const [connections, secrets] = this.#streams.tlsTables;
    const streams = [this.#streams.table, ...this.#sctp.tables, connections, secrets];
    return [...this.#calls.tables, ...this.#abuse.tables, ...streams, ...(this.#media?.tables ?? [])];
  }

  /** The sensor lost packets between the last one it had and a time: media that is missing may be there. */
  sensorLost(untilMicros: number): void {
    this.#media?.sensorLost(untilMicros);
  }

  #useLabels({ labels }: Pick<LiveAnalysis, 'labels'>): void {
    this.#batch.labels = labels && new TrafficLabels(this.#writer, this.contexts, labels);
    this.contexts.useLabels(this.#batch.labels);
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
    const datagram = this.#batch.datagrams[slot]!;
    if (slot > 0) this.release();
    const kind = media.kindOf(datagram);
    if (kind === MediaKind.none) return false;
    if (slot > 0) this.#batch.setTime(slot);
    media.packet(datagram, kind, context);
    return true;
  }

  /** Whether what was decoded is of a port of HEP; then the message in it is looked for. */
  #openHep(hepFrames: HepFrames, slot: number, context: number, isDatagram: boolean): boolean {
    const datagram = this.#batch.datagrams[slot]!;
    if (!isDatagram) return hepFrames.segment(datagram);
    if (!hepFrames.carries(datagram)) return false;
    if (!hepFrames.open(datagram, this.#batch.frameMicros[0]!)) return true;
    if (hepFrames.isRtcp) this.report(context, hepFrames.micros, hepFrames.call);
    else this.message(context, hepFrames.micros);
    return true;
  }

  #announceBy(announcer: HepAnnouncer): Announce {
    return (datagram, context) => {
      this.captureMetrics.handedOver(!announcer.tell(datagram, context, this.#clock.next));
    };
  }

  /** Takes the datagram of the next slot, which is a message, or media, or nothing that is read. */
  #parse(slot: number, context: number): void {
    const parsed = this.#batch.parse(context);
    if (parsed === ParseResult.message || this.#takesMedia(slot, context)) return;
    this.#events.notMessage(context, parsed);
  }
}

/** What sessions are measured by; without `counts` nobody else has sessions of the same carriers. */
function sessionRules(
  writer: ShardWriter,
  { shortSessionMillis, sessionLimits }: AbuseOptions,
  counts: Int32Array = new Int32Array(sessionLimits.length),
): SessionRules {
  if (sessionLimits.length === 0) return { shortSessionMillis };
  return { shortSessionMillis, limits: new SessionLimitMetrics(writer, sessionLimits, counts) };
}
