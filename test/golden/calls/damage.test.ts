// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from '../../support/random.ts';
import { callCases } from './cases.ts';
import { add, differences, type Figures } from './figures.ts';
import { brokenInvariants } from './invariants.ts';
import { replayFigures } from './monitor.ts';
import { type CapturedFrame, mirrored, play } from './scenario.ts';

const captures = callCases.map((callCase) => ({ callCase, frames: play(callCase) }));

/** What a lost packet must not change where the same message comes again. */
const resultFamilies = new Set([
  'sip_session_attempts_total',
  'sip_session_attempt_results_total',
  'sip_session_attempt_codes_total',
  'sip_invite_requests_by_final_code_total',
  'sip_dialogs',
  'sip_sessions_ended_total',
  'sip_unknown_dialog_messages_total',
  'sip_reason_total',
  'sip_registration_attempts_total',
  'sip_registration_results_total',
  'sip_registrations',
]);

function resultsOf(figures: Figures): Figures {
  return new Map([...figures].filter(([key]) => resultFamilies.has(key.split(' ')[0]!)));
}

/** Here the copy comes after the BYE: that a session had begun before is nowhere else to be seen. */
const copyIsTooLate = new Set(['bye-late-200']);

for (const { callCase, frames } of captures) {
  test(`${callCase.name}: any one frame may be lost`, () => {
    const whole = resultsOf(replayFigures(frames));
    for (const [i, lost] of frames.entries()) {
      const rest = frames.filter((_, j) => j !== i);
      assert.deepEqual(brokenInvariants(rest), [], `without ${lost.line}`);
      if (frames.some(({ firstCopy }) => firstCopy === i) && !copyIsTooLate.has(callCase.name)) {
        const results = resultsOf(replayFigures(rest));
        assert.deepEqual(differences(results, whole), [], `without the first ${lost.line}`);
      }
    }
  });
}

test('a third of the frames is lost, whichever', () => {
  for (const { callCase, frames } of captures) {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const random = randomSource(seed);
      const rest = frames.filter(() => random(3) !== 0);
      assert.deepEqual(brokenInvariants(rest), [], `${callCase.name}, losses of seed ${seed}`);
    }
  }
});

test('a capture that begins or ends anywhere', () => {
  for (const { callCase, frames } of captures) {
    for (let i = 1; i < frames.length; i++) {
      assert.deepEqual(brokenInvariants(frames.slice(i)), [], `${callCase.name} from ${frames[i]!.line}`);
      assert.deepEqual(brokenInvariants(frames.slice(0, i)), [], `${callCase.name} to ${frames[i]!.line}`);
    }
  }
});

test('one direction of the wire alone', () => {
  for (const { callCase, frames } of captures) {
    for (const silent of new Set(frames.map(({ source }) => source))) {
      const rest = frames.filter(({ source }) => source !== silent);
      assert.deepEqual(brokenInvariants(rest), [], `${callCase.name} without ${silent}`);
    }
  }
});

test('every frame captured twice: the same figures, and a duplicate for each message', () => {
  for (const { callCase, frames } of captures.filter(({ callCase: { mirror } }) => mirror === undefined)) {
    for (const mirror of [
      { afterSeconds: 0.00001, interface: 'other' },
      { afterSeconds: 0.0009, interface: 'same' },
    ] as const) {
      const figures = replayFigures(frames);
      const twice = replayFigures(mirrored(frames, mirror));
      add(figures, 'sip_capture_duplicates_total', frames.filter(({ kind }) => kind !== undefined).length);
      assert.deepEqual(differences(twice, figures), [], callCase.name);
    }
  }
});

/** Two frames in the other order, each at the time of the other. */
function swapped(frames: readonly CapturedFrame[], first: number): CapturedFrame[] {
  const result = [...frames];
  result[first] = { ...frames[first + 1]!, micros: frames[first]!.micros };
  result[first + 1] = { ...frames[first]!, micros: frames[first + 1]!.micros };
  return result;
}

function mayCross(one: CapturedFrame, other: CapturedFrame | undefined): boolean {
  return other !== undefined && one.source !== '' && other.source !== '' && one.source !== other.source;
}

/**
 * Neighbours whose order is their meaning: a request and its own final response, a challenge and the request that
 * follows it, a CANCEL and the final response that it races with, an ACK and a 2xx other than 200, which it stands for
 * when it is seen alone.
 */
function isOrderMeaning(one: string, other: string): boolean {
  const [method, code] = one.split(' ');
  const [otherMethod, otherCode] = other.split(' ');
  if (method === otherMethod) {
    if (code === undefined) return otherCode !== undefined && !otherCode.startsWith('1');
    return /^40[17]$/.test(code) && otherCode === undefined;
  }
  if (/^INVITE 2(?!00)/.test(one) && other === 'ACK') return true;
  return [one, other].includes('CANCEL') && [one, other].some((kind) => /^INVITE [2-6]/.test(kind));
}

/** Counts, gauges and numbers of observations: all but how long something took. */
function countsOf(figures: Figures): Figures {
  return new Map([...figures].filter(([key]) => !/_(sum|bucket)\b|_short_sessions_/.test(key)));
}

test('neighbours within 60 ms leave the same counts in the other order, where order is not their meaning', () => {
  for (const { callCase, frames } of captures.filter(({ callCase: { mirror } }) => mirror === undefined)) {
    const counts = countsOf(replayFigures(frames));
    for (const [i, frame] of frames.entries()) {
      const next = frames[i + 1];
      if (frame.kind === undefined || next?.kind === undefined) continue;
      if (next.micros - frame.micros > 60_000 || isOrderMeaning(frame.kind, next.kind)) continue;
      const otherOrder = countsOf(replayFigures(swapped(frames, i)));
      assert.deepEqual(differences(otherOrder, counts), [], `${callCase.name} with ${frame.line} one later`);
    }
  }
});

test('neighbours of different senders may come in the other order', () => {
  for (const { callCase, frames } of captures) {
    for (const [i, frame] of frames.entries()) {
      if (!mayCross(frame, frames[i + 1])) continue;
      const broken = brokenInvariants(swapped(frames, i));
      assert.deepEqual(broken, [], `${callCase.name} with ${frame.line} one later`);
    }
  }
});

test('any number of neighbours may', () => {
  for (const { callCase, frames } of captures) {
    for (const seed of [1, 2, 3, 4]) {
      const random = randomSource(seed);
      let mixed = [...frames];
      for (let i = 0; i + 1 < mixed.length; i++) {
        if (random(3) === 0 && mayCross(mixed[i]!, mixed[i + 1])) mixed = swapped(mixed, i);
      }
      assert.deepEqual(brokenInvariants(mixed), [], `${callCase.name}, order of seed ${seed}`);
    }
  }
});
