// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Flows } from './flows.ts';
import { Refusal } from './refusal.ts';
import type { StreamEvents } from './stream-events.ts';
import { Phase, packetsIn, StreamDouble, StreamField } from './stream-record.ts';
import type { StreamReports } from './stream-reports.ts';

/** What `StreamEndings` is made of. */
export interface StreamEndingsParts {
  readonly table: KeyedTable;
  readonly flows: Flows;
  readonly clock: PacketClock;
  readonly reports: StreamReports;
  readonly events: StreamEvents;
  /** Counts by `Refusal`. */
  readonly refused: Float64Array;
  /** A stream ends when nothing came for this long. */
  readonly idleMicros: number;
}

/** How streams end: with BYE or their call, because nothing comes any more, or because others need the room. */
export class StreamEndings {
  /** Streams given up because the table was full, by `Phase`. */
  readonly evicted: Float64Array = new Float64Array(Phase.signalled + 1);

  readonly #table: KeyedTable;
  readonly #flows: Flows;
  readonly #clock: PacketClock;
  readonly #reports: StreamReports;
  readonly #events: StreamEvents;
  readonly #refused: Float64Array;
  readonly #idleMicros: number;

  constructor({ table, flows, clock, reports, events, refused, idleMicros }: StreamEndingsParts) {
    this.#table = table;
    this.#flows = flows;
    this.#clock = clock;
    this.#reports = reports;
    this.#events = events;
    this.#refused = refused;
    this.#idleMicros = idleMicros;
  }

  /** Ends the interval that is open. */
  closeInterval(slot: number): void {
    if (this.#reports.closeInterval(slot, false)) this.#events.intervalEnded(this.#reports.report);
  }

  /** Ends a stream; it is forgotten, or remembered for a while. */
  end(slot: number, isForgotten: boolean): void {
    const table = this.#table;
    const { words } = table;
    const fields = table.fieldsOf(slot);
    this.#flows.end(words[fields + StreamField.flow]!, words[fields + StreamField.flowKey]!);
    if (words[fields + StreamField.badSequence]! >= 0) this.#refused[Refusal.sequenceJump]!++;
    if (this.#reports.closeInterval(slot, true)) this.#events.intervalEnded(this.#reports.report);
    this.#reports.whole(slot);
    words[fields + StreamField.phase] = Phase.ended;
    if (isForgotten) table.remove(slot);
    else table.move(slot, Phase.ended);
    this.#events.streamEnded(this.#reports.report);
  }

  /** Makes room by giving up what is of `most`, a phase, or goes before. */
  makeRoom(most: Phase): boolean {
    const table = this.#table;
    if (table.size < table.limit) return true;
    const victim = table.victim();
    const phase = table.queueOf(victim) as Phase;
    if (phase > most) return false;
    this.evicted[phase]!++;
    if (phase === Phase.ended) table.evictedFinished++;
    else table.evictedOpen++;
    if (phase === Phase.ended) table.remove(victim);
    else if (phase < Phase.unsignalled) this.#drop(victim);
    else this.end(victim, true);
    return true;
  }

  /** One step of what is due. Returns whether there was one. */
  expire(): boolean {
    const table = this.#table;
    if (table.removeDue(Phase.ended) > 0 || this.#flows.expire()) return true;
    let dropped = table.due(Phase.probation);
    if (dropped < 0) dropped = table.due(Phase.expected);
    if (dropped >= 0) {
      this.#drop(dropped);
      return true;
    }
    let slot = table.due(Phase.unsignalled);
    if (slot < 0) slot = table.due(Phase.signalled);
    if (slot < 0) return false;
    this.#settle(slot);
    return true;
  }

  /** Every stream ends. */
  finish(): void {
    const table = this.#table;
    for (const phase of [Phase.unsignalled, Phase.signalled]) {
      for (let slot = table.oldest(phase); slot >= 0; slot = table.oldest(phase)) this.end(slot, true);
    }
    for (const phase of [Phase.probation, Phase.expected]) {
      for (let slot = table.oldest(phase); slot >= 0; slot = table.oldest(phase)) this.#drop(slot);
    }
  }

  /** A stream has not been looked at for the length of an interval. */
  #settle(slot: number): void {
    const record = this.#table.fieldsOf(slot) >> 1;
    const nowMicros = this.#clock.micros;
    if (nowMicros - this.#table.doubles[record + StreamDouble.lastMicros]! >= this.#idleMicros) {
      this.end(slot, true);
      return;
    }
    if (nowMicros >= this.#table.doubles[record + StreamDouble.intervalEndMicros]!) this.closeInterval(slot);
    this.#table.move(slot, this.#table.queueOf(slot));
  }

  /** Forgets a record in probation. */
  #drop(slot: number): void {
    this.#refused[Refusal.probation]! += packetsIn(this.#table.words, this.#table.fieldsOf(slot));
    this.#table.remove(slot);
  }
}
