// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { DecodeResult } from './decode-result.ts';

// A frame has two ends. Nothing is read at or beyond the captured end; lengths in headers are judged against
// the wire end, since a header is not wrong because the sensor cut the frame.

/** Index in `frame.bytes` behind the last byte that is there. */
export function capturedEnd(frame: Frame): number {
  return frame.offset + frame.capturedLength;
}

/** Index in `frame.bytes` behind the last byte the frame had on the wire; never before the captured end. */
export function wireEnd(frame: Frame): number {
  return frame.offset + Math.max(frame.originalLength, frame.capturedLength);
}

/**
 * Why the bytes up to index `end`, which lies beyond the captured end, are missing: the sensor cut them off, or
 * they never were on the wire, which is `wireReason`.
 */
export function missingBytes(frame: Frame, end: number, wireReason: DecodeResult): DecodeResult {
  return end <= wireEnd(frame) ? DecodeResult.truncatedBySensor : wireReason;
}
