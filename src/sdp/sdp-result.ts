// SPDX-License-Identifier: Apache-2.0

/** What became of the session description in a message. */
export const SdpResult = {
  /** There is none. */
  none: 0,
  /** It was read. */
  description: 1,
  /** It is said to be SDP, but does not begin with a line `v=` (RFC 8866 §5). */
  notSdp: 2,
  /** Not version 0 (RFC 8866 §5.1). */
  unsupportedVersion: 3,
  /** A line `m=` without a media type, a port of 0..65535 and a transport: all that is behind it hangs in the air. */
  badMediaLine: 4,
  /** Longer than `SdpLimits.maxBytes`. */
  tooLong: 5,
  /** A multipart body without a boundary of 1..70 bytes, or in which it never comes (RFC 2046 §5.1.1). */
  badMultipart: 6,
  /** Not found among as many parts as `SdpLimits.maxParts`, or parts within parts within parts. */
  tooManyParts: 7,
} as const;
export type SdpResult = (typeof SdpResult)[keyof typeof SdpResult];

/** `result` label values, from `SdpResult.description` on. */
export const sdpResultNames: readonly string[] = [
  'read',
  'not_sdp',
  'unsupported_version',
  'bad_media_line',
  'too_long',
  'bad_multipart',
  'too_many_parts',
];
