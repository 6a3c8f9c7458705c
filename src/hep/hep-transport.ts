// SPDX-License-Identifier: Apache-2.0
import { SipTransport } from '../decode/sip-transport.ts';
import { protocolSctp, protocolTcp, protocolUdp } from '../decode/transport.ts';

/** XNS-IDP, by which Kamailio says TLS, WS or WSS (src/modules/siptrace/siptrace_hep.c, pipport2su). */
const protocolIdp = 22;

/** What carried a message, by the protocol number its agent gives. */
export function transportOf(protocol: number): SipTransport {
  switch (protocol) {
    case protocolTcp:
      return SipTransport.tcp;
    case protocolIdp:
      return SipTransport.tls;
    case protocolSctp:
      return SipTransport.sctp;
    default:
      return SipTransport.udp;
  }
}

/** The protocol number to be sent for what carried a message: of TLS and WebSocket that of TCP, which carries them. */
export function protocolOf(transport: SipTransport): number {
  switch (transport) {
    case SipTransport.udp:
      return protocolUdp;
    case SipTransport.sctp:
      return protocolSctp;
    default:
      return protocolTcp;
  }
}
