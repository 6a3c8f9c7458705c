// SPDX-License-Identifier: Apache-2.0
import type {
  Finding,
  From,
  LeftOut,
  MediaCallState,
  MediaEvents,
  MediaResult,
} from '../media/media-events.ts';
import type { MediaMetrics } from '../metrics/media-metrics.ts';
import type { QualityMetrics } from '../metrics/quality-metrics.ts';
import type { RtpMetrics } from '../metrics/rtp-metrics.ts';
import type { Codec } from '../rtp/codec.ts';
import type { QualityEstimate } from '../rtp/quality/estimate-quality.ts';
import type { StreamEvents, StreamReport } from '../rtp/stream-events.ts';
import type { MediaExemplars } from './media-exemplars.ts';

/** What is told of media: by its streams, of their quality, and by calls. */
export interface MediaListener extends StreamEvents, MediaEvents {
  /** The quality of the interval that ended last; told inside `intervalEnded`, for those that have one. */
  quality: ((report: StreamReport, estimate: QualityEstimate) => void) | undefined;
}

/** Passes what streams and calls tell to everybody who wants it, in one order: the metrics first, then the call. */
export class MediaListeners implements MediaListener {
  quality: MediaListener['quality'];
  /** What makes facts of calls of what streams tell. */
  flows: StreamEvents | undefined;
  /** Names the calls of exemplars, where they are wanted. */
  exemplars: MediaExemplars | undefined;

  readonly #rtp: RtpMetrics;
  readonly #quality: QualityMetrics;
  readonly #media: MediaMetrics;

  constructor(rtp: RtpMetrics, quality: QualityMetrics, media: MediaMetrics) {
    this.#rtp = rtp;
    this.#quality = quality;
    this.#media = media;
  }

  streamBegan(report: StreamReport): void {
    this.exemplars?.next(report);
    this.#rtp.streamBegan(report);
    this.flows?.streamBegan(report);
  }

  streamJoined(report: StreamReport): void {
    this.exemplars?.next(report);
    this.#rtp.streamJoined(report);
    this.flows?.streamJoined?.(report);
  }

  streamLeft(report: StreamReport): void {
    this.flows?.streamLeft?.(report);
  }

  intervalEnded(report: StreamReport): void {
    this.exemplars?.next(report);
    this.#rtp.intervalEnded(report);
    if (this.#quality.interval(report)) this.quality?.(report, this.#quality.estimate);
    this.flows?.intervalEnded(report);
  }

  streamEnded(report: StreamReport): void {
    this.#rtp.streamEnded();
    this.flows?.streamEnded(report);
  }

  mediaCallBegan(): void {
    this.#media.mediaCallBegan();
  }

  mediaDescribed(): void {
    this.#media.mediaDescribed();
  }

  descriptionLeftOut(context: number, reason: LeftOut): void {
    this.#media.descriptionLeftOut(context, reason);
  }

  mediaDelay(call: number, context: number, from: From, delayMicros: number): void {
    this.#media.mediaDelay(call, context, from, delayMicros);
  }

  mediaFinding(call: number, context: number, finding: Finding, from: From): void {
    this.#media.mediaFinding(call, context, finding, from);
  }

  mediaCodec(call: number, context: number, from: From, codec: Codec): void {
    this.#media.mediaCodec(call, context, from, codec);
  }

  mediaJudged(call: number, context: number, result: MediaResult): void {
    this.#media.mediaJudged(call, context, result);
  }

  mediaCallsChanged(context: number, state: MediaCallState, change: number): void {
    this.#media.mediaCallsChanged(context, state, change);
  }
}
