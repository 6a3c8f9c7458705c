// SPDX-License-Identifier: Apache-2.0
import { bytesOf, uint16 } from './udp-frame.ts';
import { uint32 } from './websocket.ts';

/** Fields of the common header (RFC 9260 §3.1). */
export interface SctpFields {
  sourcePort?: number;
  destinationPort?: number;
  verificationTag?: number;
}

/** An SCTP packet with these chunks; the checksum is 0. */
export function sctp(fields: SctpFields, ...chunks: Uint8Array[]): Uint8Array {
  const { sourcePort = 5060, destinationPort = 5060, verificationTag = 0x1234abcd } = fields;
  return bytesOf(uint16(sourcePort), uint16(destinationPort), uint32(verificationTag), uint32(0), ...chunks);
}

/** Any chunk (RFC 9260 §3.2), filled up to a multiple of four bytes; `length` overrides the right one. */
export function sctpChunk(
  type: number,
  flags: number,
  value: Uint8Array,
  length: number = 4 + value.length,
): Uint8Array {
  return bytesOf(type, flags, uint16(length), value, new Uint8Array(-value.length & 3));
}

/** Flags of chunks with user data. */
const END = 1;
const BEGINNING = 2;
const UNORDERED = 4;

/** What of a message is in a chunk; all of it if not given. */
export type Piece = 'whole' | 'first' | 'middle' | 'last';
const flagsOf: Readonly<Record<Piece, number>> = {
  whole: BEGINNING | END,
  first: BEGINNING,
  middle: 0,
  last: END,
};

/** Fields of DATA (RFC 9260 §3.3.1) and I-DATA (RFC 8260 §2.1). */
export interface DataFields {
  tsn: number;
  piece?: Piece;
  isUnordered?: boolean;
  stream?: number;
  /** DATA: the stream sequence number. I-DATA: the message identifier. */
  message?: number;
  /** I-DATA, of a piece that is not the first: its number. */
  pieceNumber?: number;
}

/** A DATA chunk; the payload protocol identifier is 0, as RFC 4168 leaves it. */
export function dataChunk(fields: DataFields, userData: Uint8Array): Uint8Array {
  const { tsn, piece = 'whole', isUnordered = false, stream = 0, message = 0 } = fields;
  const header = bytesOf(uint32(tsn), uint16(stream), uint16(message), uint32(0));
  return sctpChunk(0, flagsOf[piece] | (isUnordered ? UNORDERED : 0), bytesOf(header, userData));
}

/** An I-DATA chunk. */
export function iDataChunk(fields: DataFields, userData: Uint8Array): Uint8Array {
  const { tsn, piece = 'whole', isUnordered = false, stream = 0, message = 0, pieceNumber = 0 } = fields;
  const header = bytesOf(uint32(tsn), uint16(stream), uint16(0), uint32(message), uint32(pieceNumber));
  return sctpChunk(64, flagsOf[piece] | (isUnordered ? UNORDERED : 0), bytesOf(header, userData));
}

/** A SACK, as it shares packets with data. */
export function sackChunk(tsn: number): Uint8Array {
  return sctpChunk(3, 0, bytesOf(uint32(tsn), uint32(65536), uint16(0), uint16(0)));
}

/** The DATA chunks of a message in pieces of at most so many bytes, the first with this TSN. */
export function dataChunks(tsn: number, message: Uint8Array, pieceBytes: number): Uint8Array[] {
  const count = Math.ceil(message.length / pieceBytes);
  return Array.from({ length: count }, (_, i) =>
    dataChunk(
      { tsn: (tsn + i) >>> 0, piece: pieceAt(i, count) },
      message.subarray(i * pieceBytes, (i + 1) * pieceBytes),
    ),
  );
}

/** What the piece with a number, from 0 on, is of so many. */
export function pieceAt(number: number, count: number): Piece {
  if (count === 1) return 'whole';
  if (number === 0) return 'first';
  return number === count - 1 ? 'last' : 'middle';
}
