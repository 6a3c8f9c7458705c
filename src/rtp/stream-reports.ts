// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { Codec } from './codec.ts';
import { nextInterval } from './jitter-buffers.ts';
import type { JoinedBy } from './media-directory.ts';
import type { SensorLosses } from './sensor-losses.ts';
import { closeSettled, SETTLED_BEHIND, settleRest } from './sequence-window.ts';
import { StreamReport } from './stream-events.ts';
import { ALL_COUNTS, Count, INTERVAL_COUNTS, StreamDouble, StreamField } from './stream-record.ts';

/** Makes reports of streams' records, and closes their intervals. */
export class StreamReports {
  /** What was reported last. */
  readonly report: StreamReport = new StreamReport();

  readonly #table: KeyedTable;
  readonly #doubles: Float64Array;
  readonly #clock: PacketClock;
  readonly #losses: SensorLosses;
  readonly #intervalMicros: number;
  /** By `Count`: what the report is made of. */
  readonly #counts = new Float64Array(ALL_COUNTS);

  constructor(
    table: KeyedTable,
    doubles: Float64Array,
    clock: PacketClock,
    losses: SensorLosses,
    intervalMicros: number,
  ) {
    this.#table = table;
    this.#doubles = doubles;
    this.#clock = clock;
    this.#losses = losses;
    this.#intervalMicros = intervalMicros;
  }

  /** Of what was seen so far of a stream that begins. */
  begin(slot: number): void {
    this.#readCounts(slot);
    this.#fill(slot);
    this.report.isSensorLossy = false;
    this.report.beginMicros = this.report.firstMicros;
    this.report.endMicros = this.report.lastMicros;
  }

  /**
   * Ends the interval that is open, as far as time has come, and makes its report; the next one is that of now. At the end of the stream
   * all of its sequence numbers are settled. Returns whether there was anything in it.
   */
  closeInterval(slot: number, isEnd: boolean): boolean {
    const { report } = this;
    const { words } = this.#table;
    const doubles = this.#doubles;
    const fields = this.#table.fieldsOf(slot);
    const record = fields >> 1;
    const nowMicros = this.#clock.micros;
    const dueMicros = doubles[record + StreamDouble.intervalEndMicros]!;
    const beginMicros = dueMicros - this.#intervalMicros;
    const endMicros = isEnd ? Math.min(dueMicros, doubles[record + StreamDouble.lastMicros]!) : dueMicros;
    if (isEnd) settleRest(words, fields);
    else closeSettled(words, fields, (words[fields + StreamField.highestSequence]! - SETTLED_BEHIND) | 0);
    this.#readCounts(slot);
    const isLossy = this.#losses.touch(beginMicros, endMicros);
    this.#settleLoss(fields, isLossy);
    this.#fill(slot);
    report.isSensorLossy = isLossy;
    report.beginMicros = beginMicros;
    report.endMicros = endMicros;
    const counts = this.#counts;
    for (let i = 0; i < ALL_COUNTS; i++) doubles[record + StreamDouble.totals + i]! += counts[i]!;
    for (let i = 0; i < INTERVAL_COUNTS; i++) words[fields + StreamField.counts + i] = 0;
    words[fields + StreamField.received] = 0;
    words[fields + StreamField.bytes] = 0;
    const largest = Math.max(doubles[record + StreamDouble.streamJitterMicros]!, report.maxJitterMicros);
    doubles[record + StreamDouble.streamJitterMicros] = largest;
    nextInterval(doubles, record);
    const lateMicros = Math.max(0, nowMicros - dueMicros);
    const skipped = Math.floor(lateMicros / this.#intervalMicros);
    doubles[record + StreamDouble.intervalEndMicros] = dueMicros + (skipped + 1) * this.#intervalMicros;
    return report.expected + report.duplicate + report.copies > 0;
  }

  /** Of all intervals that were closed. */
  whole(slot: number): void {
    const { report } = this;
    const record = this.#table.fieldsOf(slot) >> 1;
    for (let i = 0; i < ALL_COUNTS; i++) this.#counts[i] = this.#doubles[record + StreamDouble.totals + i]!;
    this.#fill(slot);
    report.maxJitterMicros = this.#doubles[record + StreamDouble.streamJitterMicros]!;
    report.isSensorLossy = report.unknown > 0;
    report.beginMicros = report.firstMicros;
    report.endMicros = report.lastMicros;
  }

  #readCounts(slot: number): void {
    const { words } = this.#table;
    const counts = this.#counts;
    const fields = this.#table.fieldsOf(slot);
    for (let i = 0; i < INTERVAL_COUNTS; i++) counts[i] = words[fields + StreamField.counts + i]!;
    counts[Count.received] = words[fields + StreamField.received]!;
    counts[Count.bytes] = words[fields + StreamField.bytes]!;
  }

  /**
   * Late packets give back the loss of this interval, or else of later ones: what was told before is not taken back. While
   * the sensor lost packets nobody knows whether the network did.
   */
  #settleLoss(fields: number, isLossy: boolean): void {
    const { words } = this.#table;
    const counts = this.#counts;
    const missing = counts[Count.lost]! - words[fields + StreamField.givenBack]!;
    words[fields + StreamField.givenBack] = Math.max(0, -missing);
    counts[Count.lost] = isLossy ? 0 : Math.max(0, missing);
    counts[Count.unknown] = isLossy ? Math.max(0, missing) : 0;
    if (!isLossy) return;
    counts[Count.bursts] = 0;
    counts[Count.burstPackets] = 0;
    counts[Count.burstLosses] = 0;
    counts[Count.gapLosses] = 0;
    counts[Count.lossRuns] = 0;
    counts[Count.settled] = 0;
  }

  #fill(slot: number): void {
    const { report } = this;
    const { words } = this.#table;
    const doubles = this.#doubles;
    const counts = this.#counts;
    const fields = this.#table.fieldsOf(slot);
    const record = fields >> 1;
    report.stream = this.#table.keyLow(slot);
    report.slot = slot;
    report.context = words[fields + StreamField.context]!;
    report.codec = words[fields + StreamField.codec]! as Codec;
    const payloadType = words[fields + StreamField.payloadType]!;
    report.payloadType = payloadType < 0 ? words[fields + StreamField.asidePayloadType]! : payloadType;
    report.ratedCodec = words[fields + StreamField.ratedCodec]!;
    report.joinedBy = words[fields + StreamField.joinedBy]! as JoinedBy;
    report.endpoint = words[fields + StreamField.endpoint]!;
    report.endpointKey = words[fields + StreamField.endpointKey]!;
    report.firstMicros = doubles[record + StreamDouble.firstMicros]!;
    report.lastMicros = doubles[record + StreamDouble.lastMicros]!;
    report.received = counts[Count.received]!;
    report.bytes = counts[Count.bytes]!;
    report.lost = counts[Count.lost]!;
    report.unknown = counts[Count.unknown]!;
    report.expected = report.received + report.lost + report.unknown;
    report.duplicate = counts[Count.duplicate]!;
    report.copies = counts[Count.copies]!;
    report.outOfOrder = counts[Count.outOfOrder]!;
    report.discardedFixed = counts[Count.discardedFixed]!;
    report.discardedAdaptive = counts[Count.discardedAdaptive]!;
    report.restarts = counts[Count.restarts]!;
    report.codecChanges = counts[Count.codecChanges]!;
    report.isSsrcChange = words[fields + StreamField.isSsrcChange] === 1;
    report.jitterMicros = doubles[record + StreamDouble.jitterMicros]!;
    report.maxJitterMicros = doubles[record + StreamDouble.maxJitterMicros]!;
    report.roundTripMicros = words[fields + StreamField.roundTripMicros]!;
    const isHidden = words[fields + StreamField.isEncrypted] === 1 && report.codec === Codec.other;
    report.isSilent = isHidden || report.received <= counts[Count.aside]!;
    const packetMillis =
      (words[fields + StreamField.packetUnits]! * doubles[record + StreamDouble.microsPerUnit]!) / 1000;
    this.#fillBursts(packetMillis);
  }

  #fillBursts(packetMillis: number): void {
    const { report } = this;
    const counts = this.#counts;
    const bursts = counts[Count.bursts]!;
    const burstPackets = counts[Count.burstPackets]!;
    const burstLosses = counts[Count.burstLosses]!;
    const gapLosses = counts[Count.gapLosses]!;
    const settled = counts[Count.settled]!;
    const gapPackets = settled - burstPackets;
    const losses = burstLosses + gapLosses;
    report.burstDensity = bursts === 0 ? 0 : burstLosses / burstPackets;
    report.gapDensity = gapPackets <= 0 ? 0 : gapLosses / gapPackets;
    report.burstMillis = bursts === 0 ? 0 : (burstPackets / bursts) * packetMillis;
    report.gapMillis = (Math.max(0, gapPackets) / Math.max(1, bursts)) * packetMillis;
    // Random loss of a ratio p has runs of 1/(1-p) packets.
    const runs = counts[Count.lossRuns]!;
    report.lossRuns = runs;
    report.burstRatio = runs === 0 ? 1 : Math.max(1, (losses / runs) * (1 - losses / settled));
  }
}
