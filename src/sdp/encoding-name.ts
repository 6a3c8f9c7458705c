// SPDX-License-Identifier: Apache-2.0

import { ascii } from '../base/ascii.ts';
import { Codec } from '../rtp/codec.ts';
import { type RatedCodec, Variant } from '../rtp/rated-codec.ts';
import { beginsWith, lowerCase } from '../sip/parameters.ts';

/** Encoding names of `a=rtpmap` in lower case, those in use beside the registered ones too; and the codec as it is rated. */
const codecsByName: readonly (readonly [Codec, string, RatedCodec?])[] = [
  [Codec.pcmu, 'pcmu'],
  [Codec.pcma, 'pcma'],
  [Codec.g722, 'g722'],
  [Codec.g723, 'g723 g7231 g723.1'],
  [Codec.g726, 'g726-32 aal2-g726-32 g721'],
  [Codec.g726, 'g726-16 aal2-g726-16', Variant.g726At16],
  [Codec.g726, 'g726-24 aal2-g726-24', Variant.g726At24],
  [Codec.g726, 'g726-40 aal2-g726-40', Variant.g726At40],
  [Codec.g728, 'g728'],
  [Codec.g729, 'g729 g729a g729b g729ab g729d g729e'],
  [Codec.gsm, 'gsm'],
  [Codec.gsmEfr, 'gsm-efr'],
  [Codec.ilbc, 'ilbc'],
  [Codec.amr, 'amr'],
  [Codec.amrWb, 'amr-wb'],
  [Codec.evs, 'evs'],
  [Codec.opus, 'opus'],
  [Codec.speex, 'speex'],
  [Codec.l16, 'l16'],
  [Codec.telephoneEvent, 'telephone-event'],
  [Codec.comfortNoise, 'cn'],
  [Codec.red, 'red'],
  [Codec.rtx, 'rtx'],
];
const entries = codecsByName.flatMap(([codec, names, rated = codec]) =>
  names.split(' ').map((name) => ({ codec, rated, name: ascii(name) })),
);
const names: readonly Uint8Array[] = entries.map(({ name }) => name);
const codecs = Uint8Array.from(entries, ({ codec }) => codec);
const ratedCodecs = Uint8Array.from(entries, ({ rated }) => rated);
/** Length and the first two letters, which tell nearly all names apart. */
const keyOf = (length: number, first: number, second: number): number =>
  (length << 16) | (first << 8) | second;
const keys = Int32Array.from(names, (name) => keyOf(name.length, name[0]!, name[1]!));

/** Places in the index of names by their keys: four times as many as there are names, so that nearly all stand where they belong. */
const PLACES = 256;
const MIX = 0x9e3779b1;
const placeOf = (key: number): number => Math.imul(key, MIX) >>> 24;
const index = new Uint8Array(PLACES);
keys.forEach((key, name) => {
  let place = placeOf(key);
  while (index[place] !== 0) place = (place + 1) % PLACES;
  index[place] = name + 1;
});

/** The place of an encoding name, the bytes from `p` to `end`, in any case (RFC 8866 §6.6, RFC 4855 §3); -1 for none that is known. */
export function findEncodingName(bytes: Uint8Array, p: number, end: number): number {
  if (end - p < 2) return -1;
  const key = keyOf(end - p, lowerCase[bytes[p]!]!, lowerCase[bytes[p + 1]!]!);
  for (let place = placeOf(key); index[place] !== 0; place = (place + 1) % PLACES) {
    const name = index[place]! - 1;
    if (keys[name] === key && beginsWith(bytes, p, end, names[name]!)) return name;
  }
  return -1;
}

/** The codec of the encoding name at a place. */
export function codecOfName(name: number): Codec {
  return name < 0 ? Codec.other : (codecs[name] as Codec);
}

/** The same as it is rated. */
export function ratedCodecOfName(name: number): RatedCodec {
  return name < 0 ? Codec.other : ratedCodecs[name]!;
}
