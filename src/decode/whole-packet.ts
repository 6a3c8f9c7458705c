// SPDX-License-Identifier: Apache-2.0
import { type Frame, LinkType } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import { protocolTcp, protocolUdp } from './transport.ts';

const ipv4HeaderLength = 20;
const ipv6HeaderLength = 40;
/** The longest packet: of IPv6, whose length does not count the header. */
const maxPacketLength = ipv6HeaderLength + 0xffff;
const timeToLive = 64;

const udpHeaderLength = 8;
const udpChecksumOffset = 6;

/**
 * The place where fragments become a packet: a plain header with what the fragments have in common and the lengths of
 * the whole, and their data behind it. IPv4 options and IPv6 extension headers before the fragment header are left out.
 */
export class WholePacket {
  readonly #packet: Frame;

  /** `packet` is the frame that holds it. */
  constructor(packet: Frame) {
    packet.bytes = new Uint8Array(maxPacketLength);
    packet.view = new DataView(packet.bytes.buffer);
    packet.linkType = LinkType.rawIp;
    this.#packet = packet;
  }

  /**
   * Writes the header of a packet with `dataLength` bytes of data, at most 65515 in IPv4, and returns where they go.
   * `frame` is where `datagram` was decoded from, a fragment; `packet` itself may be.
   */
  begin(frame: Frame, datagram: Datagram, protocol: number, dataLength: number): number {
    const packet = this.#packet;
    const { view } = packet;
    const { sourceAddress, destinationAddress } = datagram;
    const start = datagram.ipVersion === 4 ? ipv4HeaderLength : ipv6HeaderLength;
    packet.arrivalMicros = frame.arrivalMicros;
    packet.packetType = frame.packetType;
    packet.interfaceIndex = frame.interfaceIndex;
    packet.capturedLength = start + dataLength;
    packet.originalLength = start + dataLength;
    if (datagram.ipVersion === 4) {
      view.setInt32(0, 0x45000000 | (start + dataLength));
      view.setInt32(4, datagram.ipIdentification << 16);
      view.setInt32(8, (timeToLive << 24) | (protocol << 16));
      view.setInt32(12, sourceAddress[3]!);
      view.setInt32(16, destinationAddress[3]!);
    } else {
      view.setInt32(0, 0x60000000);
      view.setInt32(4, (dataLength << 16) | (protocol << 8) | timeToLive);
      for (let i = 0; i < 4; i++) {
        view.setInt32(8 + 4 * i, sourceAddress[i]!);
        view.setInt32(24 + 4 * i, destinationAddress[i]!);
      }
    }
    return start;
  }

  /**
   * Whether the checksum of a UDP datagram (RFC 768, RFC 8200 §8.1) or a TCP segment (RFC 9293 §3.1) is right; true for
   * other protocols and where there is none. Before a host fragments a packet it must have computed it, offload or not.
   */
  isChecksumRight(): boolean {
    const { view, bytes, capturedLength } = this.#packet;
    const isIpv4 = bytes[0]! >> 4 === 4;
    const start = isIpv4 ? ipv4HeaderLength : ipv6HeaderLength;
    const protocol = bytes[isIpv4 ? 9 : 6]!;
    let end = capturedLength;
    if (protocol === protocolUdp) {
      // Such lengths are for the decoder to judge.
      if (end - start < udpHeaderLength) return true;
      const length = view.getUint16(start + 4);
      if (length < udpHeaderLength || start + length > end) return true;
      if (view.getUint16(start + udpChecksumOffset) === 0) return true;
      end = start + length;
    } else if (protocol !== protocolTcp) return true;

    // The sum of 16-bit words in ones' complement is a sum modulo 65535, which 32-bit words and a double hold as well
    // (RFC 1071 §2). Pseudo header: the addresses, which end where the data begins, protocol and length.
    const addressesLength = isIpv4 ? 8 : 32;
    let sum = protocol + (end - start);
    const wordsEnd = end - ((end - start) & 3);
    for (let i = start - addressesLength; i < wordsEnd; i += 4) sum += view.getUint32(i);
    for (let i = wordsEnd; i < end; i++) sum += bytes[i]! << ((i & 1) === 0 ? 8 : 0);
    return sum % 0xffff === 0;
  }
}
