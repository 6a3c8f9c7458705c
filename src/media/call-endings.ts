// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { timerCMicros } from '../state/timers.ts';
import type { CallFlows } from './call-flows.ts';
import { CallField, CallFlag, CallQueue } from './call-record.ts';
import type { Endpoints } from './endpoints.ts';
import type { JoinedStreams } from './joined-streams.ts';
import type { Lines } from './lines.ts';
import { MediaCallState, type MediaEvents } from './media-events.ts';
import type { MediaLimits } from './media-limits.ts';
import type { SeenAddresses } from './seen-addresses.ts';
import { judge } from './verdict.ts';

/** What `CallEndings` is made of. */
export interface CallEndingsParts {
  /** The records of calls. */
  readonly table: KeyedTable;
  readonly lines: Lines;
  readonly endpoints: Endpoints;
  readonly flows: CallFlows;
  readonly seen: SeenAddresses;
  readonly limits: MediaLimits;
  readonly clock: PacketClock;
  readonly events: MediaEvents;
  /** Other threads have streams of calls: what they tell takes its time. */
  readonly hasFarStreams: boolean;
}

/** How the media of calls ends: over with BYE or in silence, then judged, then forgotten with all that belongs to the call. */
export class CallEndings {
  /** The streams that are joined to calls, once they are there. */
  streams: JoinedStreams | undefined;

  readonly #table: KeyedTable;
  readonly #lines: Lines;
  readonly #endpoints: Endpoints;
  readonly #flows: CallFlows;
  readonly #seen: SeenAddresses;
  readonly #limits: MediaLimits;
  readonly #clock: PacketClock;
  readonly #events: MediaEvents;
  readonly #hasFarStreams: boolean;
  /** When something was lost last of what is told of calls; one value. */
  readonly #lostMicros = Float64Array.of(Number.NEGATIVE_INFINITY);

  constructor(parts: CallEndingsParts) {
    this.#table = parts.table;
    this.#lines = parts.lines;
    this.#endpoints = parts.endpoints;
    this.#flows = parts.flows;
    this.#seen = parts.seen;
    this.#limits = parts.limits;
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#hasFarStreams = parts.hasFarStreams;
  }

  /** Something was lost of what other threads tell: of calls there are nobody says what they did not have. */
  knowledgeLost(): void {
    this.#lostMicros[0] = this.#clock.micros;
  }

  /** The call is over; `flags` are its own. Streams that are joined to it may go on for a while. */
  end(slot: number, flags: number): void {
    const table = this.#table;
    const context = table.field(slot, CallField.context);
    this.#flows.addWanted(slot, table.field(slot, CallField.wanted));
    table.doubles[table.doubleAt(slot, CallField.endedMicros)] = this.#clock.micros;
    table.setField(slot, CallField.flags, flags | CallFlag.over);
    const isAnswered = (flags & CallFlag.answered) !== 0;
    this.#events.mediaCallsChanged(context, isAnswered ? MediaCallState.answered : MediaCallState.early, -1);
    this.#events.mediaCallsChanged(context, MediaCallState.over, 1);
    if (table.field(slot, CallField.streams) > 0) {
      table.move(slot, CallQueue.over);
      return;
    }
    if (this.#hasFarStreams) {
      table.move(slot, CallQueue.settling);
      return;
    }
    this.#judge(slot);
    this.#forgetLines(slot);
    table.move(slot, CallQueue.silent);
  }

  /** Gives up a call so that another one, or its endpoints, find room; false when there is none but the call itself. */
  makeRoom(slot: number): boolean {
    // The one that asks is put aside: it is the youngest of its queue then.
    this.#table.move(slot, this.#table.queueOf(slot));
    const victim = this.#table.victim();
    if (victim < 0 || victim === slot) return false;
    this.evict(victim);
    return true;
  }

  /** Gives up a call because its table is full. */
  evict(slot: number): void {
    const queue = this.#table.queueOf(slot);
    const isOver = queue <= CallQueue.over;
    if (queue === CallQueue.over || queue === CallQueue.settling) this.#judge(slot);
    this.#forget(slot);
    this.#table.evict(slot, isOver);
  }

  /** One step of expiry. Returns whether there was one. */
  expire(): boolean {
    const table = this.#table;
    for (let queue: number = CallQueue.silent; queue <= CallQueue.answered; queue++) {
      const slot = table.due(queue);
      if (slot < 0) continue;
      if (queue === CallQueue.answered) this.#giveUp(slot);
      else if (queue === CallQueue.over && this.#hasFarStreams) this.#settle(slot);
      else this.#conclude(slot, queue);
      return true;
    }
    const endpoint = this.#endpoints.due();
    if (endpoint < 0) return false;
    this.#removeEndpoint(endpoint);
    return true;
  }

  /** Judges the calls that are over. */
  finish(): void {
    while (this.expire());
    for (const queue of [CallQueue.silent, CallQueue.settling, CallQueue.over]) {
      for (let slot = this.#table.oldest(queue); slot >= 0; slot = this.#table.oldest(queue)) {
        this.#conclude(slot, queue);
      }
    }
  }

  /** Nothing was heard of an answered call for long. */
  #giveUp(slot: number): void {
    const flags = this.#table.field(slot, CallField.flags);
    this.end(slot, flags | CallFlag.silentEnd);
    if (this.#hasFarStreams) this.#settle(slot);
    else this.#conclude(slot, this.#table.queueOf(slot));
  }

  /** Ends the streams of a call and waits for what they tell. */
  #settle(slot: number): void {
    this.#endStreams(slot);
    this.#table.move(slot, CallQueue.settling);
  }

  /** Judges a call that was answered, if it was not yet, and forgets it. */
  #conclude(slot: number, queue: number): void {
    if (queue !== CallQueue.silent) this.#judge(slot);
    this.#forget(slot);
    this.#table.remove(slot);
  }

  /** Ends the streams of a call, which tell what they have not told yet, and says what came of its media. */
  #judge(slot: number): void {
    const table = this.#table;
    this.#endStreams(slot);
    if ((table.field(slot, CallField.flags) & CallFlag.answered) === 0) return;
    const isKnown =
      this.#lostMicros[0]! < table.doubles[table.doubleAt(slot, CallField.answeredMicros)]! - timerCMicros;
    judge(table, slot, this.#limits, this.#isProven(slot), isKnown, this.#events);
  }

  #endStreams(slot: number): void {
    const { streams } = this;
    if (streams === undefined) return;
    const lines = this.#lines;
    for (let line = this.#table.field(slot, CallField.firstLine); line !== 0; line = lines.nextOf(line - 1)) {
      lines.endStreams(line - 1, streams);
    }
  }

  /** Whether the sensor has seen media of an address of the call, of whatever call. */
  #isProven(slot: number): boolean {
    const table = this.#table;
    const sinceMicros = this.#clock.micros - this.#limits.proofMicros;
    if (!this.#seen.hasAny(sinceMicros)) return false;
    for (let line = table.field(slot, CallField.firstLine); line !== 0; line = this.#lines.nextOf(line - 1)) {
      if (this.#endpoints.isSeenAt(line - 1, this.#seen, sinceMicros)) return true;
    }
    return false;
  }

  /** Removes all that belongs to a call, before its record. */
  #forget(slot: number): void {
    const table = this.#table;
    this.#forgetLines(slot);
    const flags = table.field(slot, CallField.flags);
    let state: MediaCallState = MediaCallState.early;
    if ((flags & CallFlag.over) !== 0) state = MediaCallState.over;
    else if ((flags & CallFlag.answered) !== 0) state = MediaCallState.answered;
    this.#events.mediaCallsChanged(table.field(slot, CallField.context), state, -1);
  }

  #forgetLines(slot: number): void {
    const table = this.#table;
    const lines = this.#lines;
    for (let line = table.field(slot, CallField.firstLine); line !== 0; ) {
      const next = lines.nextOf(line - 1);
      this.#endpoints.removeOfLine(line - 1);
      lines.table.remove(line - 1);
      line = next;
    }
    table.setField(slot, CallField.firstLine, 0);
  }

  #removeEndpoint(endpoint: number): void {
    const call = this.#lines.callOf(this.#endpoints.lineOf(endpoint));
    const count = this.#table.field(call, CallField.endpointCount);
    this.#table.setField(call, CallField.endpointCount, count - 1);
    this.#endpoints.remove(endpoint);
  }
}
