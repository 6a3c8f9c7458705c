// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import { Codec, isAsideCodec } from './codec.ts';
import { JoinedBy, type MediaDirectory } from './media-directory.ts';
import type { PacketTally } from './packet-tally.ts';
import { Count, StreamDouble, StreamField } from './stream-record.ts';

const { counts } = StreamField;

/** What the records of streams know from signalling: their endpoint and their codec. */
export class StreamJoins {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #directory: MediaDirectory;
  readonly #clock: PacketClock;
  readonly #tally: PacketTally;
  /** Goes up at the tick after signalling announced something. */
  #generation = 0;
  /** When it did since the last tick, infinite if it did not. */
  readonly #announcedMicros = new Float64Array(1).fill(Number.POSITIVE_INFINITY);

  constructor(
    words: Int32Array,
    doubles: Float64Array,
    directory: MediaDirectory,
    clock: PacketClock,
    tally: PacketTally,
  ) {
    this.#words = words;
    this.#doubles = doubles;
    this.#directory = directory;
    this.#clock = clock;
    this.#tally = tally;
  }

  /** Signalling announced something: what nobody announced asks again, each at its first packet after the next tick. */
  renewAll(): void {
    this.#announcedMicros[0] = Math.min(this.#announcedMicros[0]!, this.#clock.micros);
  }

  /** When streams are to ask again. */
  noteDue(earliestMicros: Float64Array): void {
    earliestMicros[0] = Math.min(earliestMicros[0]!, this.#announcedMicros[0]!);
  }

  /** Has streams ask again, if that is due. */
  expire(): boolean {
    if (this.#announcedMicros[0]! > this.#clock.micros) return false;
    this.#announcedMicros[0] = Number.POSITIVE_INFINITY;
    this.#generation = (this.#generation + 1) | 0;
    return true;
  }

  /** Whether signalling announced something since a stream asked. */
  isDue(fields: number): boolean {
    return this.#words[fields + StreamField.generation] !== this.#generation;
  }

  /** Asks the directory where a packet belongs. */
  find(fields: number, datagram: Datagram): void {
    this.join(fields, this.#directory.find(datagram));
  }

  /** Notes what the directory found. */
  join(fields: number, joinedBy: JoinedBy): void {
    const words = this.#words;
    const directory = this.#directory;
    const isJoined = joinedBy !== JoinedBy.none;
    words[fields + StreamField.joinedBy] = joinedBy;
    words[fields + StreamField.endpoint] = isJoined ? directory.endpoint : -1;
    words[fields + StreamField.endpointKey] = isJoined ? directory.endpointKey : 0;
    words[fields + StreamField.isEncrypted] = isJoined && directory.isEncrypted(directory.endpoint) ? 1 : 0;
    words[fields + StreamField.generation] = this.#generation;
  }

  /**
   * Asks the directory again where it may know more than it told, or something else: now and then, and when signalling announced
   * something. Returns whether the stream is joined.
   */
  renew(fields: number, datagram: Datagram): boolean {
    const words = this.#words;
    if (this.#isUncertain(fields)) this.find(fields, datagram);
    if (words[fields + StreamField.joinedBy] === JoinedBy.none) return false;
    words[fields + StreamField.asidePayloadType] = -1;
    const payloadType = words[fields + StreamField.payloadType]!;
    if (payloadType < 0) return true;
    const codec = this.#directory.codecOf(words[fields + StreamField.endpoint]!, payloadType);
    if (!isAsideCodec(codec)) {
      this.#explain(fields, codec);
      return true;
    }
    // What it was taken for before it was announced.
    words[fields + StreamField.payloadType] = -1;
    words[fields + StreamField.asidePayloadType] = payloadType;
    this.#setCodec(fields, codec);
    return true;
  }

  /**
   * Whether a packet of another payload type is DTMF, comfort noise or a retransmission; else the stream is of this type from
   * now on. A stream that had nothing else yet is one of that.
   */
  isAside(fields: number, payloadType: number): boolean {
    const words = this.#words;
    if (payloadType === words[fields + StreamField.asidePayloadType]) return true;
    const codec = this.#directory.codecOf(words[fields + StreamField.endpoint]!, payloadType);
    if (isAsideCodec(codec)) {
      words[fields + StreamField.asidePayloadType] = payloadType;
      if (words[fields + StreamField.payloadType]! < 0) this.#setCodec(fields, codec);
      return true;
    }
    words[fields + StreamField.payloadType] = payloadType;
    this.#explain(fields, codec);
    return false;
  }

  /** From now on the packets of a stream count. */
  setTally(fields: number): void {
    const words = this.#words;
    const codec = words[fields + StreamField.codec]! as Codec;
    words[fields + StreamField.tally] = this.#tally.cell(words[fields + StreamField.context]!, codec);
  }

  #isUncertain(fields: number): boolean {
    const words = this.#words;
    if (words[fields + StreamField.joinedBy] !== JoinedBy.destination) return true;
    const endpoint = words[fields + StreamField.endpoint]!;
    return !this.#directory.isStill(endpoint, words[fields + StreamField.endpointKey]!);
  }

  /** The stream's payload type stands for this codec. */
  #explain(fields: number, codec: Codec): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const record = fields >> 1;
    const endpoint = words[fields + StreamField.endpoint]!;
    const payloadType = words[fields + StreamField.payloadType]!;
    const clockRate = this.#directory.clockRateOf(endpoint, payloadType);
    const microsPerUnit = 1e6 / (clockRate >= 1 ? clockRate : 8000);
    if (microsPerUnit !== doubles[record + StreamDouble.microsPerUnit]!) {
      doubles[record + StreamDouble.microsPerUnit] = microsPerUnit;
      doubles[record + StreamDouble.voiceMicros] = -1;
    }
    words[fields + StreamField.ratedCodec] = this.#directory.ratedCodecOf(endpoint, payloadType);
    this.#setCodec(fields, codec);
  }

  #setCodec(fields: number, codec: Codec): void {
    const words = this.#words;
    const before = words[fields + StreamField.codec]! as Codec;
    if (codec === before) return;
    words[fields + StreamField.codec] = codec;
    if (before !== Codec.other && !isAsideCodec(before)) words[fields + counts + Count.codecChanges]!++;
    if (words[fields + StreamField.tally] !== 0) this.setTally(fields);
  }
}
