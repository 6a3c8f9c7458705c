// SPDX-License-Identifier: Apache-2.0

const MAPPED_PREFIX = 0xffff;

/**
 * Whether the address in four words from `offset`, as in `Datagram`, is one that hosts behind NAT have: 10/8, 172.16/12,
 * 192.168/16 (RFC 1918), 100.64/10 (RFC 6598), 169.254/16 (RFC 3927), fc00::/7 (RFC 4193), fe80::/10 (RFC 4291 §2.5.6).
 */
export function isPrivateAddress(words: Int32Array, offset: number): boolean {
  const first = words[offset]!;
  if (first !== 0 || words[offset + 1] !== 0 || words[offset + 2] !== MAPPED_PREFIX) {
    return first >>> 25 === 0xfc >> 1 || first >>> 22 === 0xfe80 >> 6;
  }
  const last = words[offset + 3]!;
  const isTen = last >>> 24 === 10;
  const isShared = last >>> 22 === ((100 << 8) | 64) >> 6;
  const isLinkLocal = last >>> 16 === ((169 << 8) | 254);
  return (
    isTen ||
    isShared ||
    isLinkLocal ||
    last >>> 20 === ((172 << 8) | 16) >> 4 ||
    last >>> 16 === ((192 << 8) | 168)
  );
}
