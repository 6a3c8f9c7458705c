// SPDX-License-Identifier: Apache-2.0

const DOT = 0x2e;
const COLON = 0x3a;
const NINE = 0x39;
const ZERO = 0x30;
const MAPPED_PREFIX = 0xffff;
const GROUPS = 8;
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const MAX_ADDRESS_BYTES = 45;

const groups = new Uint16Array(GROUPS);

/** Value of each hexadecimal digit, 255 for any other byte. */
const digitValues = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  digitValues[text.charCodeAt(0)] = digit;
  digitValues[text.toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Reads the address, IPv4 or IPv6 (RFC 4291 §2.2), that the bytes from `p` to `end` are, into four big-endian words from
 * `at` on, IPv4 in mapped form. Returns whether they are one; if not, the words are not touched.
 */
export function readInternetAddress(
  bytes: Uint8Array,
  p: number,
  end: number,
  words: Int32Array,
  at: number,
): boolean {
  p |= 0;
  if (end - p > MAX_ADDRESS_BYTES) return false;
  let colon = p;
  while (colon < end && bytes[colon] !== COLON) colon++;
  if (colon < end) return readIpv6(bytes, p, end, words, at);
  if (!readIpv4(bytes, p, end, 0)) return false;
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = MAPPED_PREFIX;
  words[at + 3] = (groups[0]! << 16) | groups[1]!;
  return true;
}

/** Reads `192.0.2.1` into two groups. */
function readIpv4(bytes: Uint8Array, p: number, end: number, group: number): boolean {
  let address = 0;
  for (let octets = 1; ; octets++) {
    const first = p;
    let octet = 0;
    for (; p < end && bytes[p]! >= ZERO && bytes[p]! <= NINE; p++) octet = octet * 10 + bytes[p]! - ZERO;
    if (p === first || p - first > 3 || octet > 255 || (bytes[first] === ZERO && p - first > 1)) return false;
    address = (address << 8) | octet;
    if (octets === 4) break;
    if (p >= end || bytes[p] !== DOT) return false;
    p++;
  }
  if (p !== end) return false;
  groups[group] = address >>> 16;
  groups[group + 1] = address;
  return true;
}

function readIpv6(bytes: Uint8Array, p: number, end: number, words: Int32Array, at: number): boolean {
  let count = 0;
  /** The group before which `::` stands. */
  let gap = -1;
  if (bytes[p] === COLON) {
    if (p + 1 >= end || bytes[p + 1] !== COLON) return false;
    gap = 0;
    p += 2;
  }
  while (p < end) {
    if (count === GROUPS) return false;
    const first = p;
    let value = 0;
    for (; p < end && digitValues[bytes[p]!]! < 16; p++) value = (value << 4) | digitValues[bytes[p]!]!;
    if (p === first) return false;
    if (p < end && bytes[p] === DOT) {
      if (count > GROUPS - 2 || !readIpv4(bytes, first, end, count)) return false;
      count += 2;
      p = end;
      break;
    }
    if (p - first > 4) return false;
    groups[count++] = value;
    if (p === end) break;
    if (bytes[p] !== COLON || p + 1 === end) return false;
    p++;
    if (bytes[p] !== COLON) continue;
    if (gap >= 0) return false;
    gap = count;
    p++;
  }
  if (gap < 0 ? count !== GROUPS : count === GROUPS) return false;
  if (gap >= 0) {
    const moved = count - gap;
    groups.copyWithin(GROUPS - moved, gap, count);
    groups.fill(0, gap, GROUPS - moved);
  }
  for (let word = 0; word < 4; word++) words[at + word] = (groups[word * 2]! << 16) | groups[word * 2 + 1]!;
  return true;
}
