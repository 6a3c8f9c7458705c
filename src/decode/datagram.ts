// SPDX-License-Identifier: Apache-2.0
import { Fragment } from './fragment.ts';
import { SipTransport } from './sip-transport.ts';
import { allTunnels, type TunnelOptions } from './tunnel-kind.ts';

/**
 * One UDP datagram, TCP segment or SCTP packet inside a frame, the innermost one where tunnels are in one another, or one
 * message of a stream. A single object is reused for every frame: it is filled by `decodeFrame` when that returns
 * `DecodeResult.datagram`, `segment`, `sctpPacket` or `datagramHead`, lent as long as the frame is, and holds leftovers otherwise; of a
 * `DecodeResult.fragment` it has what IP says, and `fragment`.
 */
export class Datagram {
  /** The bytes of the frame, not a copy. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The same memory as `bytes`, from the same first byte. */
  view: DataView = new DataView(this.bytes.buffer);
  /** What carries the payload; `tcp` of a segment. */
  transport: SipTransport = SipTransport.udp;
  /** Where the payload begins in `bytes`. */
  payloadOffset = 0;
  /** Bytes of payload, 0 for an empty datagram or segment. All of them are in `bytes`. */
  payloadLength = 0;
  /** Of a UDP datagram: bytes of payload on the wire; with `DecodeResult.datagramHead` more than `payloadLength`. */
  wirePayloadLength = 0;

  /** 4 or 6. */
  ipVersion: 4 | 6 = 4;
  /**
   * Source address as four big-endian words, each a signed 32-bit integer. IPv4 stands in the mapped form
   * `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), so that the four words alone tell any two addresses apart and one
   * hash, table or prefix tree serves both versions.
   */
  readonly sourceAddress: Int32Array = new Int32Array(4);
  /** Destination address, in the same form. */
  readonly destinationAddress: Int32Array = new Int32Array(4);
  /** 0 to 65535. */
  sourcePort = 0;
  /** 0 to 65535. */
  destinationPort = 0;

  /** IPv4 identification field, 0 to 65535; 0 for IPv6. Together with the checksum it tells copies apart. */
  ipIdentification = 0;
  /**
   * UDP checksum as it stands, never verified: with checksum offload an outgoing packet is captured before
   * the network card computes it. 0 is "none" in IPv4.
   */
  udpChecksum = 0;
  /** Tag control information of the outermost VLAN tag (PCP, DEI, VID; IEEE 802.1Q), -1 without one. */
  vlanTci = -1;
  /** Of a segment: the sequence number of its first byte, or of SYN, as int32 (RFC 9293 §3.1). */
  sequenceNumber = 0;
  /** Of a segment with ACK: the next sequence number its sender waits for, as int32. */
  acknowledgmentNumber = 0;
  /** Of a segment: `TcpFlag` bits. */
  tcpFlags = 0;

  /** Of an SCTP packet: what tells the association, as int32 (RFC 9260 §3.1). */
  verificationTag = 0;

  /** Filled for `DecodeResult.fragment`. */
  readonly fragment: Fragment = new Fragment();

  /** Tunnels around the datagram, 0 to `tunnels.maxDepth`. */
  tunnelDepth = 0;
  /** What the decoder is told of tunnels. */
  readonly tunnels: TunnelOptions;
  /** With `DecodeResult.tunnel`: index of the first byte inside. */
  innerStart = 0;
  /** With `DecodeResult.tunnel`: index behind the last byte that the inside had on the wire. */
  innerEnd = 0;
  /** With `DecodeResult.tunnel`: EtherType of what is inside. */
  innerType = 0;

  constructor(tunnels: TunnelOptions = allTunnels) {
    this.tunnels = tunnels;
  }
}
