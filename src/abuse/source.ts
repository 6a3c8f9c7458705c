// SPDX-License-Identifier: Apache-2.0

const MAPPED_WORD = 0xffff;

/**
 * The source of a message as two words: an IPv4 address behind a 0, or the network of an IPv6 address, 32..64 bits of it.
 * Behind /64 a host chooses the address itself, another one whenever it likes (RFC 4291 §2.5.1, RFC 8981): counted by whole
 * addresses it would be a new source each time. No IPv6 network in use begins with a word of 0 (RFC 4291 §2.4).
 */
export function firstSourceWord(address: Int32Array): number {
  return isIpv4(address) ? 0 : address[0]!;
}

/** The second of the words; `prefixBits` of an IPv6 address are looked at. */
export function secondSourceWord(address: Int32Array, prefixBits: number): number {
  if (isIpv4(address)) return address[3]!;
  return prefixBits === 64 ? address[1]! : address[1]! & ~(-1 >>> (prefixBits - 32));
}

/** Sets an address of the source, the first one. */
export function setSourceAddress(address: Int32Array, first: number, second: number): void {
  address[0] = first;
  address[1] = first === 0 ? 0 : second;
  address[2] = first === 0 ? MAPPED_WORD : 0;
  address[3] = first === 0 ? second : 0;
}

/** A source for people: `192.0.2.1`, `2001:db8:0:1::/64`. */
export function sourceText(first: number, second: number, prefixBits: number): string {
  if (first === 0) return [24, 16, 8, 0].map((shift) => (second >>> shift) & 0xff).join('.');
  const groups = [first >>> 16, first & 0xffff, second >>> 16, second & 0xffff];
  while (groups.at(-1) === 0) groups.pop();
  return `${groups.map((group) => group.toString(16)).join(':')}::/${prefixBits}`;
}

function isIpv4(address: Int32Array): boolean {
  return address[2] === MAPPED_WORD && address[0] === 0 && address[1] === 0;
}
