// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import { SharedVersion } from '../base/shared-version.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import type { CallKey } from '../state/call-key.ts';
import { timerCMicros, timerFMicros } from '../state/timers.ts';
import { Announcer } from './announcer.ts';
import { CallEndings } from './call-endings.ts';
import { CallFlows } from './call-flows.ts';
import type { CallIds } from './call-ids.ts';
import { CALL_FIELDS, CallField, CallFlag, CallQueue } from './call-record.ts';
import { Endpoints } from './endpoints.ts';
import { JoinedMedia } from './joined-media.ts';
import type { JoinedStreams } from './joined-streams.ts';
import { Lines } from './lines.ts';
import { LeftOut, MediaCallState, type MediaEvents } from './media-events.ts';
import { MAX_LINES_OF_CALL, type MediaLimits } from './media-limits.ts';
import { hashOf, type MediaMemory } from './media-memory.ts';
import { SeenAddresses } from './seen-addresses.ts';

/** Media that comes behind the BYE is waited for. */
const LINGER_MICROS = 10_000_000;
/** Where none flows there is nothing to wait for; a description that is late does not make the call anew. */
const SILENT_MICROS = 1_000_000;
/** Where other threads have streams: what they have told by then is there, unless it is counted as lost. */
const SETTLING_MICROS = 1_000_000;

/** What `MediaCalls` is made of. */
export interface MediaParts {
  readonly limits: MediaLimits;
  readonly hash: SeededHash;
  readonly clock: PacketClock;
  /** Where media is to be looked for. */
  readonly ports: PortCounts;
  readonly events: MediaEvents;
  /** Told which call a record is of, where that is wanted. */
  readonly callIds?: CallIds;
  /** Where other threads have streams of the calls: they look there; made for `limits.maxEndpoints`. */
  readonly memory?: MediaMemory;
}

/**
 * The media of calls: what INVITE dialogs describe by offer and answer (RFC 3264), what flows of it, and what is to be said of
 * both when the call is over. A record is a Call-ID: all hops, forks and dialogs of it.
 */
export class MediaCalls implements Expiring {
  /** Calls, their lines, and endpoints, in the order of `tableNames`. */
  readonly tables: readonly KeyedTable[];
  /** What streams ask where they belong. */
  readonly directory: JoinedMedia;
  /** What streams tell of themselves. */
  readonly flows: CallFlows;

  readonly #table: KeyedTable;
  readonly #lines: Lines;
  readonly #endpoints: Endpoints;
  readonly #announcer: Announcer;
  readonly #endings: CallEndings;
  readonly #clock: PacketClock;
  readonly #events: MediaEvents;
  /** Of what other threads read. */
  readonly #version: SharedVersion | undefined;
  readonly #callIds: CallIds | undefined;

  constructor({ limits, hash, clock, ports, events, callIds, memory }: MediaParts) {
    const lifetimesMicros: number[] = [];
    lifetimesMicros[CallQueue.silent] = SILENT_MICROS;
    lifetimesMicros[CallQueue.settling] = SETTLING_MICROS;
    lifetimesMicros[CallQueue.over] = LINGER_MICROS;
    lifetimesMicros[CallQueue.failed] = timerFMicros;
    lifetimesMicros[CallQueue.early] = timerCMicros;
    lifetimesMicros[CallQueue.answered] = limits.callMicros;
    const { maxEndpoints } = limits;
    this.#table = new KeyedTable(limits.maxCalls, CALL_FIELDS, lifetimesMicros, clock, CallQueue.early);
    this.#lines = new Lines(maxEndpoints, clock, memory?.lines);
    const endpointHash = memory === undefined ? hash : hashOf(memory);
    this.#endpoints = new Endpoints(
      maxEndpoints,
      maxEndpoints,
      endpointHash,
      clock,
      ports,
      memory?.endpoints,
    );
    this.#version = memory && new SharedVersion(memory.version);
    this.tables = [this.#table, this.#lines.table, this.#endpoints.table];
    this.directory = new JoinedMedia(this.#lines, this.#endpoints);
    const seen = new SeenAddresses(hash, clock, limits.proofMicros, this.directory.limitHits);
    this.flows = new CallFlows(this.#table, this.#lines, this.directory, seen, clock, events, this);
    this.#announcer = new Announcer(this.#table, this.#lines, this.#endpoints);
    this.#endings = new CallEndings({
      table: this.#table,
      lines: this.#lines,
      endpoints: this.#endpoints,
      flows: this.flows,
      seen,
      limits,
      clock,
      events,
      hasFarStreams: memory !== undefined,
    });
    this.#clock = clock;
    this.#events = events;
    this.#callIds = callIds;
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
    this.#version?.begin();
    this.#describe(key, message, datagram, description, context);
    this.#version?.end();
    this.#version?.renew();
  }

  /** Takes a message of which `concerns` is true: what it means for the call's media. */
  signal(key: CallKey, message: SipMessage): void {
    this.#version?.begin();
    this.#signal(key, message);
    this.#version?.end();
  }

  /** When the first of all calls and endpoints is due. */
  noteDue(earliestMicros: Float64Array): void {
    for (let index = 0; index < this.tables.length; index++) this.tables[index]!.noteDue(earliestMicros);
  }

  /** One step of expiry: judges and forgets. */
  expire(): boolean {
    this.#version?.begin();
    const isExpired = this.#endings.expire();
    this.#version?.end();
    return isExpired;
  }

  /** At the end of a capture: calls that are over are judged; what is open stays open. */
  finish(): void {
    this.#endings.finish();
  }

  /** The streams that are joined by `directory`, once they are there: where calls end, theirs do. */
  attach(streams: JoinedStreams): void {
    this.#endings.streams = streams;
    this.#announcer.streams = streams;
  }

  /** Media of a call flows: an answered one lives on. */
  isFlowing(slot: number): void {
    if (this.#table.queueOf(slot) === CallQueue.answered) this.#table.move(slot, CallQueue.answered);
  }

  /** Something was lost of what other threads tell: no call there is now is said to lack anything. */
  knowledgeLost(): void {
    this.#endings.knowledgeLost();
  }

  #describe(
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
      if (media.bundle !== 0 && !media.isOff) this.#bundle(slot, tag, line, index, description);
      this.#events.mediaDescribed(table.keyLow(slot), isCaller, index, media);
      while (!this.#announcer.announce(line, media, datagram.sourceAddress)) {
        if (this.#endings.makeRoom(slot)) continue;
        this.#leftOut(slot, LeftOut.room);
        break;
      }
      if (this.#announcer.leftOut > 0) this.#leftOut(slot, LeftOut.endpoints);
      if (isNext) this.#endpoints.releaseOthers(line, this.#lines.roundOf(line));
    }
    if ((table.field(slot, CallField.flags) & CallFlag.answered) !== 0) {
      table.move(slot, CallQueue.answered);
      this.#wantAnew(slot);
    } else table.move(slot, CallQueue.early);
  }

  /** A line of a bundle shares the address of the first line that is in it (RFC 9143 §7). */
  #bundle(slot: number, tag: number, line: number, index: number, { media }: SessionDescription): void {
    const { bundle } = media[index]!;
    for (let first = 0; first < index; first++) {
      if (media[first]!.bundle !== bundle || media[first]!.isOff) continue;
      const carrier = this.#lines.find(this.#table.field(slot, CallField.firstLine), tag, first);
      if (carrier >= 0) this.#lines.share(line, carrier);
      return;
    }
  }

  #signal(key: CallKey, message: SipMessage): void {
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
      else table.move(slot, CallQueue.early);
    }
  }

  /** The record of the message's call, made if there is none; -1 where it is not to be had. */
  #callOf(key: CallKey, message: SipMessage, context: number): number {
    const table = this.#table;
    let slot = table.find(key.callLow, key.callHigh);
    if (slot >= 0) return slot;
    if (table.size === table.limit) this.#endings.evict(table.victim());
    slot = table.insert(key.callLow, key.callHigh, CallQueue.early);
    if (slot < 0) return -1;
    table.clearFields(slot);
    this.#callIds?.note(slot, message);
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
      if (this.#endings.makeRoom(slot)) continue;
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
    table.move(slot, CallQueue.answered);
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
    this.#endings.end(slot, table.field(slot, CallField.flags));
  }

  /** A refused offer leaves things as they were (RFC 3264 §8); a first INVITE that failed may be tried again. */
  #failure(slot: number, key: CallKey, message: SipMessage): void {
    const table = this.#table;
    if ((table.field(slot, CallField.flags) & CallFlag.answered) === 0) {
      if (message.method === Method.invite) table.move(slot, CallQueue.failed);
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
}

/** Tells the transactions of one party's descriptions apart; never 0. `isOffer` says that the writer sent the request. */
function transactionOf(message: SipMessage, isOffer: boolean): number {
  return (message.cseqNumber << 2) | (isOffer ? 1 : 3) | 0;
}
