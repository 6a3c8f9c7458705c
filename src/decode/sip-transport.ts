// SPDX-License-Identifier: Apache-2.0

/** What carries a SIP message (RFC 3261 §18, RFC 4168, RFC 7118). */
export const SipTransport = { udp: 0, tcp: 1, tls: 2, ws: 3, wss: 4, sctp: 5 } as const;
export type SipTransport = (typeof SipTransport)[keyof typeof SipTransport];

/** `transport` label values, by `SipTransport`. */
export const sipTransportNames: readonly string[] = Object.keys(SipTransport);
