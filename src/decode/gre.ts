// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readUint16 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeErspan } from './erspan.ts';
import { etherTypeErspan, etherTypeErspan3 } from './ether-type-numbers.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { insideIs, opens } from './tunnel.ts';
import { TunnelKind } from './tunnel-kind.ts';

const minHeaderLength = 4;
const checksumPresent = 0x8000;
const routingPresent = 0x4000;
const keyPresent = 0x2000;
/** Set where the header has a sequence number; only ERSPAN's types II and III always have one. */
const sequencePresent = 0x1000;
const versionMask = 0x0007;

/**
 * GRE (RFC 2784 §2, RFC 2890 §2); checksum, key and sequence number are there where C, K and S say so:
 *
 *     0   1   2   3   4           13      16                       31
 *     +---+---+---+---+-----------+-------+------------------------+
 *     | C | R | K | S | Reserved0 |Version| Protocol type          |
 *     +---+---+---+---+-----------+-------+------------------------+
 *     | Checksum                          | Reserved1              |
 *     +-----------------------------------+------------------------+
 *     | Key                                                        |
 *     +------------------------------------------------------------+
 *     | Sequence number                                            |
 *     +------------------------------------------------------------+
 *
 * The protocol type is an EtherType. Version 1 (PPTP, RFC 2637) and source routes (R, RFC 1701) are not read.
 */
export function decodeGre(frame: Frame, datagram: Datagram, start: number, end: number): DecodeResult {
  const bytes = frame.bytes;
  const minHeaderEnd = start + minHeaderLength;
  if (minHeaderEnd > readableEnd(frame, end)) {
    return missingBytes(minHeaderEnd, end, DecodeResult.truncatedTunnel);
  }
  const flags = readUint16(bytes, start);
  if (!isGreRead(flags)) return DecodeResult.unsupportedTunnel;
  const payload = start + greHeaderLength(flags);
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedTunnel);

  const type = readUint16(bytes, start + 2);
  if (type === etherTypeErspan || type === etherTypeErspan3) {
    if (!opens(datagram, TunnelKind.erspan)) return DecodeResult.unsupportedTunnel;
    return decodeErspan(frame, datagram, payload, end, type, hasGreSequence(flags));
  }
  return opens(datagram, TunnelKind.gre)
    ? insideIs(datagram, payload, end, type)
    : DecodeResult.unsupportedTunnel;
}

/** Whether the first two bytes of a GRE header announce one that is read. */
export function isGreRead(flags: number): boolean {
  return (flags & (versionMask | routingPresent)) === 0;
}

/** Bytes of a GRE header with these first two bytes. */
export function greHeaderLength(flags: number): number {
  return (
    minHeaderLength +
    ((flags & checksumPresent) === 0 ? 0 : 4) +
    ((flags & keyPresent) === 0 ? 0 : 4) +
    ((flags & sequencePresent) === 0 ? 0 : 4)
  );
}

/** Whether a GRE header with these first two bytes has a sequence number. */
export function hasGreSequence(flags: number): boolean {
  return (flags & sequencePresent) !== 0;
}
