// SPDX-License-Identifier: Apache-2.0
import { Codec } from '../codec.ts';
import { RATED_CODECS, type RatedCodec, Variant } from '../rated-codec.ts';

/** Which of the two E-models a codec is rated with. */
export const Band = {
  /** 300-3400 Hz: ITU-T G.107, R up to 100. */
  narrow: 0,
  /** 50-7000 Hz: ITU-T G.107.1, R up to 129. */
  wide: 1,
} as const;
export type Band = (typeof Band)[keyof typeof Band];

/** `band` label values, by `Band`. */
export const bandNames: readonly string[] = ['narrow', 'wide'];

interface Values {
  readonly band: Band;
  /** Equipment impairment factor without loss, on the scale of the band. */
  readonly ie: number;
  /** Packet-loss robustness factor. */
  readonly bpl: number;
  /** Milliseconds from a sound to the packet that carries it: packetization as it is usual, and look-ahead. */
  readonly delayMillis: number;
}

const narrow = (ie: number, bpl: number, delayMillis: number): Values => ({
  band: Band.narrow,
  ie,
  bpl,
  delayMillis,
});
const wide = (ie: number, bpl: number, delayMillis: number): Values => ({
  band: Band.wide,
  ie,
  bpl,
  delayMillis,
});

/** Ie of the modes of AMR from 4.75 to 12.2 kbit/s, and of AMR-WB from 6.6 to 23.85. */
const amrImpairments = [21, 20, 17, 14, 12, 10, 6, 5];
const amrWbImpairments = [41, 26, 13, 10, 7, 5, 3, 1, 8];

/** Where each number comes from, and which are assumptions, is in docs/media-quality.md. */
const valuesByCodec: Readonly<Record<RatedCodec, Values>> = {
  [Variant.bareG711]: narrow(0, 4.3, 20),
  [Codec.pcmu]: narrow(0, 25.1, 20),
  [Codec.pcma]: narrow(0, 25.1, 20),
  [Codec.g723]: narrow(15, 16.1, 37.5),
  [Variant.g723Low]: narrow(19, 16.1, 37.5),
  [Variant.g726At16]: narrow(50, 10, 20),
  [Variant.g726At24]: narrow(25, 10, 20),
  [Codec.g726]: narrow(7, 10, 20),
  [Variant.g726At40]: narrow(2, 10, 20),
  [Codec.g728]: narrow(7, 10, 20),
  [Codec.g729]: narrow(11, 19, 25),
  [Variant.g729WithoutVad]: narrow(10, 19, 25),
  [Codec.gsm]: narrow(20, 10, 20),
  [Codec.gsmEfr]: narrow(5, 10, 20),
  [Codec.ilbc]: narrow(10, 25.1, 30),
  [Variant.ilbc20]: narrow(10, 25.1, 20),
  [Codec.amr]: narrow(5, 10, 25),
  [Codec.speex]: narrow(11, 19, 30),
  [Codec.g722]: wide(14, 10, 21.5),
  [Codec.amrWb]: wide(13, 10, 25),
  [Codec.evs]: wide(5, 16, 32),
  [Codec.opus]: wide(5, 16, 26.5),
  [Variant.opusLow]: wide(13, 16, 26.5),
  [Variant.opusNarrow]: narrow(5, 16, 26.5),
  ...Object.fromEntries(amrImpairments.map((ie, mode) => [Variant.amrMode + mode, narrow(ie, 10, 25)])),
  ...Object.fromEntries(amrWbImpairments.map((ie, mode) => [Variant.amrWbMode + mode, wide(ie, 10, 25)])),
};

const bands = new Uint8Array(RATED_CODECS);
const impairments = new Float64Array(RATED_CODECS).fill(-1);
const robustness = new Float64Array(RATED_CODECS);
const delays = new Float64Array(RATED_CODECS);
for (const [key, { band, ie, bpl, delayMillis }] of Object.entries(valuesByCodec)) {
  const codec = Number(key);
  bands[codec] = band;
  impairments[codec] = ie;
  robustness[codec] = bpl;
  delays[codec] = delayMillis;
}

/** Whether there are values for a codec: of the others no quality is told. */
export function hasQuality(codec: RatedCodec): boolean {
  return impairments[codec]! >= 0;
}

/** The band a codec is rated in. */
export function bandOf(codec: RatedCodec): Band {
  return bands[codec]! as Band;
}

/** Ie without loss; below 0 where there are no values. */
export function impairmentOf(codec: RatedCodec): number {
  return impairments[codec]!;
}

/** Bpl: above 0 where there are values. */
export function robustnessOf(codec: RatedCodec): number {
  return robustness[codec]!;
}

/** Milliseconds from a sound to its packet. */
export function codecDelayMillisOf(codec: RatedCodec): number {
  return delays[codec]!;
}
