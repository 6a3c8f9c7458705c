// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callCases } from './cases.ts';
import { figuresOf, ratiosOf, total } from './figures.ts';
import { replay } from './monitor.ts';
import { play, startMicros } from './scenario.ts';

test('the ready ratios are those of the counters, where all of a capture is within their window', () => {
  const captures = callCases
    // An attempt is completed once, however many branches answered.
    .filter(({ name }) => !name.startsWith('fork-two-2xx'))
    .map(play)
    .filter((frames) => frames.at(-1)!.micros - startMicros < 270e6);
  const exposition = replay(captures.flat().sort((a, b) => a.micros - b.micros));
  const figures = figuresOf(exposition);
  const results = (name: string): number =>
    total(figures, 'sip_session_attempt_results_total', `result=${name}`);
  const codes = (...names: (number | string)[]): number =>
    names.reduce<number>(
      (sum, name) => sum + total(figures, 'sip_session_attempt_codes_total', `code=${name}`),
      0,
    );
  const registrations = (labels: string): number => total(figures, 'sip_registration_results_total', labels);
  const ended = results('');
  const notRedirected = ended - results('redirected');
  const isEffective = results('answered') + codes(480, 486, 600, 603);
  const network = ['answered', 'busy', 'no_answer', 'declined'].reduce((sum, name) => sum + results(name), 0);
  const completed = total(figures, 'sip_session_duration_seconds_count', 'outcome=success');
  const sessionEnds =
    total(figures, 'sip_session_duration_seconds_count', '') +
    ['session_timer', 'unknown', 'evicted'].reduce(
      (sum, reason) => sum + total(figures, 'sip_sessions_ended_total', `reason=${reason}`),
      0,
    );
  const ineffective = ['rejected', 'server_error', 'global_error', 'timeout'].reduce(
    (sum, name) => sum + registrations(`result=${name}`),
    0,
  );
  const expected = {
    sip_session_establishment_ratio: results('answered') / notRedirected,
    sip_session_establishment_effectiveness_ratio: isEffective / notRedirected,
    sip_ineffective_session_attempts_ratio: codes(408, 500, 503, 504, 'timeout') / ended,
    sip_session_completion_ratio: completed / (ended - results('answered') + sessionEnds),
    sip_answer_seizure_ratio: results('answered') / ended,
    sip_network_effectiveness_ratio: network / ended,
    sip_ineffective_registration_attempts_ratio: ineffective / registrations(''),
  };
  assert.ok(ended > 60 && registrations('') > 20, 'enough to tell the ratios apart');
  const values = new Set(Object.values(expected).map((value) => value.toFixed(9)));
  assert.equal(values.size, 7, 'no two of them are equal by chance');
  assert.deepEqual(Object.fromEntries(ratiosOf(exposition)), expected);
});
