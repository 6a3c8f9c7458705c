// SPDX-License-Identifier: Apache-2.0

/**
 * A codec as it is rated, 0..127: one of `Codec`, or one of `Variant` where its name or the parameters of its format say more
 * of how it sounds.
 */
export type RatedCodec = number;

/** What `Codec` does not tell apart. Behind `Codec`, which has room for 32. */
export const Variant = {
  /** G.711 in devices that play silence for what is lost: no packet loss concealment (G.711 Appendix I). */
  bareG711: 32,
  /** G.723.1 at 5.3 kbit/s instead of 6.3 (RFC 4856). */
  g723Low: 33,
  /** G.726 at 16, 24 and 40 kbit/s instead of 32 (RFC 3551 §4.5.4). */
  g726At16: 34,
  g726At24: 35,
  g726At40: 36,
  /** G.729 that does not fall silent: `annexb=no` (RFC 4856 §2.1.9). */
  g729WithoutVad: 37,
  /** iLBC with frames of 20 ms, 15.2 kbit/s, instead of 30 ms, 13.33 kbit/s (RFC 3952 §5). */
  ilbc20: 38,
  /** Opus for a receiver that plays 4 kHz, and at less than it takes for 8 (RFC 7587 §3.1, §6.1). */
  opusNarrow: 39,
  opusLow: 40,
  /** Modes 0 to 7 of AMR and 0 to 8 of AMR-WB (RFC 4867 §8). */
  amrMode: 41,
  amrWbMode: 49,
} as const;

/** Modes of AMR. */
export const AMR_MODES = 8;
/** Modes of AMR-WB. */
export const AMR_WB_MODES = 9;

/** All rated codecs are below this. */
export const RATED_CODECS: number = Variant.amrWbMode + AMR_WB_MODES;

/** In `RatedCodec`'s byte: each packet carries the one before it once more (RFC 2198). */
export const REDUNDANT = 0x80;
