// SPDX-License-Identifier: Apache-2.0
import { copyBytes } from '../decode/copy-bytes.ts';
import type { Datagram } from '../decode/datagram.ts';
import {
  ChunkType,
  chunkHeaderLength,
  Family,
  genericVendor,
  hep3HeaderLength,
  hep3Magic,
  ipv4Length,
  ipv6Length,
  maxHep3Length,
} from './hep-format.ts';
import { ProtocolType } from './hep-protocol.ts';
import { protocolOf } from './hep-transport.ts';

/** Lengths of chunks whose data are a number. */
const BYTE_CHUNK = chunkHeaderLength + 1;
const SHORT_CHUNK = chunkHeaderLength + 2;
const WORD_CHUNK = chunkHeaderLength + 4;
/** All that does not depend on the message. */
const FIXED = hep3HeaderLength + 3 * BYTE_CHUNK + 2 * SHORT_CHUNK + 3 * WORD_CHUNK + chunkHeaderLength;

/** Writes SIP messages as HEP3 packets. Allocates nothing for a message. */
export class HepEncoder {
  readonly #nodeId: number;
  readonly #key: DataView;
  readonly #keyChunk: number;

  /** `nodeId` is 0 to 2^32-1; an empty key is not sent. */
  constructor(nodeId: number, key: Uint8Array) {
    this.#nodeId = nodeId;
    this.#key = new DataView(key.buffer, key.byteOffset, key.length);
    this.#keyChunk = key.length === 0 ? 0 : chunkHeaderLength + key.length;
  }

  /** Bytes of the packet for the payload of a datagram; 0 when it would be longer than a HEP3 packet can be. */
  lengthFor(datagram: Datagram): number {
    const addressLength = datagram.ipVersion === 4 ? ipv4Length : ipv6Length;
    const addresses = 2 * (chunkHeaderLength + addressLength);
    const length = FIXED + addresses + this.#keyChunk + datagram.payloadLength;
    return length <= maxHep3Length ? length : 0;
  }

  /**
   * Writes the packet for the payload of a datagram that was seen at `arrivalMicros[index]`, microseconds since the
   * epoch. There must be `lengthFor` bytes at `offset`.
   */
  write(
    view: DataView,
    offset: number,
    datagram: Datagram,
    arrivalMicros: Float64Array,
    index: number,
  ): void {
    const isIpv4 = datagram.ipVersion === 4;
    const micros = Math.floor(arrivalMicros[index]!);
    const seconds = Math.floor(micros / 1e6);
    view.setUint32(offset, hep3Magic);
    view.setUint16(offset + 4, this.lengthFor(datagram));
    let end = offset + hep3HeaderLength;
    end = byteChunk(view, end, ChunkType.family, isIpv4 ? Family.ipv4 : Family.ipv6);
    end = byteChunk(view, end, ChunkType.protocol, protocolOf(datagram.transport));
    if (isIpv4) {
      end = wordChunk(view, end, ChunkType.ipv4Source, datagram.sourceAddress[3]!);
      end = wordChunk(view, end, ChunkType.ipv4Destination, datagram.destinationAddress[3]!);
    } else {
      end = addressChunk(view, end, ChunkType.ipv6Source, datagram.sourceAddress);
      end = addressChunk(view, end, ChunkType.ipv6Destination, datagram.destinationAddress);
    }
    end = shortChunk(view, end, ChunkType.sourcePort, datagram.sourcePort);
    end = shortChunk(view, end, ChunkType.destinationPort, datagram.destinationPort);
    end = wordChunk(view, end, ChunkType.seconds, seconds);
    end = wordChunk(view, end, ChunkType.micros, micros - seconds * 1e6);
    end = byteChunk(view, end, ChunkType.protocolType, ProtocolType.sip);
    end = wordChunk(view, end, ChunkType.nodeId, this.#nodeId);
    if (this.#keyChunk > 0) end = dataChunk(view, end, ChunkType.authKey, this.#key, 0, this.#key.byteLength);
    const { payloadOffset, payloadLength } = datagram;
    dataChunk(view, end, ChunkType.payload, datagram.view, payloadOffset, payloadLength);
  }
}

// Each writes a chunk at `at` and returns where the next one begins.

function chunkHeader(view: DataView, at: number, type: ChunkType, dataLength: number): number {
  // Vendor and type together.
  view.setUint32(at, (genericVendor << 16) | type);
  view.setUint16(at + 4, chunkHeaderLength + dataLength);
  return at + chunkHeaderLength;
}

function byteChunk(view: DataView, at: number, type: ChunkType, value: number): number {
  const data = chunkHeader(view, at, type, 1);
  view.setUint8(data, value);
  return data + 1;
}

function shortChunk(view: DataView, at: number, type: ChunkType, value: number): number {
  const data = chunkHeader(view, at, type, 2);
  view.setUint16(data, value);
  return data + 2;
}

function wordChunk(view: DataView, at: number, type: ChunkType, value: number): number {
  const data = chunkHeader(view, at, type, 4);
  view.setUint32(data, value);
  return data + 4;
}

function addressChunk(view: DataView, at: number, type: ChunkType, words: Int32Array): number {
  const data = chunkHeader(view, at, type, ipv6Length);
  for (let i = 0; i < 4; i++) view.setInt32(data + 4 * i, words[i]!);
  return data + ipv6Length;
}

function dataChunk(
  view: DataView,
  at: number,
  type: ChunkType,
  source: DataView,
  offset: number,
  length: number,
): number {
  const data = chunkHeader(view, at, type, length);
  copyBytes(source, offset, view, data, length);
  return data + length;
}
