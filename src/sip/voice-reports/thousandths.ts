// SPDX-License-Identifier: Apache-2.0

const DOT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Above it a thousandfold is no int32. */
const MAX_WHOLE = 2_000_000;

/**
 * The decimal number at `p`, in thousandths, rounded down: `3.85` is 3850. -1 when there is no digit at `p` or the number
 * is above 2,000,000. Whatever follows the number is ignored, such as a unit.
 */
export function thousandthsAt(bytes: Uint8Array, p: number, end: number): number {
  let whole = 0;
  const start = p;
  for (; p < end && bytes[p]! >= DIGIT_0 && bytes[p]! <= DIGIT_9; p++) {
    whole = whole * 10 + bytes[p]! - DIGIT_0;
    if (whole > MAX_WHOLE) return -1;
  }
  if (p === start) return -1;
  let value = whole * 1000;
  if (p >= end || bytes[p] !== DOT) return value;
  p++;
  for (let place = 100; place >= 1 && p < end && bytes[p]! >= DIGIT_0 && bytes[p]! <= DIGIT_9; p++) {
    value += (bytes[p]! - DIGIT_0) * place;
    place = (place / 10) | 0;
  }
  return value;
}
