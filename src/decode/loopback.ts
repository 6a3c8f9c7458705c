// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { readInt32 } from './big-endian.ts';
import type { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { missingBytes, readableEnd } from './frame-bounds.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';

const headerLength = 4;

/** Address families of the systems that write this header, and what they announce. */
export const LoopbackFamily = { other: 0, ipv4: 4, ipv6: 6 } as const;
export type LoopbackFamily = (typeof LoopbackFamily)[keyof typeof LoopbackFamily];

/**
 * BSD loopback (tcpdump.org, LINKTYPE_NULL and LINKTYPE_LOOP):
 *
 *     0                4
 *     +----------------+---------
 *     | address family | payload
 *     +----------------+---------
 */
export function decodeLoopback(frame: Frame, datagram: Datagram, end: number): DecodeResult {
  const payload = frame.offset + headerLength;
  if (payload > readableEnd(frame, end)) return missingBytes(payload, end, DecodeResult.truncatedLink);
  const family = loopbackFamily(frame.bytes, frame.offset);
  if (family === LoopbackFamily.ipv4) return decodeIpv4(frame, datagram, payload, end);
  if (family === LoopbackFamily.ipv6) return decodeIpv6(frame, datagram, payload, end);
  return DecodeResult.unsupportedEthertype;
}

/**
 * The family at `index`; four bytes must be there. LOOP is big-endian, NULL has the byte order of the host that
 * captured; families are below 256, so their bytes tell. AF_INET is 2 everywhere, AF_INET6 is 24 (NetBSD, OpenBSD),
 * 28 (FreeBSD), 30 (macOS), 10 (Linux) or 23 (Windows).
 */
export function loopbackFamily(bytes: Uint8Array, index: number): LoopbackFamily {
  const value = readInt32(bytes, index);
  const family = (value & 0x00ff_ffff) === 0 ? value >>> 24 : value;
  switch (family) {
    case 2:
      return LoopbackFamily.ipv4;
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return LoopbackFamily.ipv6;
  }
  return LoopbackFamily.other;
}
