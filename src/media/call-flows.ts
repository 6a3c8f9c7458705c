// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { Codec, isAsideCodec } from '../rtp/codec.ts';
import type { StreamEvents, StreamReport } from '../rtp/stream-events.ts';
import { CallField, CallFlag, FlowField, flowField } from './call-record.ts';
import { lineOfEndpoint, sendsAtEndpoint } from './endpoint-name.ts';
import type { JoinedAddresses } from './joined-addresses.ts';
import type { JoinedMedia } from './joined-media.ts';
import { Held, type Lines } from './lines.ts';
import { From, type MediaEvents } from './media-events.ts';
import { FixedLimit } from './media-limits.ts';
import type { SeenAddresses } from './seen-addresses.ts';

const MAX_INT32 = 0x7fffffff;

/** Who is told that media of a call flows. */
export interface FlowListener {
  isFlowing(call: number): void;
}

/** Notes in the records of calls what flows of their voice, by what the streams tell. */
export class CallFlows implements StreamEvents {
  readonly #table: KeyedTable;
  readonly #lines: Lines;
  readonly #addresses: JoinedAddresses;
  readonly #limitHits: Float64Array;
  readonly #seen: SeenAddresses;
  readonly #clock: PacketClock;
  readonly #events: MediaEvents;
  readonly #listener: FlowListener;

  constructor(
    table: KeyedTable,
    lines: Lines,
    { addresses, limitHits }: JoinedMedia,
    seen: SeenAddresses,
    clock: PacketClock,
    events: MediaEvents,
    listener: FlowListener,
  ) {
    this.#table = table;
    this.#lines = lines;
    this.#addresses = addresses;
    this.#limitHits = limitHits;
    this.#seen = seen;
    this.#clock = clock;
    this.#events = events;
    this.#listener = listener;
  }

  streamBegan(report: StreamReport): void {
    const line = this.#lineOf(report);
    if (line >= 0) this.#flowed(line, report);
  }

  streamJoined(report: StreamReport): void {
    this.streamBegan(report);
  }

  intervalEnded(report: StreamReport): void {
    const line = this.#lineOf(report);
    if (line >= 0 && report.received > 0) this.#flowed(line, report);
  }

  streamLeft(report: StreamReport): void {
    this.streamEnded(report);
  }

  streamEnded(report: StreamReport): void {
    const line = this.#lineOf(report);
    if (line >= 0 && this.#lines.letGo(line, report.slot, report.stream)) this.#addStreams(line, -1);
  }

  /** Adds the time up to now to what was wanted since the answer; `wanted` are bits `1 << From`. */
  addWanted(call: number, wanted: number): void {
    const table = this.#table;
    const nowMicros = this.#clock.micros;
    const answeredMicros = table.doubles[table.doubleAt(call, CallField.answeredMicros)]!;
    if (answeredMicros === 0) return;
    for (let from: number = From.caller; from <= From.callee; from++) {
      if ((wanted & (1 << from)) === 0) continue;
      const field = flowField(from as From, FlowField.wantedMicros);
      const sinceMicros = Math.max(
        answeredMicros,
        table.doubles[table.doubleAt(call, CallField.countedMicros)]!,
      );
      table.doubles[table.doubleAt(call, field)] =
        table.doubles[table.doubleAt(call, field)]! + Math.max(0, nowMicros - sinceMicros);
    }
    table.doubles[table.doubleAt(call, CallField.countedMicros)] = nowMicros;
  }

  /** The slot of the call a stream is joined to, or -1. */
  callOf(report: StreamReport): number {
    const line = this.#lineOf(report);
    return line < 0 ? -1 : this.#lines.callOf(line);
  }

  #lineOf({ endpoint, endpointKey }: StreamReport): number {
    if (endpoint < 0) return -1;
    const line = lineOfEndpoint(endpoint);
    return this.#lines.wasOnce(line, endpointKey) ? line : -1;
  }

  /** Packets of a stream came since the report's begin, or its first one, up to the last one. */
  #flowed(line: number, report: StreamReport): void {
    const lines = this.#lines;
    const table = this.#table;
    const call = lines.callOf(line);
    const held = lines.hold(line, report.slot, report.stream);
    if (held === Held.now) this.#addStreams(line, 1);
    else if (held === Held.noRoom) this.#limitHits[FixedLimit.lineStreams]!++;
    this.#seen.note(this.#addresses.words, this.#addresses.offsetOf(line));
    this.#listener.isFlowing(call);
    if (!lines.isAudio(lines.ofPayloadType(line, report.payloadType))) return;
    const isFromCaller = lines.isCallers(line) === sendsAtEndpoint(report.endpoint);
    const from = isFromCaller ? From.caller : From.callee;
    const beginMicros = Math.max(report.beginMicros, report.firstMicros);
    const endMicros = report.lastMicros;
    const first = flowField(from, FlowField.firstMicros);
    const firstMicros = table.doubles[table.doubleAt(call, first)]!;
    if (firstMicros === 0 || beginMicros < firstMicros)
      table.doubles[table.doubleAt(call, first)] = beginMicros;
    const last = flowField(from, FlowField.lastMicros);
    if (endMicros > table.doubles[table.doubleAt(call, last)]!)
      table.doubles[table.doubleAt(call, last)] = endMicros;
    this.#flowedSinceAnswer(call, from, report);
    this.#noteCodec(call, from, report, beginMicros, endMicros);
  }

  #addStreams(line: number, change: number): void {
    const call = this.#lines.callOf(line);
    this.#table.setField(call, CallField.streams, this.#table.field(call, CallField.streams) + change);
  }

  #flowedSinceAnswer(call: number, from: From, { firstMicros, beginMicros, lastMicros }: StreamReport): void {
    const table = this.#table;
    const answeredMicros = table.doubles[table.doubleAt(call, CallField.answeredMicros)]!;
    if (answeredMicros === 0 || lastMicros < answeredMicros) return;
    const field = flowField(from, FlowField.answeredMicros);
    const knownMicros = table.doubles[table.doubleAt(call, field)]!;
    const sinceMicros = Math.max(firstMicros, beginMicros, answeredMicros);
    if (knownMicros !== 0 && knownMicros <= sinceMicros) return;
    table.doubles[table.doubleAt(call, field)] = sinceMicros;
    const isMidCall = (table.field(call, CallField.flags) & CallFlag.midCall) !== 0;
    const isWanted = (table.field(call, CallField.wantedAtAnswer) & (1 << from)) !== 0;
    if (knownMicros !== 0 || firstMicros < answeredMicros || isMidCall || !isWanted) return;
    const delayMicros = Math.min(firstMicros - answeredMicros, MAX_INT32) | 0;
    this.#events.mediaDelay(table.keyLow(call), table.field(call, CallField.context), from, delayMicros);
  }

  /** A relay that transcodes sends what came in one codec on in another, at the same time. */
  #noteCodec(call: number, from: From, report: StreamReport, beginMicros: number, endMicros: number): void {
    const { codec } = report;
    if (isAsideCodec(codec) || codec === Codec.other) return;
    const table = this.#table;
    const codecField = flowField(from, FlowField.codec);
    const streamField = flowField(from, FlowField.stream);
    const micros = flowField(from, FlowField.codecMicros);
    const known = table.field(call, codecField);
    const isOther = known !== 0 && known !== codec + 1 && table.field(call, streamField) !== report.stream;
    const knownMicros = table.doubles[table.doubleAt(call, micros)]!;
    if (isOther && beginMicros < knownMicros) {
      const flags = table.field(call, CallField.flags);
      table.setField(call, CallField.flags, flags | (CallFlag.transcoded << from));
    }
    // What was sent last counts, not what was told last: streams of one side tell in any order.
    if (endMicros < knownMicros || (endMicros === knownMicros && codec + 1 < known)) return;
    table.setField(call, codecField, codec + 1);
    table.setField(call, streamField, report.stream);
    table.doubles[table.doubleAt(call, micros)] = endMicros;
  }
}
