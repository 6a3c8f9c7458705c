// SPDX-License-Identifier: Apache-2.0
import { readInt32, readUint16 } from './big-endian.ts';

/** Chunk types that carry user data (RFC 9260 §3.2, RFC 8260 §2.1). */
export const ChunkType = { data: 0, iData: 64 } as const;

const END = 0x01;
const BEGINNING = 0x02;
const UNORDERED = 0x04;
const chunkHeaderLength = 4;
const dataHeaderLength = 16;
const iDataHeaderLength = 20;

/** What there is at a place in a packet where a chunk may begin. */
export const ChunkKind = {
  /** The packet is over. */
  none: 0,
  /** The rest of the packet is no chunk. */
  malformed: 1,
  /** A chunk without user data: acknowledgements, heartbeats, the beginning and the end of an association. */
  control: 2,
  /** A piece of a user message, or all of it. */
  data: 3,
} as const;
export type ChunkKind = (typeof ChunkKind)[keyof typeof ChunkKind];

/** One chunk; a single object is reused. */
export class SctpChunk {
  /** Where the next chunk begins. */
  next = 0;
  /** The first piece of a user message; together with `isLast`, all of it. */
  isFirst = false;
  isLast = false;
  /** Transmission sequence number, as int32: every DATA and I-DATA chunk of a direction has the next one. */
  tsn = 0;
  /**
   * What the pieces of a message have in common, beside the association: I-DATA counts messages by stream, and pieces by
   * message. Those of DATA have consecutive TSNs instead: both are 0.
   */
  streamOfMessage = 0;
  message = 0;
  /** The number of a piece, one more than that of the piece before, as int32. */
  piece = 0;
  userDataOffset = 0;
  userDataLength = 0;
}

/**
 * Reads the chunk at index `p` of a packet that ends at `end`. Fields other than `next` are filled for data only.
 *
 *     0      1       2        4                8                             +2 +4
 *     +------+-------+--------+----------------+------------------------------------------------+-----------
 *     | type | flags | length | TSN            | DATA:   stream, sequence, payload protocol      | user data
 *     |      |  UBE  |        |                | I-DATA: stream, 0, message, protocol or piece   |
 *     +------+-------+--------+----------------+------------------------------------------------+-----------
 *
 * A chunk is followed by bytes that fill it up to a multiple of four and are not in its length; behind the last one they
 * may be missing.
 */
export function parseChunk(bytes: Uint8Array, p: number, end: number, chunk: SctpChunk): ChunkKind {
  if (p >= end) return ChunkKind.none;
  if (p + chunkHeaderLength > end) return ChunkKind.malformed;
  const type = bytes[p]!;
  const length = readUint16(bytes, p + 2);
  if (length < chunkHeaderLength || length > end - p) return ChunkKind.malformed;
  chunk.next = p + ((length + 3) & ~3);
  if (type !== ChunkType.data && type !== ChunkType.iData) return ChunkKind.control;
  const headerLength = type === ChunkType.data ? dataHeaderLength : iDataHeaderLength;
  // User data is one byte at least (RFC 9260 §3.3.1).
  if (length <= headerLength) return ChunkKind.malformed;
  const flags = bytes[p + 1]!;
  chunk.isFirst = (flags & BEGINNING) !== 0;
  chunk.isLast = (flags & END) !== 0;
  chunk.tsn = readInt32(bytes, p + 4);
  chunk.userDataOffset = p + headerLength;
  chunk.userDataLength = length - headerLength;
  if (type === ChunkType.data) {
    chunk.streamOfMessage = 0;
    chunk.message = 0;
    chunk.piece = chunk.tsn;
  } else {
    // Ordered and unordered messages of a stream are counted apart (RFC 8260 §2.1).
    chunk.streamOfMessage = (1 << 31) | ((flags & UNORDERED) << 16) | readUint16(bytes, p + 8);
    chunk.message = readInt32(bytes, p + 12);
    // The first piece has the payload protocol where others have their number, which is 0.
    chunk.piece = chunk.isFirst ? 0 : readInt32(bytes, p + 16);
  }
  return ChunkKind.data;
}
