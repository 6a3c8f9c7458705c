// SPDX-License-Identifier: Apache-2.0
import { Codec } from '../rtp/codec.ts';
import { ascii, beginsWith, lowerCase } from '../sip/parameters.ts';

/** Encoding names of `a=rtpmap` in lower case, those in use beside the registered ones too. */
const codecsByName: readonly (readonly [Codec, string])[] = [
  [Codec.pcmu, 'pcmu'],
  [Codec.pcma, 'pcma'],
  [Codec.g722, 'g722'],
  [Codec.g723, 'g723 g7231 g723.1'],
  [Codec.g726, 'g726-16 g726-24 g726-32 g726-40 aal2-g726-16 aal2-g726-24 aal2-g726-32 aal2-g726-40 g721'],
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
];
const entries = codecsByName.flatMap(([codec, names]) =>
  names.split(' ').map((name) => ({ codec, name: ascii(name) })),
);
const names: readonly Uint8Array[] = entries.map(({ name }) => name);
const codecs = Uint8Array.from(entries, ({ codec }) => codec);
/** Length and the first two letters, which tell nearly all names apart. */
const keys = Int32Array.from(names, (name) => (name.length << 16) | (name[0]! << 8) | name[1]!);

/** The codec of an encoding name, the bytes from `p` to `end`, in any case (RFC 8866 §6.6, RFC 4855 §3). */
export function codecOfName(bytes: Uint8Array, p: number, end: number): Codec {
  if (end - p < 2) return Codec.other;
  const key = ((end - p) << 16) | (lowerCase[bytes[p]!]! << 8) | lowerCase[bytes[p + 1]!]!;
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === key && beginsWith(bytes, p, end, names[i]!)) return codecs[i] as Codec;
  }
  return Codec.other;
}
