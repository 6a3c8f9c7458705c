// SPDX-License-Identifier: Apache-2.0
import { readUint16 } from '../decode/big-endian.ts';

/** What a record carries (RFC 8446 §5.1, RFC 6520 §3). */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const;
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/**
 * Every record begins with this header; its version is no more than a hint (RFC 8446 §5.1, RFC 5246 §6.2.1):
 *
 *     0      1         3        5
 *     +------+---------+--------+----------
 *     | type | version | length | fragment
 *     +------+---------+--------+----------
 */
export const recordHeaderLength = 5;

/** Most bytes behind a record's header: TLS 1.2 allows 2048 beyond the plaintext's 2^14, TLS 1.3 256 (RFC 5246 §6.2.3). */
export const maxFragmentLength: number = 2 ** 14 + 2048;

/** Bytes behind the record header at `offset`, or -1 where no record can begin so. */
export function fragmentLength(bytes: Uint8Array, offset: number): number {
  const type = bytes[offset]!;
  if (type < ContentType.changeCipherSpec || type > ContentType.heartbeat) return -1;
  if (bytes[offset + 1] !== 3 || bytes[offset + 2]! > 4) return -1;
  const length = readUint16(bytes, offset + 3);
  return length > maxFragmentLength ? -1 : length;
}
