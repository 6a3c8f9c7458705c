// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import { MediaKind, RtpPorts } from '../decode/rtp-ports.ts';
import { MediaCalls } from '../media/media-calls.ts';
import { MediaUnread } from '../media/media-events.ts';
import { MediaMetrics } from '../metrics/media-metrics.ts';
import { QualityMetrics } from '../metrics/quality-metrics.ts';
import { RtcpMetrics } from '../metrics/rtcp-metrics.ts';
import { RtpMetrics } from '../metrics/rtp-metrics.ts';
import { VoiceReportMetrics } from '../metrics/voice-report-metrics.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { parseRtpHeader, RtpResult } from '../rtp/parse-rtp-header.ts';
import type { RtcpCall } from '../rtp/rtcp/rtcp-flow-key.ts';
import { RtcpSources } from '../rtp/rtcp/rtcp-sources.ts';
import { RtpHeader } from '../rtp/rtp-header.ts';
import { RtpStreams } from '../rtp/streams.ts';
import type { SipMessage } from '../sip/message.ts';
import type { CallKey } from '../state/call-key.ts';
import { MEDIA_OWNER } from '../state/message-owner.ts';
import { Sighting } from '../state/transactions.ts';
import { FarDesk } from './far-desk.ts';
import type { MediaDesk } from './media-desk.ts';
import { type MediaListener, MediaListeners } from './media-listeners.ts';
import type { Announce, MediaPipelineParts } from './media-pipeline-parts.ts';
import { OwnDesk } from './own-desk.ts';
import { RtcpStreams } from './rtcp-streams.ts';

/**
 * Where what is known of media meets: descriptions in messages make endpoints of calls, packets on their ports make streams,
 * and what streams and RTCP tell goes to the calls and the metrics.
 *
 *     SipMessage -> SDP -> MediaDesk ----- endpoints, codecs ---> RtpStreams <- RTP
 *                             ^ '--- ports ---> PortCounts             |  ^ round trip
 *                             '------------- StreamEvents -------------'  RtcpSources <- RTCP
 */
export class MediaPipeline {
  readonly #ports: RtpPorts;
  readonly #desk: MediaDesk;
  readonly #calls: MediaCalls | undefined;
  readonly #streams: RtpStreams;
  readonly #sources: RtcpSources;
  readonly #metrics: MediaMetrics;
  readonly #rtpMetrics: RtpMetrics;
  readonly #voiceReports: VoiceReportMetrics;
  readonly #header = new RtpHeader();
  readonly #isDetecting: boolean;
  readonly #announce: Announce | undefined;

  constructor(parts: MediaPipelineParts) {
    const { writer, analysis, hash, clock, ports, announce, wrapMedia } = parts;
    this.#announce = announce;
    const { rtpStreams, rtcp, concealsG711 } = analysis;
    this.#isDetecting = rtpStreams.isDetecting;
    this.#ports = new RtpPorts(ports, analysis.rtp?.detect === true);
    this.#voiceReports = new VoiceReportMetrics(writer);
    this.#metrics = new MediaMetrics(writer);
    this.#rtpMetrics = new RtpMetrics(writer);
    const quality = new QualityMetrics(writer, concealsG711);
    const listeners = new MediaListeners(this.#rtpMetrics, quality, this.#metrics);
    const listener = wrapMedia?.(listeners) ?? listeners;
    this.#desk = deskOf(parts, listener);
    this.#calls = this.#desk.calls;
    listeners.flows = this.#desk.flows;
    listeners.exemplars = this.#desk.exemplars;
    this.#streams = new RtpStreams(rtpStreams, this.#desk.directory, hash, clock, listener);
    this.#desk.attach(this.#streams);
    const rtcpStreams = new RtcpStreams(this.#streams, new RtcpMetrics(writer));
    this.#sources = new RtcpSources(rtcp, clock, hash, rtcpStreams, rtcpStreams);
  }

  /** In the order of `tableNames`. */
  get tables(): readonly (KeyedTable | undefined)[] {
    return [this.#sources.table, this.#streams.flows.table, this.#streams.table, ...this.#desk.tables];
  }

  /** Whether a datagram is media. */
  kindOf(datagram: Datagram): MediaKind {
    return this.#ports.kindOf(datagram);
  }

  /** Whether a datagram of which only the beginning is there is what the filter in the kernel makes of RTP. */
  isSnapshot(datagram: Datagram): boolean {
    return this.#ports.isSnapshot(datagram);
  }

  /** Whether a message may have something to say of media: it has a body, a report in its head, or ends or answers a call. */
  static concerns(message: SipMessage): boolean {
    return message.bodyLength > 0 || message.rtpStatLength > 0 || MediaCalls.concerns(message);
  }

  /** Takes a message that the state has taken, of which `concerns` is true. */
  message(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void {
    // Of what is sent again only provisional responses may differ in their bodies.
    if (sighting !== Sighting.first && (message.isRequest || message.statusCode >= 200)) return;
    const isFirst = sighting === Sighting.first;
    const isDescribing = message.bodyLength > 0 && MediaCalls.describes(message);
    if (isDescribing || (isFirst && MediaCalls.concerns(message))) {
      if (this.#announce === undefined) this.#desk.message(key, message, datagram, sighting, context);
      else this.#announce(datagram, context);
    }
    if (isFirst) this.#voiceReports.message(context, message);
  }

  /** Takes what a message says of its call; of one that was sent again, what is in its body. To the one that has the calls. */
  call(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void {
    this.#desk.call(key, message, datagram, sighting, context);
  }

  /** Takes what a worker tells, at index `at`: a message, seen in a context of this worker, or a report of a stream. */
  told(bytes: Uint8Array, view: DataView, at: number, context: number): void {
    this.#desk.told(bytes, view, at, context);
  }

  /** To be called now and then where there are several workers: looks what the others have done. */
  look(): void {
    this.#desk.look();
  }

  /** Takes an order of the worker that has the calls, at index `at`. */
  order(view: DataView, at: number): void {
    this.#desk.order(view, at);
  }

  /** Takes a datagram of a kind of media, seen at the time of the clock. */
  packet(datagram: Datagram, kind: MediaKind, context: number): void {
    if (kind === MediaKind.rtcp) {
      this.#rtcp(datagram, context);
      return;
    }
    const header = this.#header;
    const { view, payloadOffset, payloadLength, wirePayloadLength } = datagram;
    const result = parseRtpHeader(view, payloadOffset, payloadLength, wirePayloadLength, header);
    if (result === RtpResult.packet) this.#streams.packet(datagram, header, context);
    else if (result === RtpResult.badLength) this.#metrics.unread(context, MediaUnread.rtpBadLength);
    else this.#metrics.unread(context, MediaUnread.rtpTooShort);
  }

  /** What ends in packet time. */
  get expiring(): readonly Expiring[] {
    return [...(this.#calls ? [this.#calls] : []), this.#streams, this.#sources];
  }

  /** The end of a capture: streams end, and calls that are over are judged. */
  finish(): void {
    this.#streams.finish();
    this.#calls?.finish();
  }

  /** Brings the figures up to date that are kept elsewhere; about once a second. */
  refresh(): void {
    this.#rtpMetrics.refresh(this.#streams);
    this.#metrics.refresh(this.#desk.directory.limitHits);
  }

  /** The sensor lost packets between now and another time. */
  sensorLost(untilMicros: number): void {
    this.#streams.sensorLost(untilMicros);
  }

  /** Nobody announced it: it may be anything, and what it says can be forged by anyone. */
  #rtcp(datagram: Datagram, context: number): void {
    const { directory } = this.#desk;
    const joinedBy = directory.findOfRtcp(datagram);
    if (joinedBy === JoinedBy.none && !this.#isDetecting) {
      this.#metrics.unread(context, MediaUnread.rtcpUnannounced);
      return;
    }
    const isEncrypted = joinedBy !== JoinedBy.none && directory.isEncrypted(directory.endpoint);
    this.#sources.datagram(datagram, context, isEncrypted);
  }

  /** RTCP that an agent saw, and says so, of a call, if that is told: it is not asked who announced it. */
  report(datagram: Datagram, context: number, call: RtcpCall): void {
    const { directory } = this.#desk;
    const isJoined = directory.findOfRtcp(datagram) !== JoinedBy.none;
    this.#sources.datagram(datagram, context, isJoined && directory.isEncrypted(directory.endpoint), call);
  }
}

/** The media of calls: the worker's own, unless another one has it. */
function deskOf(parts: MediaPipelineParts, events: MediaListener): MediaDesk {
  const { handover } = parts;
  if (handover?.media === undefined || handover.worker === MEDIA_OWNER) return new OwnDesk(parts, events);
  return new FarDesk(parts, handover, handover.media);
}
