// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { Codec } from '../rtp/codec.ts';
import { CallField, CallFlag, FlowField, flowField } from './call-record.ts';
import { Finding, From, type MediaEvents, MediaResult } from './media-events.ts';
import type { MediaLimits } from './media-limits.ts';

/** Packets are on their way, and who hears a BYE needs a moment to fall silent. */
const afterByeMicros = 1_000_000;
/** Both sides may be silent for a while without comfort noise; so long before the BYE they are gone. */
const stoppedMicros = 30_000_000;

/**
 * Judges the media of an answered call that is over, in `slot` of its table, and tells what there is to tell. `isProven`
 * says whether media of one of its addresses was seen in other calls; `isKnown` whether all was that was told of it: else
 * what there was is told, and nothing of what there was not.
 */
export function judge(
  table: KeyedTable,
  slot: number,
  limits: MediaLimits,
  isProven: boolean,
  isKnown: boolean,
  events: MediaEvents,
): void {
  const call = table.keyLow(slot);
  const context = table.field(slot, CallField.context);
  tellFindings(table, slot, limits, isKnown, events);
  tellCodecs(table, slot, events);
  events.mediaJudged(call, context, resultOf(table, slot, limits, isProven, isKnown));
}

function resultOf(
  table: KeyedTable,
  slot: number,
  limits: MediaLimits,
  isProven: boolean,
  isKnown: boolean,
): MediaResult {
  const flags = table.field(slot, CallField.flags);
  const fromCaller = hasFlowed(table, slot, From.caller);
  const fromCallee = hasFlowed(table, slot, From.callee);
  if (fromCaller && fromCallee) return MediaResult.bothWays;
  if ((flags & CallFlag.shared) !== 0) return MediaResult.shared;
  if (!isKnown) return MediaResult.notSeen;
  if ((flags & CallFlag.voice) === 0) return MediaResult.undescribed;
  const wantsCaller = wasWanted(table, slot, From.caller, limits);
  const wantsCallee = wasWanted(table, slot, From.callee, limits);
  if (fromCaller && wantsCallee) return MediaResult.callerOnly;
  if (fromCallee && wantsCaller) return MediaResult.calleeOnly;
  if (!fromCaller && !fromCallee && wantsCaller && wantsCallee) {
    return isProven ? MediaResult.missing : MediaResult.notSeen;
  }
  const lastedMicros =
    table.doubles[table.doubleAt(slot, CallField.endedMicros)]! -
    table.doubles[table.doubleAt(slot, CallField.answeredMicros)]!;
  return lastedMicros < limits.lateMicros ? MediaResult.short : MediaResult.held;
}

function tellFindings(
  table: KeyedTable,
  slot: number,
  limits: MediaLimits,
  isKnown: boolean,
  events: MediaEvents,
): void {
  const call = table.keyLow(slot);
  const context = table.field(slot, CallField.context);
  const flags = table.field(slot, CallField.flags);
  const answeredMicros = table.doubles[table.doubleAt(slot, CallField.answeredMicros)]!;
  const endedMicros = table.doubles[table.doubleAt(slot, CallField.endedMicros)]!;
  const isFromStart = (flags & CallFlag.midCall) === 0;
  const hasBye = (flags & CallFlag.silentEnd) === 0;
  for (let from: From = From.caller; ; from = From.callee) {
    const firstMicros = table.doubles[table.doubleAt(slot, flowField(from, FlowField.firstMicros))]!;
    if (isFromStart && firstMicros !== 0 && firstMicros < answeredMicros) {
      events.mediaFinding(call, context, Finding.early, from);
    }
    if (isFromStart && isKnown && delayOf(table, slot, from) >= limits.lateMicros) {
      events.mediaFinding(call, context, Finding.late, from);
    }
    const lastMicros = table.doubles[table.doubleAt(slot, flowField(from, FlowField.lastMicros))]!;
    if (hasBye && lastMicros > endedMicros + afterByeMicros) {
      events.mediaFinding(call, context, Finding.afterBye, from);
    }
    if ((flags & (CallFlag.transcoded << from)) !== 0) {
      events.mediaFinding(call, context, Finding.transcoded, from);
    }
    if (from === From.callee) break;
  }
  if (hasBye && isKnown && hasStopped(table, slot))
    events.mediaFinding(call, context, Finding.stopped, From.caller);
  if (isFromStart && isKnown && isFalseAnswer(table, slot, limits)) {
    events.mediaFinding(call, context, Finding.falseAnswer, From.callee);
  }
}

/** What both sides want still, and have sent, fell silent long before the BYE. */
function hasStopped(table: KeyedTable, slot: number): boolean {
  if (table.field(slot, CallField.wanted) !== ((1 << From.caller) | (1 << From.callee))) return false;
  if (!hasFlowed(table, slot, From.caller) || !hasFlowed(table, slot, From.callee)) return false;
  const limitMicros = table.doubles[table.doubleAt(slot, CallField.endedMicros)]! - stoppedMicros;
  return (
    table.doubles[table.doubleAt(slot, CallField.wantedSinceMicros)]! <= limitMicros &&
    table.doubles[table.doubleAt(slot, flowField(From.caller, FlowField.lastMicros))]! <= limitMicros &&
    table.doubles[table.doubleAt(slot, flowField(From.callee, FlowField.lastMicros))]! <= limitMicros
  );
}

/**
 * Who answered sends nothing for long though both sides want it, and then does: as where the 2xx is given before anybody has
 * answered. The caller's media in the meantime shows that the sensor sees the call.
 */
function isFalseAnswer(table: KeyedTable, slot: number, limits: MediaLimits): boolean {
  const calleeDelay = delayOf(table, slot, From.callee);
  if (calleeDelay < limits.falseAnswerMicros) return false;
  const callerMicros = table.doubles[table.doubleAt(slot, flowField(From.caller, FlowField.answeredMicros))]!;
  const calleeMicros = table.doubles[table.doubleAt(slot, flowField(From.callee, FlowField.answeredMicros))]!;
  return callerMicros !== 0 && callerMicros < calleeMicros;
}

function tellCodecs(table: KeyedTable, slot: number, events: MediaEvents): void {
  const call = table.keyLow(slot);
  const context = table.field(slot, CallField.context);
  const callerCodec = table.field(slot, flowField(From.caller, FlowField.codec)) - 1;
  const calleeCodec = table.field(slot, flowField(From.callee, FlowField.codec)) - 1;
  if (callerCodec >= 0) events.mediaCodec(call, context, From.caller, callerCodec as Codec);
  if (calleeCodec >= 0) events.mediaCodec(call, context, From.callee, calleeCodec as Codec);
  // Of a relay that transcodes both of its sides show both codecs.
  const flags = table.field(slot, CallField.flags);
  const isTranscoded =
    (flags & ((CallFlag.transcoded << From.caller) | (CallFlag.transcoded << From.callee))) !== 0;
  if (!isTranscoded && callerCodec >= 0 && calleeCodec >= 0 && callerCodec !== calleeCodec) {
    events.mediaFinding(call, context, Finding.asymmetric, From.caller);
  }
}

/** From the answer to the first packet behind it, of media both wanted from the start; -1 without. */
function delayOf(table: KeyedTable, slot: number, from: From): number {
  const wanted = table.field(slot, CallField.wantedAtAnswer) & (1 << from);
  const firstMicros = table.doubles[table.doubleAt(slot, flowField(from, FlowField.answeredMicros))]!;
  if (wanted === 0 || firstMicros === 0) return -1;
  return firstMicros - table.doubles[table.doubleAt(slot, CallField.answeredMicros)]!;
}

function hasFlowed(table: KeyedTable, slot: number, from: From): boolean {
  return table.doubles[table.doubleAt(slot, flowField(from, FlowField.answeredMicros))]! !== 0;
}

function wasWanted(table: KeyedTable, slot: number, from: From, limits: MediaLimits): boolean {
  return table.doubles[table.doubleAt(slot, flowField(from, FlowField.wantedMicros))]! >= limits.lateMicros;
}
