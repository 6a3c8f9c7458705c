// SPDX-License-Identifier: Apache-2.0

/**
 * What became of one HEP packet: first what is read, then what is right but not read, then what is wrong with it, by the
 * first reason found.
 */
export const HepResult = {
  /** A payload that is said to be SIP; `HepPacket` and the `Datagram` are filled. */
  message: 0,
  /** A payload that is said to be RTCP; the same is filled. */
  rtcp: 1,

  /** The payload is of a protocol that is not read: `HepPacket.protocolType`. */
  otherProtocol: 2,
  /** The only payload is a compressed one. */
  compressed: 3,
  /** A TCP segment in a capture: HEP by TCP is read where it is received only. */
  segment: 4,

  /** Neither the letters of HEP3 nor the first byte of HEP1 and HEP2. */
  notHep: 5,
  /** The length in the header is below that of the header, or beyond the end of the packet. */
  badLength: 6,
  /** A chunk that reaches beyond the packet, or has not the length its type has. */
  badChunk: 7,
  /** Protocol type, addresses, ports or payload are missing. */
  missingChunk: 8,
  /** An address family that is neither IPv4 nor IPv6. */
  badFamily: 9,
  /** Longer than the receiver wants packets to be. */
  tooLong: 10,
  /** RTCP in JSON that is no JSON, or nothing of RTCP. */
  badReport: 11,
} as const;
export type HepResult = (typeof HepResult)[keyof typeof HepResult];

/** First of the results that are errors. */
export const firstHepError: HepResult = HepResult.notHep;

/** Label `reason` of `ringtap_hep_skipped_total`: the results from `compressed` on. */
export const hepSkipNames: readonly string[] = ['compressed', 'segment'];

/** Label `reason` of `ringtap_hep_errors_total`: the results from `firstHepError` on. */
export const hepErrorNames: readonly string[] = [
  'not_hep',
  'bad_length',
  'bad_chunk',
  'missing_chunk',
  'bad_family',
  'too_long',
  'bad_report',
];
