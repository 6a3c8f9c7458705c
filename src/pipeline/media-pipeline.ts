// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import { MediaKind, RtpPorts } from '../decode/rtp-ports.ts';
import { CallIds } from '../media/call-ids.ts';
import { MediaCalls } from '../media/media-calls.ts';
import { MediaUnread } from '../media/media-events.ts';
import { MAX_EXEMPLAR_ID_BYTES } from '../metrics/exemplars.ts';
import { MediaMetrics } from '../metrics/media-metrics.ts';
import { MediaSignallingMetrics } from '../metrics/media-signalling-metrics.ts';
import { QualityMetrics } from '../metrics/quality-metrics.ts';
import { RtcpMetrics } from '../metrics/rtcp-metrics.ts';
import { RtpMetrics } from '../metrics/rtp-metrics.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { VoiceReportMetrics } from '../metrics/voice-report-metrics.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { parseRtpHeader, RtpResult } from '../rtp/parse-rtp-header.ts';
import type { RtcpCall } from '../rtp/rtcp/rtcp-flow-key.ts';
import { RtcpSources } from '../rtp/rtcp/rtcp-sources.ts';
import { RtpHeader } from '../rtp/rtp-header.ts';
import type { StreamReport } from '../rtp/stream-events.ts';
import { RtpStreams } from '../rtp/streams.ts';
import { readSessionDescription } from '../sdp/read-session-description.ts';
import { SdpResult } from '../sdp/sdp-result.ts';
import { SessionDescription } from '../sdp/session-description.ts';
import type { SipMessage } from '../sip/message.ts';
import type { CallKey } from '../state/call-key.ts';
import { Sighting } from '../state/transactions.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { MediaExemplars } from './media-exemplars.ts';
import { type MediaListener, MediaListeners } from './media-listeners.ts';
import { RtcpStreams } from './rtcp-streams.ts';

/** Told of a message that says something of the media of its call, as it was seen in a traffic context. */
export type Announce = (datagram: Datagram, context: number) => void;

/** What `MediaPipeline` is made of. */
export interface MediaPipelineParts {
  readonly writer: ShardWriter;
  readonly analysis: AnalysisOptions;
  readonly hash: SeededHash;
  readonly clock: PacketClock;
  /** Ports that signalling announces: they are put there, and looked for there. */
  readonly ports: PortCounts;
  /** Takes the messages that say something of calls; else this pipeline does. */
  readonly announce?: Announce;
  /** Puts a listener of its own between the media and the metrics, to which it passes everything on. */
  readonly wrapMedia?: (listener: MediaListener) => MediaListener;
}

/**
 * Where what is known of media meets: descriptions in messages make endpoints of calls, packets on their ports make streams,
 * and what streams and RTCP tell goes to the calls and the metrics.
 *
 *     SipMessage -> SDP -> MediaCalls ---- endpoints, codecs ---> RtpStreams <- RTP
 *                             ^ '--- ports ---> PortCounts             |  ^ round trip
 *                             '------------- StreamEvents -------------'  RtcpSources <- RTCP
 */
export class MediaPipeline {
  readonly #ports: RtpPorts;
  readonly #calls: MediaCalls;
  readonly #streams: RtpStreams;
  readonly #sources: RtcpSources;
  readonly #metrics: MediaMetrics;
  readonly #rtpMetrics: RtpMetrics;
  readonly #descriptionMetrics: MediaSignallingMetrics;
  readonly #voiceReports: VoiceReportMetrics;
  readonly #sdpLimits: AnalysisOptions['sdp'];
  readonly #description: SessionDescription;
  readonly #header = new RtpHeader();
  readonly #isDetecting: boolean;
  readonly #announce: Announce | undefined;

  constructor({ writer, analysis, hash, clock, ports, announce, wrapMedia }: MediaPipelineParts) {
    this.#announce = announce;
    const { rtpStreams, sdp, media, rtcp, concealsG711 } = analysis;
    this.#isDetecting = rtpStreams.isDetecting;
    this.#ports = new RtpPorts(ports, analysis.rtp?.detect === true);
    this.#sdpLimits = sdp;
    this.#description = new SessionDescription(sdp.maxMedia);
    this.#descriptionMetrics = new MediaSignallingMetrics(writer);
    this.#voiceReports = new VoiceReportMetrics(writer);
    this.#metrics = new MediaMetrics(writer);
    this.#rtpMetrics = new RtpMetrics(writer);
    const quality = new QualityMetrics(writer, concealsG711);
    const listeners = new MediaListeners(this.#rtpMetrics, quality, this.#metrics);
    const listener = wrapMedia?.(listeners) ?? listeners;
    const callIds = writer.mediaExemplars && new CallIds(media.maxCalls, MAX_EXEMPLAR_ID_BYTES);
    this.#calls = new MediaCalls({
      ...{ limits: media, hash, clock, ports, events: listener },
      ...(callIds && { callIds }),
    });
    const { flows } = this.#calls;
    listeners.flows = flows;
    if (callIds) {
      const callOf = (report: StreamReport): number => flows.callOf(report);
      listeners.exemplars = new MediaExemplars(writer.mediaExemplars!, callIds, clock, callOf);
    }
    this.#streams = new RtpStreams(rtpStreams, this.#calls.directory, hash, clock, listener);
    this.#calls.attach(this.#streams);
    const rtcpStreams = new RtcpStreams(this.#streams, new RtcpMetrics(writer));
    this.#sources = new RtcpSources(rtcp, clock, hash, rtcpStreams, rtcpStreams);
  }

  /** In the order of `tableNames`. */
  get tables(): readonly KeyedTable[] {
    return [this.#sources.table, this.#streams.flows.table, this.#streams.table, ...this.#calls.tables];
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
      if (this.#announce === undefined) this.call(key, message, datagram, sighting, context);
      else this.#announce(datagram, context);
    }
    if (isFirst) this.#voiceReports.message(context, message);
  }

  /** Takes what a message says of its call; of one that was sent again, what is in its body. */
  call(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void {
    if (message.bodyLength > 0 && MediaCalls.describes(message)) {
      this.#describe(key, message, datagram, context);
    }
    if (sighting === Sighting.first && MediaCalls.concerns(message)) this.#calls.signal(key, message);
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
    return [this.#calls, this.#streams, this.#sources];
  }

  /** The end of a capture: streams end, and calls that are over are judged. */
  finish(): void {
    this.#streams.finish();
    this.#calls.finish();
  }

  /** Brings the figures up to date that are kept elsewhere; about once a second. */
  refresh(): void {
    this.#rtpMetrics.refresh(this.#streams);
  }

  /** The sensor lost packets between now and another time. */
  sensorLost(untilMicros: number): void {
    this.#streams.sensorLost(untilMicros);
  }

  #describe(key: CallKey, message: SipMessage, datagram: Datagram, context: number): void {
    const description = this.#description;
    const result = readSessionDescription(message, this.#sdpLimits, description);
    this.#descriptionMetrics.description(context, result, description.leftOut);
    if (result !== SdpResult.description) return;
    this.#calls.describe(key, message, datagram, description, context);
    this.#streams.rejoin();
  }

  /** Nobody announced it: it may be anything, and what it says can be forged by anyone. */
  #rtcp(datagram: Datagram, context: number): void {
    const { directory } = this.#calls;
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
    const { directory } = this.#calls;
    const isJoined = directory.findOfRtcp(datagram) !== JoinedBy.none;
    this.#sources.datagram(datagram, context, isJoined && directory.isEncrypted(directory.endpoint), call);
  }
}
