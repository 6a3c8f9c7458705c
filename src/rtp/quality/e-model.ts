// SPDX-License-Identifier: Apache-2.0

// The E-model, ITU-T G.107 (06/2015), with its default values (§7.7, Table 3) for all that is not on the network: loudness
// ratings, sidetone, room noise, circuit noise, one quantizing distortion unit, an echo loss of 65 dB. Names are those of
// the Recommendation. What does not depend on delay, loss or codec is computed once.

/** Loudness ratings, sidetone masking, D values, dB. */
const SLR = 8;
const RLR = 2;
const OLR = SLR + RLR;
const STMR = 15;
const LSTR = 18;
const DS = 3;
/** Talker echo loudness rating and weighted echo path loss, dB. */
const TELR = 65;
const WEPL = 110;
/** Circuit noise, room noise at both sides, and the noise floor. */
const NC = -70;
const PS = 35;
const PR = 35;
const NFOR = -64;
const QDU = 1;

const db = (...levels: readonly number[]): number =>
  10 * Math.log10(levels.reduce((sum, level) => sum + 10 ** (level / 10), 0));

/** Noise (§7.2). */
const NOS = PS - SLR - DS - 100 + 0.004 * (PS - OLR - DS - 14) ** 2;
const PRE = PR + 10 * Math.log10(1 + 10 ** ((10 - LSTR) / 10));
const NOR = RLR - 121 + PRE + 0.008 * (PRE - 35) ** 2;
const NO = db(NC, NOS, NOR, NFOR + RLR);
/** Basic signal-to-noise ratio. */
const RO = 15 - 1.5 * (SLR + NO);

/** Rle of listener echo (§7.4.2) without its delay. */
const RLE = 10.5 * (WEPL + 7);
const ROE = -1.5 * (NO - RLR);

/** Too low a loudness rating, and quantizing (§7.3): both are the same for all delays. */
const XOLR = OLR + 0.2 * (64 + NO - RLR);
const IOLR = 20 * ((1 + (XOLR / 8) ** 8) ** (1 / 8) - XOLR / 8);
const Q = 37 - 15 * Math.log10(QDU);
const G = 1.07 + 0.258 * Q + 0.0602 * Q ** 2;
const IQ = 15 * Math.log10(1 + 10 ** ((RO - 100) / 15 + 46 / 8.4 - G / 9) + 10 ** (46 / 30 - G / 40));

/** Non-optimum sidetone (§7.3) at a mean one-way delay of the echo path, milliseconds. */
function sidetoneImpairment(delayMillis: number): number {
  const stmro = -10 * Math.log10(10 ** (-STMR / 10) + Math.exp(-delayMillis / 4) * 10 ** (-TELR / 10));
  return (
    12 * (1 + ((stmro - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((stmro + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((stmro - 3) / 33) ** 13) ** (1 / 13) +
    29
  );
}

/** Talker echo, Idte (§7.4.1), for a sidetone of 9 to 20 dB. */
function talkerEchoImpairment(delayMillis: number): number {
  if (delayMillis < 1) return 0;
  const terv =
    TELR -
    40 * Math.log10((1 + delayMillis / 10) / (1 + delayMillis / 150)) +
    6 * Math.exp(-0.3 * delayMillis ** 2);
  const difference = ROE - (80 + 2.5 * (terv - 14));
  const echo = difference / 2 + Math.sqrt(difference ** 2 / 4 + 100) - 1;
  return echo * (1 - Math.exp(-delayMillis));
}

/** Listener echo, Idle (§7.4.2); its delay is the round trip in the 4-wire loop. */
function listenerEchoImpairment(delayMillis: number): number {
  const difference = RO - RLE * (2 * delayMillis + 1) ** -0.25;
  return difference / 2 + Math.sqrt(difference ** 2 / 4 + 169);
}

/** Too long a delay, Idd (§7.4.3): above 100 ms people talk over one another. */
export function absoluteDelayImpairment(delayMillis: number): number {
  if (delayMillis <= 100) return 0;
  const x = Math.log2(delayMillis / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/**
 * R without the impairment of codec and loss, Ro - Is - Id, when the one-way delay is `delayMillis` from mouth to ear:
 * 93.2 without any. Echo path and absolute delay are taken to be equal, T = Ta, Tr = 2T.
 */
export function narrowBandBase(delayMillis: number): number {
  const simultaneous = IOLR + sidetoneImpairment(delayMillis) + IQ;
  const delay =
    talkerEchoImpairment(delayMillis) +
    listenerEchoImpairment(delayMillis) +
    absoluteDelayImpairment(delayMillis);
  return RO - simultaneous - delay;
}

/** R of a wide-band connection without any impairment (G.107.1 §7.7). */
export const MAX_WIDE_BAND_R = 129;

/**
 * The same by the wide-band model, G.107.1, less echo: wide-band devices are taken to cancel it. 129 without any delay.
 */
export function wideBandBase(delayMillis: number): number {
  return MAX_WIDE_BAND_R - absoluteDelayImpairment(delayMillis);
}

/**
 * Ie-eff (G.107 §7.5, G.107.1 §7.5): the impairment of a codec with `lossRatio`, 0..1, of its packets lost in runs that
 * are `burstRatio` times as long as those of random loss.
 */
export function effectiveImpairment(ie: number, bpl: number, lossRatio: number, burstRatio: number): number {
  if (lossRatio <= 0) return ie;
  const lossPercent = lossRatio * 100;
  return ie + (95 - ie) * (lossPercent / (lossPercent / burstRatio + bpl));
}

/** MOS, 1..4.5, of R on the narrow-band scale (G.107 Annex B). */
export function mosOf(r: number): number {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  // The polynomial falls below 1 for the smallest R.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}
