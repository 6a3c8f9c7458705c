// SPDX-License-Identifier: Apache-2.0
import { readInt32, readUint16 } from '../decode/big-endian.ts';
import type { Datagram } from '../decode/datagram.ts';
import { setMappedAddress } from '../decode/ipv4.ts';
import { setAddress } from '../decode/ipv6.ts';
import {
  ChunkType,
  chunkHeaderLength,
  Family,
  genericVendor,
  hep3HeaderLength,
  hep3Magic,
} from './hep-format.ts';
import type { HepPacket } from './hep-packet.ts';
import { ProtocolType } from './hep-protocol.ts';
import { HepResult } from './hep-result.ts';
import { transportOf } from './hep-transport.ts';
import { parseHep2 } from './hep2.ts';

/** Bytes of data in chunks that have a fixed length, by type; 0 for those of any length. */
const dataLengths: Uint8Array = new Uint8Array(32);
dataLengths[ChunkType.family] = 1;
dataLengths[ChunkType.protocol] = 1;
dataLengths[ChunkType.ipv4Source] = 4;
dataLengths[ChunkType.ipv4Destination] = 4;
dataLengths[ChunkType.ipv6Source] = 16;
dataLengths[ChunkType.ipv6Destination] = 16;
dataLengths[ChunkType.sourcePort] = 2;
dataLengths[ChunkType.destinationPort] = 2;
dataLengths[ChunkType.seconds] = 4;
dataLengths[ChunkType.micros] = 4;
dataLengths[ChunkType.protocolType] = 1;
dataLengths[ChunkType.nodeId] = 4;

/** Where the data of each chunk of the packet begins, by type, and its length; 0 where there is no such chunk. */
const dataAt: Int32Array = new Int32Array(dataLengths.length);
const lengthOf: Int32Array = new Int32Array(dataLengths.length);

/**
 * Reads a HEP packet of `length` bytes at `offset`, all of them in `bytes`; `view` is of the same memory. A SIP message or
 * RTCP in it becomes the payload of `datagram`, with the addresses and ports it had; these may be those of the frame the
 * packet came in. HEP3, all numbers most significant byte first:
 *
 *     0        4        6
 *     +--------+--------+----------------------------------- ...
 *     | "HEP3" | length | chunks
 *     +--------+--------+----------------------------------- ...
 *                        0        2        4        6
 *                        +--------+--------+--------+------- ...
 *                        | vendor |  type  | length | data
 *                        +--------+--------+--------+------- ...
 *
 * Chunks stand in any order; those of vendors, and those not known, are stepped over, and of two of a type the last
 * counts. Bytes behind the packet are ignored. Never throws or allocates, reads no byte twice but the headers.
 */
export function parseHep(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  length: number,
  packet: HepPacket,
  datagram: Datagram,
): HepResult {
  if (length < hep3HeaderLength || readInt32(bytes, offset) !== hep3Magic) {
    return parseHep2(bytes, view, offset, length, packet, datagram);
  }
  const packetLength = readUint16(bytes, offset + 4);
  if (packetLength < hep3HeaderLength || packetLength > length) return HepResult.badLength;
  if (!findChunks(bytes, offset + hep3HeaderLength, offset + packetLength)) return HepResult.badChunk;

  datagram.bytes = bytes;
  datagram.view = view;
  packet.version = 3;
  packet.nodeId = readWord(bytes, ChunkType.nodeId);
  packet.captureMicros = readWord(bytes, ChunkType.seconds) * 1e6 + readWord(bytes, ChunkType.micros);
  packet.keyOffset = dataAt[ChunkType.authKey]!;
  packet.keyLength = lengthOf[ChunkType.authKey]!;
  packet.correlationOffset = dataAt[ChunkType.correlationId]!;
  packet.correlationLength = lengthOf[ChunkType.correlationId]!;
  return readPayload(bytes, packet, datagram);
}

/** Notes where the chunks are. Returns whether they fill the bytes from `start` to `end` as they should. */
function findChunks(bytes: Uint8Array, start: number, end: number): boolean {
  dataAt.fill(0);
  lengthOf.fill(0);
  for (let position = start; position < end; ) {
    const data = position + chunkHeaderLength;
    if (data > end) return false;
    const type = readUint16(bytes, position + 2);
    const dataLength = readUint16(bytes, position + 4) - chunkHeaderLength;
    if (dataLength < 0 || data + dataLength > end) return false;
    if (readUint16(bytes, position) === genericVendor && type < dataLengths.length) {
      const expectedLength = dataLengths[type]!;
      if (expectedLength !== 0 && dataLength !== expectedLength) return false;
      dataAt[type] = data;
      lengthOf[type] = dataLength;
    }
    position = data + dataLength;
  }
  return true;
}

function readPayload(bytes: Uint8Array, packet: HepPacket, datagram: Datagram): HepResult {
  const protocolTypeAt = dataAt[ChunkType.protocolType]!;
  if (protocolTypeAt === 0) return HepResult.missingChunk;
  const protocolType = bytes[protocolTypeAt]!;
  packet.protocolType = protocolType;
  const isRtcp = protocolType === ProtocolType.rtcp;
  if (protocolType !== ProtocolType.sip && !isRtcp) return HepResult.otherProtocol;
  const payload = dataAt[ChunkType.payload]!;
  if (payload === 0) {
    return dataAt[ChunkType.compressedPayload] === 0 ? HepResult.missingChunk : HepResult.compressed;
  }
  const sourcePort = dataAt[ChunkType.sourcePort]!;
  const destinationPort = dataAt[ChunkType.destinationPort]!;
  if (sourcePort === 0 || destinationPort === 0) return HepResult.missingChunk;
  datagram.sourcePort = readUint16(bytes, sourcePort);
  datagram.destinationPort = readUint16(bytes, destinationPort);
  const protocol = dataAt[ChunkType.protocol]!;
  datagram.transport = transportOf(protocol === 0 ? 0 : bytes[protocol]!);
  datagram.ipIdentification = 0;
  datagram.udpChecksum = 0;
  datagram.payloadOffset = payload;
  datagram.payloadLength = lengthOf[ChunkType.payload]!;
  datagram.wirePayloadLength = datagram.payloadLength;
  const result = readAddresses(bytes, datagram);
  return isRtcp && result === HepResult.message ? HepResult.rtcp : result;
}

/** By the family where it is told, else by the addresses there are. */
function readAddresses(bytes: Uint8Array, datagram: Datagram): HepResult {
  const familyAt = dataAt[ChunkType.family]!;
  const told = familyAt === 0 ? 0 : bytes[familyAt]!;
  const family = told !== 0 ? told : dataAt[ChunkType.ipv6Source] === 0 ? Family.ipv4 : Family.ipv6;
  if (family !== Family.ipv4 && family !== Family.ipv6) return HepResult.badFamily;
  const isIpv4 = family === Family.ipv4;
  const source = dataAt[isIpv4 ? ChunkType.ipv4Source : ChunkType.ipv6Source]!;
  const destination = dataAt[isIpv4 ? ChunkType.ipv4Destination : ChunkType.ipv6Destination]!;
  if (source === 0 || destination === 0) return HepResult.missingChunk;
  if (isIpv4) {
    setMappedAddress(datagram.sourceAddress, bytes, source);
    setMappedAddress(datagram.destinationAddress, bytes, destination);
  } else {
    setAddress(datagram.sourceAddress, bytes, source);
    setAddress(datagram.destinationAddress, bytes, destination);
  }
  datagram.ipVersion = isIpv4 ? 4 : 6;
  return HepResult.message;
}

/** The four bytes of a chunk, 0 to 2^32-1; 0 without it. */
function readWord(bytes: Uint8Array, type: ChunkType): number {
  const data = dataAt[type]!;
  return data === 0 ? 0 : readInt32(bytes, data) >>> 0;
}
