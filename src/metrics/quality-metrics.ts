// SPDX-License-Identifier: Apache-2.0
import { Codec } from '../rtp/codec.ts';
import { codecDelayMillisOf } from '../rtp/quality/codec-quality.ts';
import { estimateQuality, QualityEstimate } from '../rtp/quality/estimate-quality.ts';
import { type RatedCodec, REDUNDANT, Variant } from '../rtp/rated-codec.ts';
import type { StreamReport } from '../rtp/stream-events.ts';
import { Counter } from './counter.ts';
import type { ExemplarSubject } from './exemplars.ts';
import { Histogram } from './histogram.ts';
import type { ShardWriter } from './shard-writer.ts';

// The names are in families/quality.ts.
export const WithoutQuality = { sensorLoss: 0, noCodec: 1, encrypted: 2, silent: 3 } as const;
export type WithoutQuality = (typeof WithoutQuality)[keyof typeof WithoutQuality];

/** The jitter buffer that is assumed: that of `StreamReport.discardedFixed`. */
const JITTER_BUFFER_MILLIS = 60;
/** One way through the network where RTCP does not tell the round trip. */
const DEFAULT_NETWORK_MILLIS = 20;

/** Observes the quality of streams, interval by interval. */
export class QualityMetrics {
  /** Of the last interval that had one; reused. */
  readonly estimate: QualityEstimate = new QualityEstimate();
  readonly #rFactor: Histogram;
  readonly #mos: Histogram;
  readonly #without: Counter;
  readonly #concealsG711: boolean;
  readonly #exemplars: ExemplarSubject | undefined;

  /** `concealsG711`: devices fill the gaps that lost packets leave in G.711, as nearly all do (G.711 Appendix I). */
  constructor(writer: ShardWriter, concealsG711: boolean) {
    this.#rFactor = new Histogram(writer, 'rtp_interval_r_factor');
    this.#mos = new Histogram(writer, 'rtp_interval_mos');
    this.#without = new Counter(writer, 'rtp_intervals_without_quality_total');
    this.#concealsG711 = concealsG711;
    this.#exemplars = writer.mediaExemplars;
  }

  /** An interval of a stream is over. Returns whether it has a quality: `estimate` is of it then. */
  interval(report: StreamReport): boolean {
    const { codec, context, expected } = report;
    if (codec === Codec.video || codec === Codec.rtx) return false;
    if (report.isSensorLossy) return this.#none(context, WithoutQuality.sensorLoss);
    if (report.isSilent || expected <= 0) {
      const isUnreadable = codec === Codec.other && report.received > 0;
      return this.#none(context, isUnreadable ? WithoutQuality.encrypted : WithoutQuality.silent);
    }
    const rated = this.#ratedCodecOf(report);
    const lossRatio = (report.lost + report.discardedFixed - recovered(report)) / expected;
    const { estimate } = this;
    if (!estimateQuality(rated, lossRatio, report.burstRatio, delayMillis(report, rated), estimate)) {
      return this.#none(context, WithoutQuality.noCodec);
    }
    const { band } = estimate;
    const tenthsOfR = Math.round(estimate.rFactor * 10);
    const hundredthsOfMos = Math.round(estimate.mos * 100);
    this.#rFactor.observe(context, band, tenthsOfR);
    this.#mos.observe(context, band, hundredthsOfMos);
    if (this.#exemplars) {
      this.#rFactor.exemplify(context, band, tenthsOfR, this.#exemplars);
      this.#mos.exemplify(context, band, hundredthsOfMos, this.#exemplars);
    }
    return true;
  }

  #ratedCodecOf({ ratedCodec }: StreamReport): RatedCodec {
    const rated = ratedCodec & ~REDUNDANT;
    const isG711 = rated === Codec.pcmu || rated === Codec.pcma;
    return isG711 && !this.#concealsG711 ? Variant.bareG711 : rated;
  }

  #none(context: number, reason: WithoutQuality): false {
    this.#without.add(context, reason, 1);
    return false;
  }
}

/** One-way delay from mouth to ear: half the round trip, and what codec and jitter buffer add. */
function delayMillis({ roundTripMicros }: StreamReport, rated: RatedCodec): number {
  const networkMillis = roundTripMicros < 0 ? DEFAULT_NETWORK_MILLIS : roundTripMicros / 2000;
  return networkMillis + codecDelayMillisOf(rated) + JITTER_BUFFER_MILLIS;
}

/** Packets that are heard though they did not come: the last one of each run, where the packet behind it brings it again. */
function recovered({ ratedCodec, lost, discardedFixed, lossRuns }: StreamReport): number {
  return (ratedCodec & REDUNDANT) === 0 ? 0 : Math.min(lossRuns, lost + discardedFixed);
}
