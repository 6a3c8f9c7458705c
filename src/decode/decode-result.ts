// SPDX-License-Identifier: Apache-2.0

/**
 * What became of one frame. `datagram`, `segment` and `sctpPacket` say what the `Datagram` holds; every other code is the
 * one reason why it holds nothing.
 *
 * Codes 3 to 6 say that ringtap does not read this kind of frame (nothing is wrong with it); from
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

  /** Neither IPv4 nor IPv6 behind the link header: ARP, LLDP, MPLS, PPPoE, an 802.3 length. */
  unsupportedEthertype: 3,
  /** More VLAN tags in the data than `maxVlanTags`. */
  tooManyVlanTags: 4,
  /** A fragment of a packet of any protocol, the first one included: fragments are not reassembled yet. */
  fragment: 5,
  /** A whole IP packet that carries neither UDP, TCP nor SCTP: ICMP, GRE, ESP, no next header. */
  unsupportedProtocol: 6,

  /** Bytes that were on the wire are missing because the capture cut the frame (snap length). */
  truncatedBySensor: 7,
  /** The frame ended on the wire inside its Ethernet, VLAN or cooked header, or was empty. */
  truncatedLink: 8,
  /** The frame ended on the wire before its IPv4 header or total length did. */
  truncatedIpv4: 9,
  /** The frame ended on the wire before its IPv6 header or payload length did. */
  truncatedIpv6: 10,
  /** The IP payload is shorter than a UDP header. */
  truncatedUdp: 11,
  /** The version field is not the one the link header announced, or neither 4 nor 6. */
  badIpVersion: 12,
  /** IHL below 5, or total length below the header length. */
  badIpv4Header: 13,
  /** An extension header reaches beyond the packet, or there are more than `maxExtensionHeaders`. */
  badIpv6Extension: 14,
  /** The UDP length field is below 8 or beyond the IP payload. */
  badUdpLength: 15,
  /** The IP payload is shorter than the TCP header. */
  truncatedTcp: 16,
  /** The data offset is below 5. */
  badTcpHeader: 17,
  /** The IP payload is shorter than an SCTP common header. */
  truncatedSctp: 18,
} as const;
export type DecodeResult = (typeof DecodeResult)[keyof typeof DecodeResult];

/**
 * Text of each `DecodeResult`, indexed by its code: the label `reason` of `ringtap_decode_skipped_total` and
 * `ringtap_decode_errors_total`.
 */
export const decodeReasonNames: readonly string[] = [
  'datagram',
  'segment',
  'sctp_packet',
  'unsupported_ethertype',
  'too_many_vlan_tags',
  'fragment',
  'unsupported_protocol',
  'truncated_by_sensor',
  'truncated_link',
  'truncated_ipv4',
  'truncated_ipv6',
  'truncated_udp',
  'bad_ip_version',
  'bad_ipv4_header',
  'bad_ipv6_extension',
  'bad_udp_length',
  'truncated_tcp',
  'bad_tcp_header',
  'truncated_sctp',
];

/** Whether the frame was cut or malformed, rather than read or merely not for us. */
export function isDecodeError(result: DecodeResult): boolean {
  return result >= DecodeResult.truncatedBySensor;
}
