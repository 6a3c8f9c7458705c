// SPDX-License-Identifier: Apache-2.0
import { ParseResult } from './parse-result.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Skips the line ends that may stand before a start line (RFC 3261 §7.5). */
export function skipLeadingLineEnds(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && (bytes[p] === CR || bytes[p] === LF)) p++;
  return p;
}

/**
 * Tells the keep-alive a datagram is, or `ParseResult.message` when it is none. `start` is behind its leading line
 * ends. RFC 5626 §3.5.1 and §3.5.2; zero bytes and empty datagrams are what NAT keep-alives of real peers look like.
 */
export function keepAliveKind(bytes: Uint8Array, offset: number, start: number, end: number): ParseResult {
  if (start === end) return offset === end ? ParseResult.keepAliveEmpty : ParseResult.keepAliveCrlf;
  const first = bytes[start]!;
  // Every SIP message begins with a letter or another token byte; only then is there more to look at.
  if (first >= 0x20) return ParseResult.message;
  if (isStun(bytes, offset, end)) return ParseResult.keepAliveStun;
  if (first !== 0) return ParseResult.message;
  for (let p = start; p < end; p++) if (bytes[p] !== 0) return ParseResult.message;
  return ParseResult.keepAliveNul;
}

/** Two zero bits, a header of 20 bytes and the magic cookie (RFC 8489 §5). */
function isStun(bytes: Uint8Array, p: number, end: number): boolean {
  return (
    end - p >= 20 &&
    bytes[p]! < 0x40 &&
    bytes[p + 4] === 0x21 &&
    bytes[p + 5] === 0x12 &&
    bytes[p + 6] === 0xa4 &&
    bytes[p + 7] === 0x42
  );
}
