// SPDX-License-Identifier: Apache-2.0

/** Reads 0 to 65535 at `index`. The caller has checked that two bytes are there. */
export function readUint16(bytes: Uint8Array, index: number): number {
  return (bytes[index]! << 8) | bytes[index + 1]!;
}

/** Reads a signed 32-bit integer at `index`. The caller has checked that four bytes are there. */
export function readInt32(bytes: Uint8Array, index: number): number {
  return (bytes[index]! << 24) | (bytes[index + 1]! << 16) | (bytes[index + 2]! << 8) | bytes[index + 3]!;
}
