// SPDX-License-Identifier: Apache-2.0

/**
 * What became of one frame. `datagram` is 0; every other code is the one reason why there is no datagram.
 *
 * Codes before `truncatedBySensor` say that ringtap does not read this frame (nothing is wrong with it); from
 * `truncatedBySensor` on, the frame is cut or contradicts itself (`isDecodeError`). Where more than one
 * reason holds, the outermost header decides.
 */
export const DecodeResult = {
  /** The `Datagram` is filled. */
  datagram: 0,

  /** Neither IPv4 nor IPv6 behind the link header: ARP, LLDP, MPLS, PPPoE, an 802.3 length. */
  unsupportedEthertype: 1,
  /** More VLAN tags in the data than `maxVlanTags`. */
  tooManyVlanTags: 2,
  /** A fragment of a packet of any protocol, the first one included: fragments are not reassembled yet. */
  fragment: 3,
  /** A TCP segment: streams are not read yet. */
  tcp: 4,
  /** A whole IP packet that carries neither UDP nor TCP: ICMP, GRE, ESP, no next header. */
  unsupportedProtocol: 5,
  /**
   * A datagram with no port of `--sip.ports` that does not begin like SIP: the filter before the decoder could not
   * see that. `PacketPipeline` says so, never `decodeFrame`.
   */
  otherPort: 6,

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
} as const;
export type DecodeResult = (typeof DecodeResult)[keyof typeof DecodeResult];

/**
 * Text of each `DecodeResult`, indexed by its code: the label `reason` of `ringtap_decode_skipped_total` and
 * `ringtap_decode_errors_total`.
 */
export const decodeReasonNames: readonly string[] = [
  'datagram',
  'unsupported_ethertype',
  'too_many_vlan_tags',
  'fragment',
  'tcp',
  'unsupported_protocol',
  'other_port',
  'truncated_by_sensor',
  'truncated_link',
  'truncated_ipv4',
  'truncated_ipv6',
  'truncated_udp',
  'bad_ip_version',
  'bad_ipv4_header',
  'bad_ipv6_extension',
  'bad_udp_length',
];

/** Whether the frame was cut or malformed, rather than read or merely not for us. */
export function isDecodeError(result: DecodeResult): boolean {
  return result >= DecodeResult.truncatedBySensor;
}
