// SPDX-License-Identifier: Apache-2.0
import { Codec } from './codec.ts';

const payloadTypeCount = 128;

/** Payload type, codec and clock rate of RFC 3551 §6. */
const assigned: readonly (readonly [payloadType: number, codec: Codec, clockRate: number])[] = [
  [0, Codec.pcmu, 8000],
  // G.721, which is G.726 at 32 kbit/s: RFC 1890 assigned it, RFC 3551 took it back, peers still offer it.
  [2, Codec.g726, 8000],
  [3, Codec.gsm, 8000],
  [4, Codec.g723, 8000],
  [5, Codec.other, 8000],
  [6, Codec.other, 16_000],
  [7, Codec.other, 8000],
  [8, Codec.pcma, 8000],
  // 16,000 samples a second, but a clock of 8,000 Hz (RFC 3551 §4.5.2).
  [9, Codec.g722, 8000],
  [10, Codec.l16, 44_100],
  [11, Codec.l16, 44_100],
  [12, Codec.other, 8000],
  [13, Codec.comfortNoise, 8000],
  [14, Codec.other, 90_000],
  [15, Codec.g728, 8000],
  [16, Codec.other, 11_025],
  [17, Codec.other, 22_050],
  [18, Codec.g729, 8000],
  // Comfort noise before RFC 3551 reserved the number; some gateways still send it.
  [19, Codec.comfortNoise, 8000],
  [25, Codec.video, 90_000],
  [26, Codec.video, 90_000],
  [28, Codec.video, 90_000],
  [31, Codec.video, 90_000],
  [32, Codec.video, 90_000],
  [33, Codec.video, 90_000],
  [34, Codec.video, 90_000],
];

/** Codec of each payload type that nobody explained; `Codec.other` where there is none. */
export const staticCodecs: Uint8Array = new Uint8Array(payloadTypeCount);
/** Hz of each payload type that nobody explained; 8000 where there is none. */
export const staticClockRates: Int32Array = new Int32Array(payloadTypeCount).fill(8000);
for (const [payloadType, codec, clockRate] of assigned) {
  staticCodecs[payloadType] = codec;
  staticClockRates[payloadType] = clockRate;
}
