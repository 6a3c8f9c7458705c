// SPDX-License-Identifier: Apache-2.0

/**
 * Copies bytes from one memory to another. `set` would need a `subarray`, which is an object for each call; within one
 * memory `copyWithin` does it.
 */
export function copyBytes(from: DataView, start: number, to: DataView, offset: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(offset + i, from.getInt32(start + i));
  for (; i < length; i++) to.setUint8(offset + i, from.getUint8(start + i));
}
