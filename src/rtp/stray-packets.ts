// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { PacketTally } from './packet-tally.ts';
import { Refusal } from './refusal.ts';
import type { RtpHeader } from './rtp-header.ts';
import { advanceSequence, beginSequence, SETTLED_BEHIND, settleRest } from './sequence-window.ts';
import { isCopy, isSighted, sightingOf, windowUnits } from './sightings.ts';
import { Count, StreamDouble, StreamField } from './stream-record.ts';

const { counts } = StreamField;

/** Packets that do not come in order: late, again, or from another place in the sequence. */
export class StrayPackets {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #clock: PacketClock;
  readonly #tally: PacketTally;
  readonly #refused: Float64Array;
  readonly #duplicateUnits: number;

  /** `refused` counts by `Refusal`; what is the same datagram comes again within `duplicateMicros`. */
  constructor(
    words: Int32Array,
    doubles: Float64Array,
    clock: PacketClock,
    tally: PacketTally,
    refused: Float64Array,
    duplicateMicros: number,
  ) {
    this.#words = words;
    this.#doubles = doubles;
    this.#clock = clock;
    this.#tally = tally;
    this.#refused = refused;
    this.#duplicateUnits = windowUnits(duplicateMicros);
  }

  /**
   * Whether the packet `distance`, 0 to -99, from the highest sequence number came before; then it counts as a duplicate, or as a
   * copy where it is the same datagram.
   */
  isRepeated(fields: number, datagram: Datagram, distance: number): boolean {
    const words = this.#words;
    const sequence = (words[fields + StreamField.highestSequence]! + distance) | 0;
    const received = words[fields + StreamField.receivedBits + ((sequence >> 5) & 3)]!;
    if (((received >>> sequence) & 1) === 0) return false;
    const micros = this.#clock.micros | 0;
    const isSame = isCopy(words, fields, sequence, distance, datagram, micros, this.#duplicateUnits);
    words[fields + counts + (isSame ? Count.copies : Count.duplicate)]!++;
    return true;
  }

  /** What came behind a later one, `distance` 0 to -99: late, or the same again. Returns whether it is late. */
  isLate(fields: number, datagram: Datagram, distance: number): boolean {
    if (this.isRepeated(fields, datagram, distance)) return false;
    const words = this.#words;
    const sequence = (words[fields + StreamField.highestSequence]! + distance) | 0;
    const word = (sequence >> 5) & 3;
    const bit = 1 << sequence;
    words[fields + StreamField.receivedBits + word]! |= bit;
    words[fields + counts + Count.outOfOrder]!++;
    if (distance > -SETTLED_BEHIND) words[fields + StreamField.playableBits + word]! |= bit;
    // Before the first packet nothing was told as lost.
    else if ((words[fields + StreamField.playableBits + word]! & bit) === 0) {
      words[fields + StreamField.givenBack]!++;
    }
    return true;
  }

  /** A jump to another place in the sequence: the stream goes on there when two packets follow one another (RFC 3550 A.1). */
  isRestart(fields: number, datagram: Datagram, header: RtpHeader): boolean {
    const words = this.#words;
    const doubles = this.#doubles;
    const { sequenceNumber, payloadBytes } = header;
    const badSequence = words[fields + StreamField.badSequence]!;
    if (sequenceNumber !== badSequence) {
      const micros = this.#clock.micros | 0;
      const next = (sequenceNumber + 1) & 0xffff;
      if (next === badSequence) {
        const sighting = words[fields + StreamField.badSighting]!;
        const isSame = isSighted(sighting, datagram, micros, this.#duplicateUnits);
        words[fields + counts + (isSame ? Count.copies : Count.duplicate)]!++;
        return false;
      }
      if (badSequence >= 0) this.#refused[Refusal.sequenceJump]!++;
      words[fields + StreamField.badSequence] = next;
      words[fields + StreamField.badBytes] = payloadBytes;
      words[fields + StreamField.badSighting] = sightingOf(datagram, micros);
      return false;
    }
    const bytes = words[fields + StreamField.badBytes]!;
    const tally = words[fields + StreamField.tally]!;
    settleRest(words, fields);
    beginSequence(words, fields, sequenceNumber - 1);
    advanceSequence(words, fields, 1);
    words[fields + counts + Count.restarts]!++;
    words[fields + StreamField.received]!++;
    words[fields + StreamField.bytes]! += bytes;
    this.#tally.packets[tally]!++;
    this.#tally.bytes[tally]! += bytes;
    doubles[(fields >> 1) + StreamDouble.voiceMicros] = -1;
    return true;
  }
}
