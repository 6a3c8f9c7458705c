// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIs } from './tunnel.ts';

const minHeaderLength = 8;

/**
 * Geneve (RFC 8926 §3.4), in a whole UDP payload from `start` to `end`; the options length counts words of four bytes:
 *
 *     0   2         8  9  10    16                      31
 *     +---+---------+--+--+-----+-----------------------+
 *     |Ver| Opt Len |O |C |Rsvd.| Protocol type         |
 *     +---+---------+--+--+-----+-----------+-----------+
 *     |  Virtual network identifier         | Reserved  |
 *     +-------------------------------------+-----------+
 *     |  Options, 0 to 252 bytes                        |
 *     +-------------------------------------------------+
 *
 * The protocol type is an EtherType, usually that of an Ethernet frame.
 */
export function decodeGeneve(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  const readable = readableEnd(frame, end);
  if (start === readable) return missingBytes(start + 1, end, DecodeResult.datagram);
  if (!isGeneve(bytes[start]!)) return DecodeResult.datagram;
  // Never shorter than the part of it that is read.
  const payload = start + geneveHeaderLength(bytes[start]!);
  if (payload > readable) return missingBytes(payload, end, DecodeResult.truncatedTunnel);
  return insideIs(datagram, payload, end, readUint16(bytes, start + 2));
}

/** Whether the first byte is that of a Geneve header: version 0. */
export function isGeneve(firstByte: number): boolean {
  return firstByte >> 6 === 0;
}

/** Bytes of a Geneve header with this first byte, options included. */
export function geneveHeaderLength(firstByte: number): number {
  return minHeaderLength + (firstByte & 0x3f) * 4;
}
