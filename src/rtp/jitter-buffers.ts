// SPDX-License-Identifier: Apache-2.0
import { Count, StreamDouble, StreamField } from './stream-record.ts';

/** Depth of the fixed buffer. */
const FIXED_MICROS = 60_000;
/** Least and most depth of the adaptive buffer. */
const LEAST_MICROS = 20_000;
const MOST_MICROS = 200_000;
/** Timestamps that differ so much from the time of arrival say nothing of the network. */
const JUMP_MICROS = 1_000_000;
/** The same at the beginning of a talkspurt. */
const MARKER_JUMP_MICROS = 100_000;

const { counts } = StreamField;
const { jitterMicros, maxJitterMicros, transitMicros } = StreamDouble;
const { referenceMicros, intervalTransitMicros, playoutMicros, voiceMicros } = StreamDouble;

/**
 * Takes the arrival of a packet that jitter is made of: `differenceMicros` (in `cell`) is how much later it came after the packet
 * before than its timestamp says. Returns whether the adaptive buffer would have it in time.
 *
 * Jitter is that of RFC 3550 A.8, in microseconds. Transits, sums of the differences, tell how late a packet is. Two buffers are
 * thought of, as receivers have them:
 *
 *  - fixed: what comes more than 60 ms later than the fastest packet of this interval and the one before is discarded;
 *  - adaptive: it waits for packets as late as the mean and four times the jitter, 20 to 200 ms, and gets there by 1/256 of the way with
 *    each packet (after Ramjee, Kurose, Towsley, Schulzrinne 1994, whose means have such weights). A packet that comes
 *    later is discarded, and makes it wait as long, and for the jitter more, at once; never more than 200 ms longer than for
 *    the fastest.
 *
 * A silence whose timestamps stood still or jumped, as after hold, begins anew: no jitter, and both buffers are set.
 */
export function takeArrival(
  words: Int32Array,
  doubles: Float64Array,
  fields: number,
  isTalkspurt: boolean,
  differences: Float64Array,
): boolean {
  const record = fields >> 1;
  const differenceMicros = differences[0]!;
  const jumpMicros = isTalkspurt ? MARKER_JUMP_MICROS : JUMP_MICROS;
  if (!(Math.abs(differenceMicros) < jumpMicros)) {
    setBuffers(doubles, record);
    return true;
  }
  const transit = doubles[record + transitMicros]! + differenceMicros;
  doubles[record + transitMicros] = transit;
  let jitter = doubles[record + jitterMicros]!;
  jitter += (Math.abs(differenceMicros) - jitter) / 16;
  doubles[record + jitterMicros] = jitter;
  if (jitter > doubles[record + maxJitterMicros]!) doubles[record + maxJitterMicros] = jitter;
  if (transit < doubles[record + intervalTransitMicros]!) doubles[record + intervalTransitMicros] = transit;
  let reference = doubles[record + referenceMicros]!;
  if (transit < reference) {
    reference = transit;
    doubles[record + referenceMicros] = transit;
  }
  if (transit - reference > FIXED_MICROS) words[fields + counts + Count.discardedFixed]!++;
  const playout = doubles[record + playoutMicros]!;
  if (transit > playout) {
    words[fields + counts + Count.discardedAdaptive]!++;
    doubles[record + playoutMicros] = Math.min(transit + jitter, reference + MOST_MICROS);
    return false;
  }
  const depth = Math.min(Math.max(4 * jitter, LEAST_MICROS), MOST_MICROS);
  doubles[record + playoutMicros] = playout + (transit + depth - playout) / 256;
  return true;
}

/** The next packet is the first of what is heard. */
export function beginBuffers(doubles: Float64Array, record: number): void {
  doubles[record + voiceMicros] = -1;
  doubles[record + jitterMicros] = 0;
  doubles[record + maxJitterMicros] = 0;
  setBuffers(doubles, record);
}

/** At the end of an interval: the fastest packet of the one before is forgotten. */
export function nextInterval(doubles: Float64Array, record: number): void {
  doubles[record + maxJitterMicros] = doubles[record + jitterMicros]!;
  const fastest = doubles[record + intervalTransitMicros]!;
  if (fastest === Number.POSITIVE_INFINITY) return;
  doubles[record + referenceMicros] = fastest;
  doubles[record + intervalTransitMicros] = Number.POSITIVE_INFINITY;
}

function setBuffers(doubles: Float64Array, record: number): void {
  doubles[record + transitMicros] = 0;
  doubles[record + referenceMicros] = 0;
  doubles[record + intervalTransitMicros] = 0;
  doubles[record + playoutMicros] = LEAST_MICROS;
}
