// SPDX-License-Identifier: Apache-2.0

/** The 14 methods registered with IANA ("Session Initiation Protocol (SIP) Parameters", Methods); 0 is any other. */
export const Method = {
  other: 0,
  ack: 1,
  bye: 2,
  cancel: 3,
  info: 4,
  invite: 5,
  message: 6,
  notify: 7,
  options: 8,
  prack: 9,
  publish: 10,
  refer: 11,
  register: 12,
  subscribe: 13,
  update: 14,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** Method names as on the wire, by id; a label value each. */
export const methodNames: readonly string[] = Object.keys(Method).map((name) =>
  name === 'other' ? name : name.toUpperCase(),
);

const textBytes = methodNames.map((name) => new TextEncoder().encode(name));

/** The first four bytes of a method as a big-endian word; no two methods share them. */
const firstFour = Int32Array.from(textBytes, ([a, b, c, d = 0]) => (a! << 24) | (b! << 16) | (c! << 8) | d);

/** Method ids by a hash of the first four bytes; the multiplier was found by trying, for a slot each. */
const methodBySlot = new Uint8Array(32);
const slotOf = (word: number): number => Math.imul(word, 11345) >>> 27;
for (let method = 1; method < firstFour.length; method++) methodBySlot[slotOf(firstFour[method]!)] = method;

/**
 * The id of the method token at `offset`; methods are case-sensitive (RFC 3261 §7.1).
 * `length` bytes from `offset` must lie inside `bytes`.
 */
export function methodAt(bytes: Uint8Array, offset: number, length: number): Method {
  if (length < 3) return Method.other;
  const fourth = length > 3 ? bytes[offset + 3]! : 0;
  const word = (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | fourth;
  const method = methodBySlot[slotOf(word)]!;
  const text = textBytes[method]!;
  if (firstFour[method] !== word || text.length !== length) return Method.other;
  for (let i = 4; i < length; i++) if (bytes[offset + i] !== text[i]) return Method.other;
  return method as Method;
}
