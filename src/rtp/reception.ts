// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import { Codec } from './codec.ts';
import { beginBuffers, takeArrival } from './jitter-buffers.ts';
import type { PacketTally } from './packet-tally.ts';
import type { RtpHeader } from './rtp-header.ts';
import { beginSequence } from './sequence-window.ts';
import { noteSighting } from './sightings.ts';
import type { StreamJoins } from './stream-joins.ts';
import { ALL_COUNTS, Count, StreamDouble, StreamField } from './stream-record.ts';

const { counts } = StreamField;

/** What the records of streams hold of the packets that came, each for the first time. */
export class Reception {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #clock: PacketClock;
  readonly #tally: PacketTally;
  readonly #joins: StreamJoins;
  readonly #intervalMicros: number;
  /** Of one difference: a double that is passed to a function may be boxed. */
  readonly #difference = new Float64Array(1);

  constructor(
    words: Int32Array,
    doubles: Float64Array,
    clock: PacketClock,
    tally: PacketTally,
    joins: StreamJoins,
    intervalMicros: number,
  ) {
    this.#words = words;
    this.#doubles = doubles;
    this.#clock = clock;
    this.#tally = tally;
    this.#joins = joins;
    this.#intervalMicros = intervalMicros;
  }

  /** The record begins with this packet. */
  begin(fields: number, datagram: Datagram, header: RtpHeader): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const record = fields >> 1;
    words[fields + StreamField.payloadType] = -1;
    words[fields + StreamField.codec] = Codec.other;
    words[fields + StreamField.ratedCodec] = Codec.other;
    words[fields + StreamField.tally] = 0;
    words[fields + StreamField.received] = 0;
    words[fields + StreamField.bytes] = 0;
    words[fields + StreamField.packetUnits] = 0;
    words[fields + StreamField.asidePayloadType] = -1;
    words[fields + StreamField.roundTripMicros] = -1;
    words[fields + StreamField.isSsrcChange] = 0;
    words[fields + StreamField.givenBack] = 0;
    doubles[record + StreamDouble.streamJitterMicros] = 0;
    for (let i = 0; i < 4; i++) words[fields + StreamField.sightings + i] = 0;
    for (let i = 0; i < ALL_COUNTS; i++) doubles[record + StreamDouble.totals + i] = 0;
    for (let i = 0; i < Count.received; i++) words[fields + counts + i] = 0;
    const nowMicros = this.#clock.micros;
    doubles[record + StreamDouble.firstMicros] = nowMicros;
    doubles[record + StreamDouble.intervalEndMicros] = nowMicros + this.#intervalMicros;
    doubles[record + StreamDouble.microsPerUnit] = 125;
    beginBuffers(doubles, record);
    beginSequence(words, fields, header.sequenceNumber);
    this.count(fields, datagram, header, 0);
  }

  /** Counts a packet that came for the first time, `distance` from the highest sequence number before it. */
  count(fields: number, datagram: Datagram, header: RtpHeader, distance: number): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const record = fields >> 1;
    const nowMicros = this.#clock.micros;
    const { payloadBytes, payloadType } = header;
    words[fields + StreamField.received]!++;
    words[fields + StreamField.bytes]! += payloadBytes;
    doubles[record + StreamDouble.lastMicros] = nowMicros;
    noteSighting(words, fields, header.sequenceNumber, datagram, nowMicros | 0);
    const isAside =
      payloadType !== words[fields + StreamField.payloadType] && this.#joins.isAside(fields, payloadType);
    const tally = words[fields + StreamField.tally]!;
    this.#tally.packets[tally]!++;
    this.#tally.bytes[tally]! += payloadBytes;
    if (isAside) {
      words[fields + counts + Count.aside]!++;
      return;
    }
    const voiceMicros = doubles[record + StreamDouble.voiceMicros]!;
    doubles[record + StreamDouble.voiceMicros] = nowMicros;
    const units = (header.timestamp - words[fields + StreamField.timestamp]!) | 0;
    words[fields + StreamField.timestamp] = header.timestamp;
    if (voiceMicros < 0) return;
    const isTalkspurt = header.marker && words[fields + StreamField.codec] !== Codec.video;
    if (distance === 1 && units > 0 && !isTalkspurt) words[fields + StreamField.packetUnits] = units;
    this.#difference[0] = nowMicros - voiceMicros - units * doubles[record + StreamDouble.microsPerUnit]!;
    if (takeArrival(words, doubles, fields, isTalkspurt, this.#difference)) return;
    const { sequenceNumber } = header;
    words[fields + StreamField.playableBits + ((sequenceNumber >> 5) & 3)]! &= ~(1 << sequenceNumber);
  }
}
