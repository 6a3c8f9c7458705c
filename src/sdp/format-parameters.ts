// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { Codec } from '../rtp/codec.ts';
import { AMR_MODES, AMR_WB_MODES, type RatedCodec, REDUNDANT, Variant } from '../rtp/rated-codec.ts';
import { beginsWith, namedValue } from '../sip/parameters.ts';
import {
  type MediaDescription,
  MediaKind,
  maxFormats,
  type SessionDescription,
} from './session-description.ts';
import { nextToken, numberAt, skipSpaces } from './tokens.ts';

const SP = 0x20;
const COMMA = 0x2c;
const SLASH = 0x2f;
const FIVE = 0x35;
const SEMICOLON = 0x3b;

const name = {
  annexb: ascii('annexb'),
  bitrate: ascii('bitrate'),
  mode: ascii('mode'),
  modeSet: ascii('mode-set'),
  playbackRate: ascii('maxplaybackrate'),
  averageBitrate: ascii('maxaveragebitrate'),
} as const;
const no = ascii('no');

/** Opus for a playback rate up to this has a band of 4 kHz, up to the next one 6 (RFC 6716 §2). */
const NARROW_BAND_HZ = 8000;
const MEDIUM_BAND_HZ = 12_000;
/** Below this Opus has not what RFC 7587 §3.1.1 recommends for speech in the wide band. */
const WIDE_BAND_BITRATE = 16_000;
const ILBC_SHORT_FRAME_MILLIS = 20;

/** Places of the formats of the media line that is being read, and where their parameters begin and end. */
const indexes = new Int32Array(maxFormats);
const starts = new Int32Array(maxFormats);
const ends = new Int32Array(maxFormats);
let count = 0;

/**
 * Notes where the parameters of a format are, the bytes from `p` to `end` behind `a=fmtp:` (RFC 8866 §6.15). What they mean is
 * only known with the codec, and `a=rtpmap` may come behind them. `into` counts those beyond as many as there may be formats.
 *
 *     97 mode-set=0,2,5,7; octet-align=1
 */
export function noteFormatParameters(
  bytes: Uint8Array,
  p: number,
  end: number,
  media: MediaDescription,
  into: SessionDescription,
): void {
  if (media.kind === MediaKind.video) return;
  const index = media.indexOf(numberAt(bytes, p, end));
  if (index < 0) return;
  if (count === maxFormats) {
    into.leftOut++;
    return;
  }
  indexes[count] = index;
  starts[count] = nextToken(bytes, p, end);
  ends[count] = end;
  count++;
}

/**
 * A media line is read to its end: rates its formats by the parameters that were noted, and forgets these. Those that say
 * nothing of the sound are passed over, such as the events of telephone-event (RFC 4733 §2.4.1), the packing of AMR, and
 * what a receiver of Opus could do with error correction, if it were sent any.
 */
export function rateFormats(bytes: Uint8Array, media: MediaDescription): void {
  const noted = count;
  count = 0;
  let hasRed = false;
  for (let i = 0; i < noted; i++) {
    const index = indexes[i]!;
    const codec = media.codecs[index] as Codec;
    if (codec === Codec.red) hasRed = true;
    const rated = ratedCodecOf(bytes, starts[i]!, ends[i]!, codec);
    if (rated >= 0) media.ratedCodecs[index] = rated;
  }
  if (!hasRed) return;
  // Redundancy is around another format, which must be rated by then.
  for (let i = 0; i < noted; i++) {
    const index = indexes[i]!;
    if (media.codecs[index] !== Codec.red) continue;
    media.ratedCodecs[index] = redundantCodecOf(bytes, starts[i]!, ends[i]!, media);
  }
}

/** The rated codec of a format with parameters; -1 where they say nothing of it. */
function ratedCodecOf(bytes: Uint8Array, p: number, end: number, codec: Codec): RatedCodec {
  switch (codec) {
    case Codec.g723: {
      const value = valueAt(bytes, p, end, name.bitrate);
      return value >= 0 && bytes[value] === FIVE ? Variant.g723Low : -1;
    }
    case Codec.g729: {
      const value = valueAt(bytes, p, end, name.annexb);
      return value >= 0 && beginsWith(bytes, value, end, no) ? Variant.g729WithoutVad : -1;
    }
    case Codec.ilbc:
      return numberOf(bytes, p, end, name.mode) === ILBC_SHORT_FRAME_MILLIS ? Variant.ilbc20 : -1;
    case Codec.amr: {
      const mode = highestMode(bytes, p, end, AMR_MODES);
      return mode < 0 ? -1 : Variant.amrMode + mode;
    }
    case Codec.amrWb: {
      const mode = highestMode(bytes, p, end, AMR_WB_MODES);
      return mode < 0 ? -1 : Variant.amrWbMode + mode;
    }
    case Codec.opus:
      return opusOf(bytes, p, end);
    default:
      return -1;
  }
}

/** Opus by what its receiver wants at most: the sender keeps to it (RFC 7587 §6.1, §7). */
function opusOf(bytes: Uint8Array, p: number, end: number): RatedCodec {
  const playbackHz = numberOf(bytes, p, end, name.playbackRate);
  if (playbackHz > 0 && playbackHz <= NARROW_BAND_HZ) return Variant.opusNarrow;
  const bitrate = numberOf(bytes, p, end, name.averageBitrate);
  const isLow = bitrate > 0 && bitrate < WIDE_BAND_BITRATE;
  return isLow || (playbackHz > 0 && playbackHz <= MEDIUM_BAND_HZ) ? Variant.opusLow : -1;
}

/** The highest of the modes of `mode-set`, below `modes`; -1 where it has none. */
function highestMode(bytes: Uint8Array, p: number, end: number, modes: number): number {
  let highest = -1;
  let at = valueAt(bytes, p, end, name.modeSet);
  while (at >= 0 && at < end && bytes[at] !== SEMICOLON) {
    const mode = numberAt(bytes, at, end);
    if (mode < modes) highest = Math.max(highest, mode);
    while (at < end && bytes[at] !== COMMA && bytes[at] !== SEMICOLON) at++;
    if (at < end && bytes[at] === COMMA) at = skipSpaces(bytes, at + 1, end);
  }
  return highest;
}

/**
 * RED by the format it carries: the first of its list, with those of older packets behind it (RFC 2198 §5). `Codec.red`, of
 * which nothing is known, where that is none that is listed, or RED itself.
 *
 *     0/5
 */
function redundantCodecOf(bytes: Uint8Array, p: number, end: number, media: MediaDescription): RatedCodec {
  const primary = media.indexOf(numberAt(bytes, p, end));
  if (primary < 0 || media.codecs[primary] === Codec.red) return Codec.red;
  while (p < end && bytes[p]! > SP && bytes[p] !== SLASH) p++;
  const isRedundant = p < end && bytes[p] === SLASH;
  return media.ratedCodecs[primary]! | (isRedundant ? REDUNDANT : 0);
}

/** The number that a parameter has; -1 without. */
function numberOf(bytes: Uint8Array, p: number, end: number, text: Uint8Array): number {
  const value = valueAt(bytes, p, end, text);
  return value < 0 ? -1 : numberAt(bytes, value, end);
}

/** Where the value of a parameter begins, in any case; -1 without. They are parted by semicolons. */
function valueAt(bytes: Uint8Array, p: number, end: number, text: Uint8Array): number {
  while (p < end) {
    const value = namedValue(bytes, p, end, text);
    if (value >= 0) return value;
    while (p < end && bytes[p] !== SEMICOLON) p++;
    p++;
  }
  return -1;
}
