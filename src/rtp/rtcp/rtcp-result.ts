// SPDX-License-Identifier: Apache-2.0

/** What became of one RTCP datagram: `compound` is 0, then what is right but not read, then why it was refused. */
export const RtcpResult = {
  /** One packet or several, all of them told to the visitor. */
  compound: 0,
  /** SRTCP: on a flow known as encrypted, and not to be read (RFC 3711 §3.4). */
  encrypted: 1,

  /** Fewer bytes than the header of a packet. */
  tooShort: 2,
  /** A packet whose version is not 2. */
  badVersion: 3,
  /** A payload type that is none of RTCP. */
  notRtcp: 4,
  /** A packet that reaches beyond the datagram. */
  badLength: 5,
  /** Padding that is no multiple of four, larger than its packet or not in the last one. */
  badPadding: 6,
  /** Fewer bytes than its report blocks, chunks or fixed fields need. */
  badCount: 7,
  /** A block of an extended report that reaches beyond it, or has not the length its type has. */
  badBlock: 8,
} as const;
export type RtcpResult = (typeof RtcpResult)[keyof typeof RtcpResult];

/** First of the results that are errors. */
export const firstRtcpError: RtcpResult = RtcpResult.tooShort;

/** Label `result` of `rtcp_datagrams_total`: `compound`, `encrypted`, and all errors as one. */
export const rtcpDatagramNames: readonly string[] = ['read', 'encrypted', 'malformed'];

/** Label `reason` of `rtcp_parse_errors_total`: the results from `firstRtcpError` on. */
export const rtcpErrorNames: readonly string[] = [
  'too_short',
  'bad_version',
  'not_rtcp',
  'bad_length',
  'bad_padding',
  'bad_count',
  'bad_block',
];
