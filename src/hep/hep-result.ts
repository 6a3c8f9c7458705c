// SPDX-License-Identifier: Apache-2.0

/**
 * What became of one HEP packet: `message` is 0; then what is right but not read, then what is wrong with it, by the
 * first reason found.
 */
export const HepResult = {
  /** A payload that is said to be SIP; `HepPacket` and the `Datagram` are filled. */
  message: 0,

  /** The payload is of another protocol: RTCP, logs, keep-alives of the agent. */
  notSip: 1,
  /** The only payload is a compressed one. */
  compressed: 2,
  /** A TCP segment in a capture: HEP by TCP is read where it is received only. */
  segment: 3,

  /** Neither the letters of HEP3 nor the first byte of HEP1 and HEP2. */
  notHep: 4,
  /** The length in the header is below that of the header, or beyond the end of the packet. */
  badLength: 5,
  /** A chunk that reaches beyond the packet, or has not the length its type has. */
  badChunk: 6,
  /** Protocol type, addresses, ports or payload are missing. */
  missingChunk: 7,
  /** An address family that is neither IPv4 nor IPv6. */
  badFamily: 8,
  /** Longer than the receiver wants packets to be. */
  tooLong: 9,
} as const;
export type HepResult = (typeof HepResult)[keyof typeof HepResult];

/** First of the results that are errors. */
export const firstHepError: HepResult = HepResult.notHep;

/** Label `reason` of `ringtap_hep_skipped_total`: the results from `notSip` on. */
export const hepSkipNames: readonly string[] = ['not_sip', 'compressed', 'segment'];

/** Label `reason` of `ringtap_hep_errors_total`: the results from `firstHepError` on. */
export const hepErrorNames: readonly string[] = [
  'not_hep',
  'bad_length',
  'bad_chunk',
  'missing_chunk',
  'bad_family',
  'too_long',
];
