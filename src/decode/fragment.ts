// SPDX-License-Identifier: Apache-2.0

/** What an IP header says of a fragment; filled when `decodeFrame` returns `DecodeResult.fragment`. */
export class Fragment {
  /** What its datagram is known by, besides the addresses: 16 bits in IPv4, 32 in IPv6, as an int32. */
  identification = 0;
  /**
   * IPv4: the protocol. IPv6: the next header, which means something in the fragment at offset 0 only (RFC 8200 §4.5).
   */
  protocol = 0;
  /** Where its data belongs in the datagram, in bytes, a multiple of 8 from 0 to 65528. */
  offset = 0;
  /** Whether it is not the last one of its datagram. */
  hasMore = false;
  /** Where its data begins in `Datagram.bytes`. */
  dataOffset = 0;
  /** Bytes of data it had on the wire. */
  dataLength = 0;
  /**
   * Bytes of headers that the length field of the whole packet counts besides the data: the IPv4 header, or the IPv6
   * extension headers before the fragment header.
   */
  headerLength = 0;
  /** Whether the sensor cut it: not all of its data is there. */
  isCut = false;
}
