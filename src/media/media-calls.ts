// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import type { CallKey } from '../state/call-key.ts';
import { timerCMicros, timerFMicros } from '../state/timers.ts';
import { Announcer } from './announcer.ts';
import { CallFlows } from './call-flows.ts';
import { CALL_FIELDS, CallField, CallFlag } from './call-record.ts';
import { Endpoints } from './endpoints.ts';
import { JoinedMedia } from './joined-media.ts';
import { type JoinedStreams, Lines } from './lines.ts';
import { LeftOut, MediaCallState, type MediaEvents } from './media-events.ts';
import { MAX_LINES_OF_CALL, type MediaLimits } from './media-limits.ts';
import { SeenAddresses } from './seen-addresses.ts';
import { judge } from './verdict.ts';

/**
 * Where a call stands; also its queue in the table, so the order is the order of eviction.
 *
 *     description        2xx             BYE                10 s
 *     ----------> early -----> answered -----> over -----------------> judged and gone
 *                  | final failure     |  without streams: judged   1 s
 *                  |                   '---------------> silent ------> gone
 *                  '-> failed -- 32 s --> gone
 */
const Queue = { silent: 0, over: 1, failed: 2, early: 3, answered: 4 } as const;

/** Media that comes behind the BYE is waited for. */
const lingerMicros = 10_000_000;
/** Where none flows there is nothing to wait for; a description that is late does not make the call anew. */
const silentMicros = 1_000_000;
/** What is due is done in steps, so that many calls that end together are spread over packets. */
const MAX_STEPS = 64;
const TICK_MICROS = 100_000;

/** What `MediaCalls` is made of. */
export interface MediaParts {
  readonly limits: MediaLimits;
  readonly hash: SeededHash;
  readonly clock: PacketClock;
  /** Where media is to be looked for. */
  readonly ports: PortCounts;
  readonly events: MediaEvents;
}

/**
 * The media of calls: what INVITE dialogs describe by offer and answer (RFC 3264), what flows of it, and what is to be said of
 * both when the call is over. A record is a Call-ID: all hops, forks and dialogs of it.
 */
export class MediaCalls {
  /** Calls, their lines, and endpoints, in the order of `tableNames`. */
  readonly tables: readonly KeyedTable[];
  /** What streams ask where they belong. */
  readonly directory: JoinedMedia;
  /** What streams tell of themselves. */
  readonly flows: CallFlows;

  readonly #table: KeyedTable;
  readonly #lines: Lines;
  readonly #endpoints: Endpoints;
  readonly #seen: SeenAddresses;
  readonly #announcer: Announcer;
  readonly #limits: MediaLimits;
  readonly #clock: PacketClock;
  readonly #events: MediaEvents;
  #streams: JoinedStreams | undefined;
  #nextTickMicros = 0;

  constructor({ limits, hash, clock, ports, events }: MediaParts) {
    const lifetimesMicros = [silentMicros, lingerMicros, timerFMicros, timerCMicros, limits.callMicros];
    this.#table = new KeyedTable(limits.maxCalls, CALL_FIELDS, lifetimesMicros, clock, Queue.early);
    this.#lines = new Lines(limits.maxEndpoints, clock);
    this.#endpoints = new Endpoints(limits.maxEndpoints, limits.maxEndpoints, hash, clock, ports);
    this.#seen = new SeenAddresses(hash, clock);
    this.tables = [this.#table, this.#lines.table, this.#endpoints.table];
    this.flows = new CallFlows(this.#table, this.#lines, this.#seen, clock, events, this);
    this.directory = new JoinedMedia(this.#lines, this.#endpoints);
    this.#announcer = new Announcer(this.#table, this.#lines, this.#endpoints);
    this.#limits = limits;
    this.#clock = clock;
    this.#events = events;
  }

  /** Whether a message without a description is to be given to `signal`. */
  static concerns(message: SipMessage): boolean {
    if (message.isRequest) return message.method === Method.bye;
    const { method, statusCode } = message;
    return (method === Method.invite && statusCode > 100) || (method === Method.update && statusCode >= 300);
  }

  /** Whether a description in a message may be one of offer and answer of an INVITE dialog. */
  static describes({ isRequest, method, statusCode }: SipMessage): boolean {
    if (!isRequest && (statusCode <= 100 || statusCode >= 300)) return false;
    return (
      method === Method.invite || method === Method.ack || method === Method.prack || method === Method.update
    );
  }

  /** Takes a description in a message of which `describes` is true. Then the message is to be given to `signal`. */
  describe(
    key: CallKey,
    message: SipMessage,
    datagram: Datagram,
    description: SessionDescription,
    context: number,
  ): void {
    key.readCall();
    const slot = this.#callOf(key, message, context);
    if (slot < 0) return;
    const table = this.#table;
    if ((table.field(slot, CallField.flags) & CallFlag.over) !== 0) return;
    const { isRequest } = message;
    const tag = isRequest ? key.fromTag : key.toTag;
    const isCaller = this.#isCaller(slot, key, message);
    const transaction = transactionOf(message, isRequest);
    for (let index = 0; index < description.mediaCount; index++) {
      const line = this.#lineOf(slot, tag, index, isCaller);
      if (line < 0) break;
      const media = description.media[index]!;
      const isNext = this.#lines.describe(line, media, transaction);
      this.#events.mediaDescribed(table.keyLow(slot), isCaller, index, media);
      while (!this.#announcer.announce(line, media, datagram.sourceAddress)) {
        if (this.#makeRoom(slot)) continue;
        this.#leftOut(slot, LeftOut.room);
        break;
      }
      if (this.#announcer.leftOut > 0) this.#leftOut(slot, LeftOut.endpoints);
      if (isNext) this.#endpoints.releaseOthers(line, this.#lines.roundOf(line));
    }
    if ((table.field(slot, CallField.flags) & CallFlag.answered) !== 0) {
      table.move(slot, Queue.answered);
      this.#wantAnew(slot);
    } else table.move(slot, Queue.early);
  }

  /** Takes a message of which `concerns` is true: what it means for the call's media. */
  signal(key: CallKey, message: SipMessage): void {
    key.readCall();
    const table = this.#table;
    const slot = table.find(key.callLow, key.callHigh);
    if (slot < 0) return;
    const flags = table.field(slot, CallField.flags);
    if ((flags & CallFlag.over) !== 0) return;
    if (message.isRequest) this.#bye(slot, key);
    else if (message.statusCode >= 300) this.#failure(slot, key, message);
    else if ((flags & CallFlag.answered) === 0) {
      if (message.statusCode >= 200) this.#answer(slot, key);
      else table.move(slot, Queue.early);
    }
  }

  /** Judges and forgets what is due; to be called whenever the clock was set. */
  advance(): void {
    const nowMicros = this.#clock.micros;
    if (nowMicros < this.#nextTickMicros) return;
    let steps = 0;
    while (steps < MAX_STEPS && this.#expire()) steps++;
    if (steps < MAX_STEPS) this.#nextTickMicros = nowMicros + TICK_MICROS;
  }

  /** At the end of a capture: calls that are over are judged; what is open stays open. */
  finish(): void {
    while (this.#expire());
    for (const queue of [Queue.silent, Queue.over]) {
      for (let slot = this.#table.oldest(queue); slot >= 0; slot = this.#table.oldest(queue)) {
        this.#conclude(slot, queue);
      }
    }
  }

  /** The streams that are joined by `directory`, once they are there: where calls end, theirs do. */
  attach(streams: JoinedStreams): void {
    this.#streams = streams;
    this.#announcer.streams = streams;
  }

  /** Media of a call flows: an answered one lives on. */
  isFlowing(slot: number): void {
    if (this.#table.queueOf(slot) === Queue.answered) this.#table.move(slot, Queue.answered);
  }

  /** The record of the message's call, made if there is none; -1 where it is not to be had. */
  #callOf(key: CallKey, message: SipMessage, context: number): number {
    const table = this.#table;
    let slot = table.find(key.callLow, key.callHigh);
    if (slot >= 0) return slot;
    if (table.size === table.limit) this.#evict(table.victim());
    slot = table.insert(key.callLow, key.callHigh, Queue.early);
    if (slot < 0) return -1;
    table.clearFields(slot);
    table.setField(slot, CallField.context, context);
    table.setField(slot, CallField.callerTag, key.fromTag);
    // The beginning was seen if this is an INVITE without To tag, or any description it was answered with.
    const isInDialog = message.isRequest && message.toTagLength !== 0;
    if (isInDialog) table.setField(slot, CallField.flags, CallFlag.midCall);
    this.#events.mediaCallsChanged(context, MediaCallState.early, 1);
    this.#events.mediaCallBegan(table.keyLow(slot), context);
    return slot;
  }

  /**
   * Whether the writer of a description is on the caller's side: who sends a first INVITE; else what was found of its tag
   * before; else who is not on the side of the other tag.
   */
  #isCaller(slot: number, key: CallKey, message: SipMessage): boolean {
    if (message.isRequest && message.method === Method.invite && message.toTagLength === 0) return true;
    const writer = message.isRequest ? key.fromTag : key.toTag;
    const reader = message.isRequest ? key.toTag : key.fromTag;
    const lines = this.#lines;
    const first = this.#table.field(slot, CallField.firstLine);
    const ofWriter = lines.find(first, writer, 0);
    if (ofWriter >= 0) return lines.isCallers(ofWriter);
    const ofReader = lines.find(first, reader, 0);
    if (ofReader >= 0) return !lines.isCallers(ofReader);
    return writer === this.#table.field(slot, CallField.callerTag);
  }

  /** The line a party with a tag wrote at a place of its description, made if there is none; -1 where it is left out. */
  #lineOf(slot: number, tag: number, index: number, isCaller: boolean): number {
    const lines = this.#lines;
    const table = this.#table;
    const known = lines.find(table.field(slot, CallField.firstLine), tag, index);
    if (known >= 0) return known;
    const count = table.field(slot, CallField.lineCount);
    if (count === MAX_LINES_OF_CALL) {
      this.#leftOut(slot, LeftOut.lines);
      return -1;
    }
    while (lines.table.size === lines.table.limit) {
      if (this.#makeRoom(slot)) continue;
      this.#leftOut(slot, LeftOut.room);
      return -1;
    }
    const next = table.field(slot, CallField.firstLine);
    const line = lines.add(slot, tag, index, isCaller, next);
    table.setField(slot, CallField.firstLine, line + 1);
    table.setField(slot, CallField.lineCount, count + 1);
    return line;
  }

  #leftOut(slot: number, reason: LeftOut): void {
    this.#events.descriptionLeftOut(this.#table.field(slot, CallField.context), reason);
  }

  #answer(slot: number, key: CallKey): void {
    const table = this.#table;
    const context = table.field(slot, CallField.context);
    table.setField(slot, CallField.flags, table.field(slot, CallField.flags) | CallFlag.answered);
    table.setField(slot, CallField.calleeTag, key.toTag);
    table.doubles[table.doubleAt(slot, CallField.answeredMicros)] = this.#clock.micros;
    this.#events.mediaCallsChanged(context, MediaCallState.early, -1);
    this.#events.mediaCallsChanged(context, MediaCallState.answered, 1);
    table.move(slot, Queue.answered);
    this.#wantAnew(slot);
  }

  /** Adds up how long media was wanted, and sees what of it both sides want now. */
  #wantAnew(slot: number): void {
    const table = this.#table;
    const before = table.field(slot, CallField.wanted);
    this.flows.addWanted(slot, before);
    const caller = table.field(slot, CallField.callerTag);
    const callee = table.field(slot, CallField.calleeTag);
    const lines = this.#lines;
    let wanted = 0;
    let hasVoice = false;
    const first = table.field(slot, CallField.firstLine);
    for (let line = first; line !== 0; line = lines.nextOf(line - 1)) {
      if (lines.tagOf(line - 1) !== caller || !lines.isAudio(line - 1)) continue;
      const callees = lines.find(first, callee, lines.indexOf(line - 1));
      if (callees < 0 || callees === line - 1 || !lines.isAudio(callees)) continue;
      if (lines.sends(line - 1) && lines.receives(callees)) wanted |= 1;
      if (lines.sends(callees) && lines.receives(line - 1)) wanted |= 2;
      hasVoice = true;
    }
    const flags = table.field(slot, CallField.flags);
    if (hasVoice && (flags & CallFlag.voice) === 0) {
      // Where the ACK brings the answer, that is when both are known.
      table.setField(slot, CallField.flags, flags | CallFlag.voice);
      table.setField(slot, CallField.wantedAtAnswer, wanted);
    }
    if (wanted !== before)
      table.doubles[table.doubleAt(slot, CallField.wantedSinceMicros)] = this.#clock.micros;
    table.setField(slot, CallField.wanted, wanted);
  }

  /** A BYE of the dialog that was answered first; of others, as a fork may have, it says nothing of the call. */
  #bye(slot: number, key: CallKey): void {
    const table = this.#table;
    const callee = table.field(slot, CallField.calleeTag);
    const isAnswered = (table.field(slot, CallField.flags) & CallFlag.answered) !== 0;
    if (isAnswered && key.fromTag !== callee && key.toTag !== callee) return;
    this.#end(slot, table.field(slot, CallField.flags));
  }

  #end(slot: number, flags: number): void {
    const table = this.#table;
    const context = table.field(slot, CallField.context);
    this.flows.addWanted(slot, table.field(slot, CallField.wanted));
    table.doubles[table.doubleAt(slot, CallField.endedMicros)] = this.#clock.micros;
    table.setField(slot, CallField.flags, flags | CallFlag.over);
    const isAnswered = (flags & CallFlag.answered) !== 0;
    this.#events.mediaCallsChanged(context, isAnswered ? MediaCallState.answered : MediaCallState.early, -1);
    this.#events.mediaCallsChanged(context, MediaCallState.over, 1);
    if (table.field(slot, CallField.streams) > 0) {
      table.move(slot, Queue.over);
      return;
    }
    this.#judge(slot);
    this.#forgetLines(slot);
    table.move(slot, Queue.silent);
  }

  /** A refused offer leaves things as they were (RFC 3264 §8); a first INVITE that failed may be tried again. */
  #failure(slot: number, key: CallKey, message: SipMessage): void {
    const table = this.#table;
    if ((table.field(slot, CallField.flags) & CallFlag.answered) === 0) {
      if (message.method === Method.invite) table.move(slot, Queue.failed);
      return;
    }
    const transaction = transactionOf(message, true);
    let isRestored = false;
    for (let line = table.field(slot, CallField.firstLine); line !== 0; line = this.#lines.nextOf(line - 1)) {
      if (this.#lines.tagOf(line - 1) !== key.fromTag || !this.#lines.refuse(line - 1, transaction)) continue;
      this.#endpoints.restore(line - 1, this.#lines.roundOf(line - 1));
      isRestored = true;
    }
    if (isRestored) this.#wantAnew(slot);
  }

  /** One step of expiry. Returns whether there was one. */
  #expire(): boolean {
    const table = this.#table;
    for (let queue: number = Queue.silent; queue <= Queue.answered; queue++) {
      const slot = table.due(queue);
      if (slot < 0) continue;
      if (queue === Queue.answered) this.#giveUp(slot);
      else this.#conclude(slot, queue);
      return true;
    }
    const endpoint = this.#endpoints.due();
    if (endpoint < 0) return false;
    this.#removeEndpoint(endpoint);
    return true;
  }

  /** Nothing was heard of an answered call for long. */
  #giveUp(slot: number): void {
    const flags = this.#table.field(slot, CallField.flags);
    this.#end(slot, flags | CallFlag.silentEnd);
    this.#conclude(slot, this.#table.queueOf(slot));
  }

  /** Judges a call that was answered, if it was not yet, and forgets it. */
  #conclude(slot: number, queue: number): void {
    if (queue !== Queue.silent) this.#judge(slot);
    this.#forget(slot);
    this.#table.remove(slot);
  }

  /** Ends the streams of a call, which tell what they have not told yet, and says what came of its media. */
  #judge(slot: number): void {
    const table = this.#table;
    const streams = this.#streams;
    for (let line = table.field(slot, CallField.firstLine); line !== 0; line = this.#lines.nextOf(line - 1)) {
      if (streams !== undefined) this.#lines.endStreams(line - 1, streams);
    }
    const isAnswered = (table.field(slot, CallField.flags) & CallFlag.answered) !== 0;
    if (!isAnswered || !this.#limits.isJudging) return;
    judge(table, slot, this.#limits, this.#isProven(slot), this.#events);
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

  /** Gives up a call so that another one, or its endpoints, find room; false when there is none but the call itself. */
  #makeRoom(slot: number): boolean {
    // The one that asks is put aside: it is the youngest of its queue then.
    this.#table.move(slot, this.#table.queueOf(slot));
    const victim = this.#table.victim();
    if (victim < 0 || victim === slot) return false;
    this.#evict(victim);
    return true;
  }

  #evict(slot: number): void {
    const queue = this.#table.queueOf(slot);
    const isOver = queue <= Queue.over;
    if (queue === Queue.over) this.#judge(slot);
    this.#forget(slot);
    this.#table.evict(slot, isOver);
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

/** Tells the transactions of one party's descriptions apart; never 0. `isOffer` says that the writer sent the request. */
function transactionOf(message: SipMessage, isOffer: boolean): number {
  return (message.cseqNumber << 2) | (isOffer ? 1 : 3) | 0;
}
