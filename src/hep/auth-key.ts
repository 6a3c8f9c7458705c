// SPDX-License-Identifier: Apache-2.0
import type { HepPacket } from './hep-packet.ts';

/**
 * Whether a packet carries the key. How long this takes depends on the length of what was sent, not on how much of it
 * is right.
 */
export function hasKey(bytes: Uint8Array, packet: HepPacket, key: Uint8Array): boolean {
  const { keyOffset, keyLength } = packet;
  let difference = keyLength ^ key.length;
  for (let i = 0; i < keyLength; i++) difference |= bytes[keyOffset + i]! ^ (key[i % key.length] ?? 0);
  return difference === 0;
}
