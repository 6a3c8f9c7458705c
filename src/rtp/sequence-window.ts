// SPDX-License-Identifier: Apache-2.0
import { Count, StreamField } from './stream-record.ts';

/** Gmin: as many packets received in a row end a burst (RFC 3611 §4.7.2). */
export const GMIN = 16;
/**
 * A sequence number is settled, as received or lost, when the highest is this far ahead of it. What comes later still gives
 * its loss back, but in no jitter buffer was it of use.
 */
export const SETTLED_BEHIND = 16;
/** RFC 3550 A.1: what is farther behind is no late packet, and what is farther ahead is no loss. */
export const MAX_MISORDER = 100;
export const MAX_DROPOUT = 3000;

const { counts, receivedBits, playableBits } = StreamField;

/*
 * The sequence numbers around the highest, as two bits each in a ring of 128:
 *
 *     ... settled ...                    | not settled, 16            | highest
 *     received 0, playable 0: lost       | 0, 0: missing so far
 *     received 1, playable 0: discarded by the adaptive buffer, or too late for any
 *     received 1, playable 1: heard
 *     received 0, playable 1: before the first packet
 */

/** Begins with a first sequence number, as received. */
export function beginSequence(words: Int32Array, fields: number, sequence: number): void {
  for (let i = 0; i < 4; i++) {
    words[fields + receivedBits + i] = 0;
    words[fields + playableBits + i] = -1;
  }
  words[fields + receivedBits + ((sequence >> 5) & 3)]! |= 1 << sequence;
  words[fields + StreamField.highestSequence] = sequence;
  words[fields + StreamField.settledSequence] = (sequence - 1) | 0;
  words[fields + StreamField.groupLosses] = 0;
  words[fields + StreamField.badSequence] = -1;
}

/**
 * The highest sequence number goes on by `distance`, 1 to `MAX_DROPOUT`, to one that was received: those between are missing, and as
 * many as it went on are settled.
 */
export function advanceSequence(words: Int32Array, fields: number, distance: number): void {
  const highest = words[fields + StreamField.highestSequence]!;
  const settled = Math.min(distance, SETTLED_BEHIND);
  for (let i = 1 - SETTLED_BEHIND; i <= settled - SETTLED_BEHIND; i++)
    settle(words, fields, (highest + i) | 0);
  if (distance > SETTLED_BEHIND) {
    const count = distance - SETTLED_BEHIND;
    words[fields + counts + Count.lost]! += count;
    addLosses(words, fields, (highest + 1) | 0, count);
  }
  for (let i = Math.max(1, distance - 127); i < distance; i++) {
    const sequence = (highest + i) | 0;
    const word = (sequence >> 5) & 3;
    words[fields + receivedBits + word]! &= ~(1 << sequence);
    words[fields + playableBits + word]! &= ~(1 << sequence);
  }
  const sequence = (highest + distance) | 0;
  const word = (sequence >> 5) & 3;
  words[fields + receivedBits + word]! |= 1 << sequence;
  words[fields + playableBits + word]! |= 1 << sequence;
  words[fields + StreamField.highestSequence] = sequence;
}

/** At the end of a stream, or before it begins anew: settles all that is left. */
export function settleRest(words: Int32Array, fields: number): void {
  const highest = words[fields + StreamField.highestSequence]!;
  for (let i = 1 - SETTLED_BEHIND; i <= 0; i++) settle(words, fields, (highest + i) | 0);
  closeSettled(words, fields, highest);
}

/** At the end of an interval: what is settled belongs to it, and a burst does not reach beyond it. */
export function closeSettled(words: Int32Array, fields: number, sequence: number): void {
  const settled = (sequence - words[fields + StreamField.settledSequence]!) | 0;
  if (settled > 0) {
    words[fields + counts + Count.settled]! += settled;
    words[fields + StreamField.settledSequence] = sequence;
  }
  closeGroup(words, fields);
}

/** Settles one sequence number. */
function settle(words: Int32Array, fields: number, sequence: number): void {
  const word = (sequence >> 5) & 3;
  if (((words[fields + playableBits + word]! >>> sequence) & 1) !== 0) return;
  if (((words[fields + receivedBits + word]! >>> sequence) & 1) === 0) words[fields + counts + Count.lost]!++;
  addLosses(words, fields, sequence, 1);
}

/** `count` sequence numbers from `first` on were lost or discarded. */
function addLosses(words: Int32Array, fields: number, first: number, count: number): void {
  let distance = (first - words[fields + StreamField.groupLast]!) | 0;
  if (words[fields + StreamField.groupLosses] !== 0 && distance > GMIN) closeGroup(words, fields);
  if (words[fields + StreamField.groupLosses] === 0) {
    words[fields + StreamField.groupFirst] = first;
    distance = 0;
  }
  if (distance !== 1) words[fields + counts + Count.lossRuns]!++;
  words[fields + StreamField.groupLast] = (first + count - 1) | 0;
  words[fields + StreamField.groupLosses]! += count;
}

/**
 * `GMIN` packets in a row were received: a single loss before them belongs to a gap, several are a burst (RFC 3611 §4.7.2). The
 * counters of its appendix A.2 give the same densities: losses over all packets of the bursts, and of the gaps.
 */
function closeGroup(words: Int32Array, fields: number): void {
  const losses = words[fields + StreamField.groupLosses]!;
  if (losses === 0) return;
  words[fields + StreamField.groupLosses] = 0;
  if (losses === 1) {
    words[fields + counts + Count.gapLosses]!++;
    return;
  }
  const length = (words[fields + StreamField.groupLast]! - words[fields + StreamField.groupFirst]! + 1) | 0;
  words[fields + counts + Count.bursts]!++;
  words[fields + counts + Count.burstPackets]! += length;
  words[fields + counts + Count.burstLosses]! += losses;
}
