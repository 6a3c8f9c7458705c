// SPDX-License-Identifier: Apache-2.0

/** Codecs and formats that are told apart: a closed set, for it becomes the label `codec`. */
export const Codec = {
  /** A payload type nobody explained, or a format that is none of these. */
  other: 0,
  pcmu: 1,
  pcma: 2,
  g722: 3,
  g723: 4,
  g726: 5,
  g728: 6,
  g729: 7,
  gsm: 8,
  gsmEfr: 9,
  ilbc: 10,
  amr: 11,
  amrWb: 12,
  evs: 13,
  opus: 14,
  speex: 15,
  l16: 16,
  /** No voice of its own: DTMF (RFC 4733) and comfort noise (RFC 3389), within the stream of a codec. */
  telephoneEvent: 17,
  comfortNoise: 18,
  /** Redundancy around another format (RFC 2198). */
  red: 19,
  /** Any format of a video line but the next. */
  video: 20,
  /** Packets of another stream, sent again in one of their own (RFC 4588). */
  rtx: 21,
} as const;
export type Codec = (typeof Codec)[keyof typeof Codec];

/** `codec` label values, by `Codec`. */
export const codecNames: readonly string[] = [
  'other',
  'pcmu',
  'pcma',
  'g722',
  'g723',
  'g726',
  'g728',
  'g729',
  'gsm',
  'gsm_efr',
  'ilbc',
  'amr',
  'amr_wb',
  'evs',
  'opus',
  'speex',
  'l16',
  'telephone_event',
  'comfort_noise',
  'red',
  'video',
  'rtx',
];

/** Whether two codecs are of one kind: voice, video, or retransmissions. */
export function areOneKind(codec: Codec, other: Codec): boolean {
  const isVoice = codec < Codec.video;
  return isVoice ? other < Codec.video : other === codec;
}

/**
 * What is no voice or video by itself, and whose timestamps tell nothing of the network: those of DTMF stand still, those of comfort
 * noise may, and those of retransmissions are of packets sent before.
 */
export function isAsideCodec(codec: Codec): boolean {
  return codec === Codec.telephoneEvent || codec === Codec.comfortNoise || codec === Codec.rtx;
}
