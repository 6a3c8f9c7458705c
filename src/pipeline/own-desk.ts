// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { Datagram } from '../decode/datagram.ts';
import { CallIds } from '../media/call-ids.ts';
import { lineOfEndpoint } from '../media/endpoint-name.ts';
import type { JoinedMedia } from '../media/joined-media.ts';
import { type JoinedStreams, StreamsHere } from '../media/joined-streams.ts';
import { MediaCalls } from '../media/media-calls.ts';
import type { MediaEvents } from '../media/media-events.ts';
import { MAX_EXEMPLAR_ID_BYTES } from '../metrics/exemplars.ts';
import { MediaSignallingMetrics } from '../metrics/media-signalling-metrics.ts';
import { type StreamEvents, StreamReport } from '../rtp/stream-events.ts';
import type { RtpStreams } from '../rtp/streams.ts';
import { readSessionDescription } from '../sdp/read-session-description.ts';
import { SdpResult } from '../sdp/sdp-result.ts';
import { SessionDescription } from '../sdp/session-description.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import { CallKey } from '../state/call-key.ts';
import { MEDIA_OWNER } from '../state/message-owner.ts';
import { Sighting } from '../state/transactions.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import type { Handover } from './handover.ts';
import { handoverMicros, handoverSighting, readHandover } from './handover-record.ts';
import type { MediaDesk } from './media-desk.ts';
import { MediaExemplars, OwnCallIds } from './media-exemplars.ts';
import { MediaHandover } from './media-handover.ts';
import { isStreamReport, readStreamReport, StreamEvent, workerOfSlot } from './media-handover-record.ts';
import type { MediaPipelineParts } from './media-pipeline-parts.ts';

/** A message of another worker is taken at its own time, unless that is as long ago: then the clock was set anew. */
const MAX_BACK_MICROS = 10_000_000;

/** The media of calls, of one worker or of all. */
export class OwnDesk implements MediaDesk {
  readonly calls: MediaCalls;
  readonly directory: JoinedMedia;
  readonly flows: StreamEvents;
  readonly exemplars: MediaExemplars | undefined;
  readonly tables: readonly KeyedTable[];

  readonly #descriptionMetrics: MediaSignallingMetrics;
  readonly #sdpLimits: AnalysisOptions['sdp'];
  readonly #description: SessionDescription;
  readonly #clock: PacketClock;
  readonly #handover: Handover | undefined;
  /** Where there are several workers: this one tells itself, too, so that messages of all come in the order of time. */
  readonly #telling: MediaHandover | undefined;
  #streams: RtpStreams | undefined;
  #losses = 0;

  // Of what workers tell.
  readonly #parserLimits: ParserLimits;
  readonly #message = new SipMessage();
  readonly #datagram: Datagram;
  readonly #key: CallKey;
  readonly #report = new StreamReport();
  readonly #address = new Int32Array(4);
  readonly #nowMicros = new Float64Array(1);

  constructor(parts: MediaPipelineParts, events: MediaEvents) {
    const { writer, analysis, hash, clock, ports, handover } = parts;
    const shared = handover?.media;
    const subject = writer.mediaExemplars;
    const { maxCalls } = analysis.media;
    const callIds = subject && new CallIds(maxCalls, MAX_EXEMPLAR_ID_BYTES, shared?.memory.callIds);
    this.calls = new MediaCalls({
      limits: analysis.media,
      hash,
      clock,
      ports,
      events,
      ...(callIds && { callIds }),
      ...(shared && { memory: shared.memory }),
    });
    this.directory = this.calls.directory;
    this.tables = this.calls.tables;
    this.#descriptionMetrics = new MediaSignallingMetrics(writer);
    this.#sdpLimits = analysis.sdp;
    this.#description = new SessionDescription(analysis.sdp.maxMedia);
    this.#clock = clock;
    if (handover !== undefined && shared !== undefined) {
      const { addresses } = this.directory;
      this.#handover = handover;
      this.#telling = new MediaHandover(handover, shared, clock, parts.captureMetrics, addresses);
    }
    this.flows = this.#telling ?? this.calls.flows;
    if (callIds !== undefined) {
      const lookup = new OwnCallIds(callIds, this.calls.flows);
      this.exemplars = new MediaExemplars(subject!, lookup, clock);
    }
    this.#parserLimits = parts.parserLimits;
    this.#datagram = new Datagram(analysis.tunnels);
    this.#key = new CallKey(hash);
  }

  attach(streams: RtpStreams): void {
    this.#streams = streams;
    const here = new StreamsHere(streams);
    this.calls.attach(this.#telling === undefined ? here : streamsOfAll(here, this.#telling));
  }

  message(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void {
    if (this.#telling === undefined) this.call(key, message, datagram, sighting, context);
    else this.#telling.message(datagram, sighting, context);
  }

  call(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void {
    if (message.bodyLength > 0 && MediaCalls.describes(message)) {
      this.#describe(key, message, datagram, context);
    }
    if (sighting === Sighting.first && MediaCalls.concerns(message)) this.calls.signal(key, message);
  }

  told(bytes: Uint8Array, view: DataView, at: number, context: number): void {
    if (isStreamReport(view, at)) this.#takeReport(view, at);
    else this.#takeMessage(bytes, view, at, context);
  }

  order(): void {
    // It is this worker that orders.
  }

  /** Whether anything was lost between workers since the last look. */
  look(): void {
    const losses = this.#handover?.losses ?? 0;
    if (losses === this.#losses) return;
    this.#losses = losses;
    this.calls.knowledgeLost();
  }

  #describe(key: CallKey, message: SipMessage, datagram: Datagram, context: number): void {
    const description = this.#description;
    const result = readSessionDescription(message, this.#sdpLimits, description);
    this.#descriptionMetrics.description(context, result, description.leftOut);
    if (result !== SdpResult.description) return;
    this.calls.describe(key, message, datagram, description, context);
    this.#streams?.rejoin();
  }

  /** A message that a worker has taken, some milliseconds ago: it counts as of its own time. */
  #takeMessage(bytes: Uint8Array, view: DataView, at: number, context: number): void {
    const datagram = this.#datagram;
    const message = this.#message;
    readHandover(bytes, view, at, datagram);
    const { payloadOffset, payloadLength } = datagram;
    const parsed = parseMessage(bytes, view, payloadOffset, payloadLength, this.#parserLimits, message);
    // As parsed there, unless limits were changed in between.
    if (parsed !== ParseResult.message) return;
    this.#key.read(message);
    const clock = this.#clock;
    this.#nowMicros[0] = clock.micros;
    const backMicros = clock.micros - handoverMicros(view, at);
    if (backMicros > 0 && backMicros < MAX_BACK_MICROS) {
      clock.next[0] = handoverMicros(view, at);
      clock.setBack();
    }
    this.call(this.#key, message, datagram, handoverSighting(view, at), context);
    clock.next[0] = this.#nowMicros[0]!;
    clock.setBack();
  }

  #takeReport(view: DataView, at: number): void {
    const report = this.#report;
    const { flows } = this.calls;
    const event = readStreamReport(view, at, report, this.#address);
    this.directory.addresses.note(lineOfEndpoint(report.endpoint), this.#address, 0);
    this.exemplars?.next(report);
    if (event === StreamEvent.began) flows.streamBegan(report);
    else if (event === StreamEvent.joined) flows.streamJoined(report);
    else if (event === StreamEvent.intervalEnded) flows.intervalEnded(report);
    else if (event === StreamEvent.left) flows.streamLeft(report);
    else flows.streamEnded(report);
  }
}

/** The streams of this worker, and of all others. */
function streamsOfAll(here: JoinedStreams, there: JoinedStreams): JoinedStreams {
  return {
    endOfLine(line, stream, streamKey) {
      const streams = workerOfSlot(stream) === MEDIA_OWNER ? here : there;
      streams.endOfLine(line, stream, streamKey);
    },
  };
}
