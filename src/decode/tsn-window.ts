// SPDX-License-Identifier: Apache-2.0

/** Words of `TsnWindow` in a record: the newest TSN and a bit for each of the window. */
export const tsnWindowWords: number = 33;
const windowTsns = 1024;
/** A TSN farther away than this is not of the sequence that was seen before. */
const restartTsns = 0x1_0000;

/** Notes that no TSN was seen yet and `tsn` is about to be, in `tsnWindowWords` words from `at` on. */
export function beginTsns(words: Int32Array, at: number, tsn: number): void {
  words[at] = tsn;
  for (let word = at + 1; word < at + tsnWindowWords; word++) words[word] = 0;
}

/**
 * Whether a TSN is new, and notes it. The window is what a sender may have on its way: as SIP messages are 300 bytes at
 * least, 300 KB. What is behind the window is taken for a copy.
 *
 *     word 0: the newest TSN      words 1 to 32: bit t % 1024 is set when TSN t, newest - 1023 to newest, was seen
 */
export function noteTsn(words: Int32Array, at: number, tsn: number): boolean {
  const bits = at + 1;
  const ahead = (tsn - words[at]!) | 0;
  if (ahead >= restartTsns || ahead <= -restartTsns) {
    beginTsns(words, at, tsn);
  } else if (ahead <= -windowTsns) {
    return false;
  } else if (ahead > 0) {
    clearBits(words, bits, words[at]! + 1, Math.min(ahead, windowTsns));
    words[at] = tsn;
  }
  const word = bits + ((tsn & (windowTsns - 1)) >> 5);
  const bit = 1 << (tsn & 31);
  if ((words[word]! & bit) !== 0) return false;
  words[word]! |= bit;
  return true;
}

/** Clears the bits of `count` TSNs from `tsn` on, whole words at once. */
function clearBits(words: Int32Array, bits: number, tsn: number, count: number): void {
  for (let t = tsn, left = count; left > 0; ) {
    const word = bits + ((t & (windowTsns - 1)) >> 5);
    const step = (t & 31) === 0 && left >= 32 ? 32 : 1;
    words[word] = step === 32 ? 0 : words[word]! & ~(1 << (t & 31));
    t += step;
    left -= step;
  }
}
