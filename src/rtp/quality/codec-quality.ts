// SPDX-License-Identifier: Apache-2.0
import { Codec, codecNames } from '../codec.ts';

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

/** A codec as it is rated: one of `Codec`, or `BARE_G711`. */
export type RatedCodec = number;

/** G.711 in devices that play silence for what is lost: no packet loss concealment (G.711 Appendix I). */
export const BARE_G711: RatedCodec = codecNames.length;

/** Where each number comes from, and which are assumptions, is in docs/media-quality.md. */
const valuesByCodec: Readonly<Record<RatedCodec, Values>> = {
  [BARE_G711]: narrow(0, 4.3, 20),
  [Codec.pcmu]: narrow(0, 25.1, 20),
  [Codec.pcma]: narrow(0, 25.1, 20),
  [Codec.g723]: narrow(15, 16.1, 37.5),
  [Codec.g726]: narrow(7, 10, 20),
  [Codec.g728]: narrow(7, 10, 20),
  [Codec.g729]: narrow(11, 19, 25),
  [Codec.gsm]: narrow(20, 10, 20),
  [Codec.gsmEfr]: narrow(5, 10, 20),
  [Codec.ilbc]: narrow(10, 25.1, 30),
  [Codec.amr]: narrow(5, 10, 25),
  [Codec.speex]: narrow(11, 19, 30),
  [Codec.g722]: wide(14, 10, 21.5),
  [Codec.amrWb]: wide(14, 10, 25),
  [Codec.evs]: wide(5, 16, 32),
  [Codec.opus]: wide(5, 16, 26.5),
};

const length = BARE_G711 + 1;
const bands = new Uint8Array(length);
const impairments = new Float64Array(length).fill(-1);
const robustness = new Float64Array(length);
const delays = new Float64Array(length);
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
