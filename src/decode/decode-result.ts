// SPDX-License-Identifier: Apache-2.0

/**
 * What became of one frame. `datagram`, `segment`, `sctpPacket` and `datagramHead` say what the `Datagram` holds, `tunnel` stays inside the decoder, a
 * `fragment` may be part of a datagram; every other code is the one reason why there is none.
 *
 * Codes from `unsupportedEthertype` on say that ringtap does not read this frame (nothing is wrong with it); from
 * `truncatedBySensor` on, the frame is cut or contradicts itself (`isDecodeError`). Where more than one
 * reason holds, the outermost header decides.
 */
export const DecodeResult = {
  /** The `Datagram` is filled. */
  datagram: 0,
  /** The `Datagram` is filled with a TCP segment, empty ones included. */
  segment: 1,
  /** The `Datagram` is filled with an SCTP packet; its payload are the chunks. */
  sctpPacket: 2,
  /** The `Datagram` is filled with the beginning of a UDP datagram, whose rest the sensor cut off. */
  datagramHead: 3,
  /** A layer found a packet in its packet and told the `Datagram` where; `decodeFrame` goes on from there. */
  tunnel: 4,
  /** A fragment of a packet of any protocol, the first one included: `FragmentTable` makes the packet whole. */
  fragment: 5,

  /** Neither IPv4 nor IPv6 behind the link header: ARP, LLDP, an 802.3 length, a tunnel that is not to be opened. */
  unsupportedEthertype: 6,
  /** More VLAN tags in the data than `maxVlanTags`. */
  tooManyVlanTags: 7,
  /** A fragment in a packet that came in fragments, and so on, more than `maxFragmentLevels` deep. */
  nestedFragment: 8,
  /** A whole IP packet that carries nothing that is read: ICMP, ESP, no next header, a tunnel that is not to be opened. */
  unsupportedProtocol: 9,
  /** More tunnels in one another than `TunnelOptions.maxDepth`. */
  tooManyTunnels: 10,
  /**
   * A tunnel's packet without one of a user in it (PPP negotiation, GTP-U signalling), or one of which the inside is not
   * read (PPTP, GRE with source routes).
   */
  unsupportedTunnel: 11,
  /**
   * A datagram with no port of `--sip.ports` that does not begin like SIP: the filter before the decoder could not
   * see that. `PacketPipeline` says so, never `decodeFrame`.
   */
  otherPort: 12,

  /** Bytes that were on the wire are missing because the capture cut the frame (snap length). */
  truncatedBySensor: 13,
  /** A frame ended on the wire inside its Ethernet, VLAN or cooked header, or was empty. */
  truncatedLink: 14,
  /** What holds it ended on the wire before an IPv4 header or total length did. */
  truncatedIpv4: 15,
  /** What holds it ended on the wire before an IPv6 header or payload length did. */
  truncatedIpv6: 16,
  /** The IP payload is shorter than a UDP header. */
  truncatedUdp: 17,
  /** What holds it ended on the wire inside the header of a tunnel, or before the length it tells. */
  truncatedTunnel: 18,
  /** The version field is not the one the link header announced, or neither 4 nor 6. */
  badIpVersion: 19,
  /** IHL below 5, or total length below the header length. */
  badIpv4Header: 20,
  /** An extension header reaches beyond the packet, or there are more than `maxExtensionHeaders`. */
  badIpv6Extension: 21,
  /** The UDP length field is below 8 or beyond the IP payload. */
  badUdpLength: 22,
  /** The header of a tunnel contradicts itself or has a version that is not known. */
  badTunnelHeader: 23,
  /** The IP payload is shorter than the TCP header. */
  truncatedTcp: 24,
  /** The data offset is below 5. */
  badTcpHeader: 25,
  /** The IP payload is shorter than an SCTP common header. */
  truncatedSctp: 26,
} as const;
export type DecodeResult = (typeof DecodeResult)[keyof typeof DecodeResult];

/** Packets made of fragments that are looked into for one frame: one in the other, as a tunnel may have them. */
export const maxFragmentLevels = 4;

/**
 * Text of each `DecodeResult`, indexed by its code: the label `reason` of `ringtap_decode_skipped_total` and
 * `ringtap_decode_errors_total`.
 */
export const decodeReasonNames: readonly string[] = [
  'datagram',
  'segment',
  'sctp_packet',
  'datagram_head',
  'tunnel',
  'fragment',
  'unsupported_ethertype',
  'too_many_vlan_tags',
  'nested_fragment',
  'unsupported_protocol',
  'too_many_tunnels',
  'unsupported_tunnel',
  'other_port',
  'truncated_by_sensor',
  'truncated_link',
  'truncated_ipv4',
  'truncated_ipv6',
  'truncated_udp',
  'truncated_tunnel',
  'bad_ip_version',
  'bad_ipv4_header',
  'bad_ipv6_extension',
  'bad_udp_length',
  'bad_tunnel_header',
  'truncated_tcp',
  'bad_tcp_header',
  'truncated_sctp',
];

/** Whether the frame was cut or malformed, rather than read or merely not for us. */
export function isDecodeError(result: DecodeResult): boolean {
  return result >= DecodeResult.truncatedBySensor;
}
