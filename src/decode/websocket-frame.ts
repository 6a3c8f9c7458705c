// SPDX-License-Identifier: Apache-2.0
import { readInt32, readUint16 } from './big-endian.ts';

/** What a frame is (RFC 6455 §5.2); 3 to 7 and 11 to 15 are reserved. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Opcodes from here on are control frames. */
const firstControl = 8;
const maxControlLength = 125;
const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_AND_3 = 0x30;
const MASK = 0x80;
const WITH_16_BITS = 126;
const WITH_64_BITS = 127;
const maskingKeyLength = 4;

/** Why `parseFrameHeader` gives no length of a header. */
export const FrameHeader = {
  /** The header does not end before the bytes do. */
  incomplete: 0,
  /** It contradicts RFC 6455 §5.2 or §5.5, or announces 2 GiB and more. */
  malformed: -1,
} as const;

/** The header of one WebSocket frame; a single object is reused. */
export class WebSocketFrame {
  /** FIN: the last frame of its message. */
  isFinal = false;
  /** RSV1: the message that begins here is compressed (RFC 7692 §6). */
  isCompressed = false;
  /** One of `Opcode`. */
  opcode = 0;
  /** Close, ping or pong: never fragmented, at most 125 bytes, may stand between the fragments of a message. */
  isControl = false;
  /** The masking key as a big-endian word; 0, which changes nothing, without one. */
  maskingKey = 0;
  /** 0 to 2^31-1. */
  payloadLength = 0;
}

/**
 * Reads the header of a frame at index `p` (RFC 6455 §5.2); nothing is read from `end` on.
 *
 *     0                1                2                 2, 4 or 10           +4
 *     +-+---+----------+-+--------------+-----------------+--------------------+---------
 *     |F|RSV|  opcode  |M| length; 126: | none, 16 or 64  | masking key, where | payload
 *     |I|123| (4 bits) |A| 16 bits more,| bits of length  | MASK is set        |
 *     |N|   |          |S| 127: 64 more |                 |                    |
 *     +-+---+----------+-+--------------+-----------------+--------------------+---------
 *
 * Returns the length of the header, 2 to 14, or one of `FrameHeader`. A length in more bytes than it needs is read.
 */
export function parseFrameHeader(bytes: Uint8Array, p: number, end: number, frame: WebSocketFrame): number {
  if (p + 2 > end) return FrameHeader.incomplete;
  const first = bytes[p]!;
  const second = bytes[p + 1]!;
  const opcode = first & 0x0f;
  const isControl = opcode >= firstControl;
  if (opcode > (isControl ? Opcode.pong : Opcode.binary)) return FrameHeader.malformed;
  if ((first & RSV2_AND_3) !== 0) return FrameHeader.malformed;
  const isFinal = (first & FIN) !== 0;
  const isCompressed = (first & RSV1) !== 0;
  // RSV1 stands in the first frame of a compressed message only.
  if (isCompressed && (isControl || opcode === Opcode.continuation)) return FrameHeader.malformed;
  let length = second & 0x7f;
  if (isControl && (!isFinal || length > maxControlLength)) return FrameHeader.malformed;
  let next = p + 2;
  if (length === WITH_16_BITS) {
    if (next + 2 > end) return FrameHeader.incomplete;
    length = readUint16(bytes, next);
    next += 2;
  } else if (length === WITH_64_BITS) {
    if (next + 8 > end) return FrameHeader.incomplete;
    length = readInt32(bytes, next + 4);
    if (readInt32(bytes, next) !== 0 || length < 0) return FrameHeader.malformed;
    next += 8;
  }
  frame.maskingKey = 0;
  if ((second & MASK) !== 0) {
    if (next + maskingKeyLength > end) return FrameHeader.incomplete;
    frame.maskingKey = readInt32(bytes, next);
    next += maskingKeyLength;
  }
  frame.isFinal = isFinal;
  frame.isCompressed = isCompressed;
  frame.opcode = opcode;
  frame.isControl = isControl;
  frame.payloadLength = length;
  return next - p;
}

/**
 * Copies `length` bytes of payload from index `from` of `source` to index `to` of `target`, unmasked (RFC 6455 §5.3).
 * The two are different memory: what was captured is not ours to change.
 */
export function unmask(
  source: DataView,
  from: number,
  length: number,
  maskingKey: number,
  target: DataView,
  to: number,
): void {
  const whole = from + (length & ~3);
  let p = from;
  let at = to;
  for (; p < whole; p += 4, at += 4) target.setInt32(at, source.getInt32(p) ^ maskingKey);
  for (let shift = 24; p < from + length; p++, at++, shift -= 8) {
    target.setUint8(at, source.getUint8(p) ^ ((maskingKey >> shift) & 0xff));
  }
}
