// SPDX-License-Identifier: Apache-2.0

/** Bytes of a bitmap with one bit a port: port p is bit p % 8 of byte p >> 3, as in bpf/sip_capture.bpf.c. */
export const PORT_BITMAP_BYTES = 8192;

/** The bitmap of a list of ports. Throws RangeError for what is no port from 0 to 65535. */
export function portBitmap(ports: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(PORT_BITMAP_BYTES);
  for (const port of ports) {
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`${port} is not a port`);
    bitmap[port >> 3]! |= 1 << (port & 7);
  }
  return bitmap;
}
