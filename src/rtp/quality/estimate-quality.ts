// SPDX-License-Identifier: Apache-2.0
import type { RatedCodec } from '../rated-codec.ts';
import { Band, bandOf, hasQuality, impairmentOf, robustnessOf } from './codec-quality.ts';
import { effectiveImpairment, MAX_WIDE_BAND_R, mosOf, narrowBandBase, wideBandBase } from './e-model.ts';

/** Above this G.107 §7.5 makes no statement; runs that are longer count as this. */
const MAX_BURST_RATIO = 8;
/** Delays above are no less bad. */
const MAX_DELAY_MILLIS = 10_000;

/** An estimate. One object, reused. */
export class QualityEstimate {
  band: Band = Band.narrow;
  /** 0..93.2, in the wide band 0..129. */
  rFactor = 0;
  /** MOS-CQE, 1..4.5, on the scale of the band: a 4.3 in the wide band is a better sound than a 4.3 in the narrow one. */
  mos = 1;
}

/**
 * Estimates what people would say of a connection by the E-model (ITU-T G.107; in the wide band G.107.1), and puts it
 * into `into`. Returns false, and leaves `into` as it was, for a codec without values. Arguments out of their range count
 * as the nearest that is in it.
 *
 * `lossRatio` is of all packets, 0..1, those included that came too late to be played; `burstRatio` is BurstR, at least
 * 1; `delayMillis` is the one-way delay from mouth to ear.
 */
export function estimateQuality(
  codec: RatedCodec,
  lossRatio: number,
  burstRatio: number,
  delayMillis: number,
  into: QualityEstimate,
): boolean {
  if (!hasQuality(codec)) return false;
  const loss = Math.min(Math.max(lossRatio, 0), 1);
  const burst = Math.min(Math.max(burstRatio, 1), MAX_BURST_RATIO);
  const delay = Math.min(Math.max(delayMillis, 0), MAX_DELAY_MILLIS);
  const equipment = effectiveImpairment(impairmentOf(codec), robustnessOf(codec), loss, burst);
  into.band = bandOf(codec);
  const isWide = into.band === Band.wide;
  into.rFactor = Math.max(0, (isWide ? wideBandBase(delay) : narrowBandBase(delay)) - equipment);
  into.mos = mosOf(isWide ? (into.rFactor * 100) / MAX_WIDE_BAND_R : into.rFactor);
  return true;
}
