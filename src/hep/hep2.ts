// SPDX-License-Identifier: Apache-2.0
import { readUint16 } from '../decode/big-endian.ts';
import type { Datagram } from '../decode/datagram.ts';
import { setMappedAddress } from '../decode/ipv4.ts';
import { setAddress } from '../decode/ipv6.ts';
import { Family, ipv4Length, ipv6Length } from './hep-format.ts';
import type { HepPacket } from './hep-packet.ts';
import { ProtocolType } from './hep-protocol.ts';
import { HepResult } from './hep-result.ts';
import { transportOf } from './hep-transport.ts';

const fixedLength = 8;
/** Seconds, microseconds, node, and two bytes of padding. */
const timeLength = 12;

/**
 * HEP1 and HEP2, which carry SIP only. The header length counts what stands before the time, which HEP2 alone has:
 *
 *     0         1         2        3          4             6                  8
 *     +---------+---------+--------+----------+-------------+------------------+
 *     | version | length  | family | protocol | source port | destination port |
 *     +---------+---------+--------+----------+-------------+------------------+
 *     | source address, destination address: 4 or 16 bytes each                |
 *     +-------------------+-------------------+-------------+------------------+
 *     | seconds           | microseconds      | node        | padding          |
 *     +-------------------+-------------------+-------------+------------------+
 *
 * Ports stand as on the wire; the numbers of the last line stand least significant byte first, as agents on x86 and
 * ARM write them (Kamailio, src/modules/siptrace/siptrace_hep.c, trace_send_hep2_duplicate).
 */
export function parseHep2(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  length: number,
  packet: HepPacket,
  datagram: Datagram,
): HepResult {
  const version = length === 0 ? 0 : bytes[offset]!;
  if (version !== 1 && version !== 2) return HepResult.notHep;
  if (length < fixedLength) return HepResult.badLength;
  const family = bytes[offset + 2]!;
  if (family !== Family.ipv4 && family !== Family.ipv6) return HepResult.badFamily;
  const isIpv4 = family === Family.ipv4;
  const addressLength = isIpv4 ? ipv4Length : ipv6Length;
  const headerLength = fixedLength + 2 * addressLength;
  const payload = headerLength + (version === 2 ? timeLength : 0);
  if (bytes[offset + 1] !== headerLength || payload > length) return HepResult.badLength;

  const source = offset + fixedLength;
  const setWords = isIpv4 ? setMappedAddress : setAddress;
  setWords(datagram.sourceAddress, bytes, source);
  setWords(datagram.destinationAddress, bytes, source + addressLength);
  datagram.ipVersion = isIpv4 ? 4 : 6;
  datagram.bytes = bytes;
  datagram.view = view;
  datagram.sourcePort = readUint16(bytes, offset + 4);
  datagram.destinationPort = readUint16(bytes, offset + 6);
  datagram.transport = transportOf(bytes[offset + 3]!);
  datagram.ipIdentification = 0;
  datagram.udpChecksum = 0;
  datagram.payloadOffset = offset + payload;
  datagram.payloadLength = length - payload;
  datagram.wirePayloadLength = datagram.payloadLength;

  const time = offset + headerLength;
  packet.version = version;
  packet.protocolType = ProtocolType.sip;
  packet.captureMicros =
    version === 1 ? 0 : view.getUint32(time, true) * 1e6 + view.getUint32(time + 4, true);
  packet.nodeId = version === 1 ? 0 : view.getUint16(time + 8, true);
  packet.keyLength = 0;
  packet.correlationLength = 0;
  return HepResult.message;
}
