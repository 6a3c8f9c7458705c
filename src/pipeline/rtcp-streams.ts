// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import type { RtcpMetrics } from '../metrics/rtcp-metrics.ts';
import type {
  FarEndReport,
  RoundTrip,
  RoundTripResult,
  RtcpClockRates,
  RtcpEvents,
} from '../rtp/rtcp/rtcp-events.ts';
import type { RtcpResult } from '../rtp/rtcp/rtcp-result.ts';
import type { FeedbackKind, RtcpType, XrBlock } from '../rtp/rtcp/rtcp-type.ts';
import type { VoipMetrics } from '../rtp/rtcp/rtcp-visitor.ts';
import type { RtpStreams } from '../rtp/streams.ts';

/** Where the port of RTCP is one above that of RTP (RFC 3550 §11). */
const RTCP_PORT_OFFSET = 1;
const DEFAULT_CLOCK_RATE = 8000;

/** Brings what RTCP tells to the streams it tells of, and to the metrics. */
export class RtcpStreams implements RtcpEvents, RtcpClockRates {
  readonly #streams: RtpStreams;
  readonly #metrics: RtcpMetrics;

  constructor(streams: RtpStreams, metrics: RtcpMetrics) {
    this.#streams = streams;
    this.#metrics = metrics;
  }

  clockRateOf(datagram: Datagram, ssrc: number): number {
    const stream = this.#find(datagram, ssrc, false);
    return stream < 0 ? DEFAULT_CLOCK_RATE : this.#streams.clockRateOf(stream);
  }

  rtcpDatagram(context: number, result: RtcpResult): void {
    this.#metrics.rtcpDatagram(context, result);
  }

  rtcpPacket(context: number, type: RtcpType): void {
    this.#metrics.rtcpPacket(context, type);
  }

  feedback(context: number, kind: FeedbackKind): void {
    this.#metrics.feedback(context, kind);
  }

  extendedBlock(context: number, block: XrBlock): void {
    this.#metrics.extendedBlock(context, block);
  }

  reportBlock(context: number, result: RoundTripResult): void {
    this.#metrics.reportBlock(context, result);
  }

  /** A part of the way is better than nothing: beside one of the ends it is nearly all of it. */
  roundTrip(context: number, datagram: Datagram, trip: RoundTrip): void {
    this.#metrics.roundTrip(context, datagram, trip);
    const stream = this.#find(datagram, trip.ssrc, false);
    if (stream < 0) return;
    this.#streams.setRoundTrip(stream, trip.fullMicros >= 0 ? trip.fullMicros : trip.segmentMicros);
  }

  farEnd(context: number, datagram: Datagram, report: FarEndReport): void {
    this.#metrics.farEnd(context, datagram, report);
  }

  bye(_context: number, datagram: Datagram, ssrc: number): void {
    this.#metrics.bye();
    const stream = this.#find(datagram, ssrc, true);
    if (stream >= 0) this.#streams.bye(stream);
  }

  voipMetrics(context: number, datagram: Datagram, metrics: VoipMetrics): void {
    this.#metrics.voipMetrics(context, datagram, metrics);
  }

  /**
   * The stream of a source that goes the way of a datagram of RTCP, or the other way: on the same ports (RFC 5761) or those
   * below. -1 for none.
   */
  #find(datagram: Datagram, ssrc: number, isSameWay: boolean): number {
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = datagram;
    for (let offset = 0; offset <= RTCP_PORT_OFFSET; offset++) {
      const stream = isSameWay
        ? this.#streams.find(
            sourceAddress,
            sourcePort - offset,
            destinationAddress,
            destinationPort - offset,
            ssrc,
          )
        : this.#streams.find(
            destinationAddress,
            destinationPort - offset,
            sourceAddress,
            sourcePort - offset,
            ssrc,
          );
      if (stream >= 0) return stream;
    }
    return -1;
  }
}
