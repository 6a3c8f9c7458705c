// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from '../../support/random.ts';
import type { CallCase } from './call-case.ts';
import { callCases } from './cases.ts';
import { add, differences, type Figures, rounded } from './figures.ts';
import { replayFigures } from './monitor.ts';
import { type CapturedFrame, play, startMicros } from './scenario.ts';

const captures = callCases.map((callCase) => ({ callCase, frames: play(callCase) }));

function durationMicros(frames: readonly CapturedFrame[]): number {
  return frames.at(-1)!.micros - startMicros;
}

/**
 * Begins every capture at another time and compares the mixture with the sum of the captures alone, each followed by
 * the silence that the others filled.
 */
function compareMixture(
  cases: readonly (typeof captures)[number][],
  spreadMicros: number,
  seed: number,
): void {
  const random = randomSource(seed);
  const moved = cases.map(({ callCase, frames }) => {
    const offset = random(spreadMicros);
    return { callCase, frames: frames.map((frame) => ({ ...frame, micros: frame.micros + offset })) };
  });
  const mixture = moved
    .flatMap(({ frames }) => frames.map((frame, i) => ({ ...frame, tie: i })))
    .sort((a, b) => a.micros - b.micros || a.tie - b.tie);
  const end = mixture.at(-1)!.micros;
  const sum: Figures = new Map();
  for (const { frames } of moved) {
    for (const [key, value] of replayFigures(frames, end)) add(sum, key, value);
  }
  assert.deepEqual(differences(replayFigures(mixture, end), rounded(sum)), []);
}

const isShort = (frames: readonly CapturedFrame[]): boolean => durationMicros(frames) < 400e6;

for (const seed of [1, 2, 3]) {
  test(`all captures at once are the sum of all captures (seed ${seed})`, () => {
    compareMixture(captures, 3600e6, seed);
  });

  test(`short captures at nearly the same time, some cut by the end, too (seed ${seed})`, () => {
    compareMixture(
      captures.filter(({ frames }) => isShort(frames)),
      20e6,
      seed,
    );
  });
}

test('the same capture under two names is the same twice, frame by frame', () => {
  for (const { callCase, frames } of captures.filter(({ callCase: { peer } }) => peer === undefined)) {
    const other: CallCase = { ...callCase, name: `${callCase.name}-2` };
    const both = [...frames, ...play(other)].sort((a, b) => a.micros - b.micros);
    const twice: Figures = new Map();
    for (const one of [frames, play(other)]) {
      for (const [key, value] of replayFigures(one)) add(twice, key, value);
    }
    assert.deepEqual(differences(replayFigures(both), rounded(twice)), [], callCase.name);
  }
});
