// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { DecodeResult } from './decode-result.ts';

// A frame has two ends. Nothing is read at or beyond the captured end; lengths in headers are judged against
// the wire end, since a header is not wrong because the sensor cut the frame. What is in a tunnel ends on the wire where
// the packet around it does: that index goes from layer to layer as `end`.

/** Index in `frame.bytes` behind the last byte that is there. */
export function capturedEnd(frame: Frame): number {
  return frame.offset + frame.capturedLength;
}

/** Index in `frame.bytes` behind the last byte the frame had on the wire; never before the captured end. */
export function wireEnd(frame: Frame): number {
  return frame.offset + Math.max(frame.originalLength, frame.capturedLength);
}

/** Index behind the last byte that may be read of something that ends on the wire at `end`. */
export function readableEnd(frame: Frame, end: number): number {
  return Math.min(frame.offset + frame.capturedLength, end);
}

/**
 * Why the bytes up to index `needed`, which lies beyond the readable end, are missing of something that ends on the wire
 * at `end`: the sensor cut them off, or they never were on the wire, which is `wireReason`.
 */
export function missingBytes(needed: number, end: number, wireReason: DecodeResult): DecodeResult {
  return needed <= end ? DecodeResult.truncatedBySensor : wireReason;
}
