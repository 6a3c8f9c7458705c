// SPDX-License-Identifier: Apache-2.0
import { add, type Figures, rounded, total } from './figures.ts';
import { GoldenMonitor, type SeenFrame } from './monitor.ts';
import { startMicros } from './scenario.ts';

/** After this long without a message nothing is open any more: 24 h is the longest that anything is kept. */
const SETTLED_MICROS = 90_000e6;

/**
 * One monitor for all: once settled, nothing of a capture is left but what was counted, so that the next one begins
 * a few days later and its figures are the difference.
 */
const monitor = new GoldenMonitor();
let laterMicros = 0;

/**
 * What holds whatever was captured, lost, doubled or mixed up: all that does not, in words. An attempt has one result
 * and the delays that belong to it; what began has ended a day later.
 */
export function brokenInvariants(frames: readonly SeenFrame[]): string[] {
  const before = monitor.figures();
  monitor.take(frames, laterMicros);
  const atEnd = difference(monitor.figures(), before);
  const last = frames.reduce((latest, { micros }) => Math.max(latest, micros), startMicros);
  // One end leads to another: a timeout is a failure, which waits a little for something better.
  for (let step = 1; step <= 3; step++) monitor.wait(last + laterMicros + step * SETTLED_MICROS);
  laterMicros += last - startMicros + 4 * SETTLED_MICROS;
  const settled = difference(monitor.figures(), before);
  const broken = [...brokenCounts(atEnd), ...brokenCounts(settled)];
  const expect = (family: string, value: number): void => {
    if (total(settled, family) !== value) broken.push(`${family} is ${total(settled, family)}, not ${value}`);
  };
  expect('sip_session_attempt_results_total', total(settled, 'sip_session_attempts_total'));
  expect('sip_registration_results_total', total(settled, 'sip_registration_attempts_total'));
  expect('sip_dialogs', 0);
  expect('sip_registrations', 0);
  return [...new Set(broken)];
}

/** What was added; states of peers are no sums. */
function difference(after: Figures, before: Figures): Figures {
  const change: Figures = new Map();
  for (const key of new Set([...after.keys(), ...before.keys()])) {
    if (!key.startsWith('sip_peer_')) add(change, key, (after.get(key) ?? 0) - (before.get(key) ?? 0));
  }
  return rounded(change);
}

/** A family, and a family that cannot be less; a text after `:` is a label it must have. */
const atMost: readonly (readonly [string, string])[] = [
  ['sip_session_attempt_results_total', 'sip_session_attempts_total'],
  ['sip_session_attempt_results_total', 'sip_session_attempt_codes_total'],
  ['sip_session_attempt_codes_total', 'sip_session_attempt_results_total'],
  ['sip_registration_results_total', 'sip_registration_attempts_total'],
  ['sip_session_request_delay_seconds_count', 'sip_session_attempt_results_total'],
  ['sip_session_request_delay_seconds_count:success', 'sip_session_attempt_results_total:answered'],
  ['sip_answer_delay_seconds_count', 'sip_session_attempt_results_total:answered'],
  ['sip_post_dial_delay_seconds_count', 'sip_session_attempts_total'],
  ['sip_cancel_ring_seconds_count', 'sip_requests_total:CANCEL'],
  ['sip_session_duration_seconds_count', 'sip_sessions_ended_total:bye'],
  ['sip_session_disconnect_delay_seconds_count', 'sip_sessions_ended_total:bye'],
  ['sip_retransmissions_total:kind=request', 'sip_requests_total'],
  ['sip_retransmissions_total:kind=response', 'sip_responses_total'],
];

function brokenCounts(figures: Figures): string[] {
  const broken: string[] = [];
  for (const [key, value] of figures) if (value < 0) broken.push(`${key} is ${value}`);
  for (const [part, whole] of atMost) {
    const [parts, all] = [totalOf(figures, part), totalOf(figures, whole)];
    if (parts > all) broken.push(`${part} is ${parts}, ${whole} only ${all}`);
  }
  return broken;
}

function totalOf(figures: Figures, which: string): number {
  const [family, labels] = which.split(':') as [string, string?];
  return total(figures, family, labels);
}
