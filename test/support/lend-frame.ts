// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../../src/base/frame.ts';

/** Lends the whole of `bytes` in a frame, as captured uncut. */
export function lendBytes(frame: Frame, bytes: Uint8Array): void {
  frame.bytes = bytes;
  frame.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  frame.offset = 0;
  frame.capturedLength = bytes.length;
  frame.originalLength = bytes.length;
}
