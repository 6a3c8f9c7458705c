// SPDX-License-Identifier: Apache-2.0
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import type { CallCase, Counts, ExpectedFigures, Seconds, SecondsByOutcome } from './call-case.ts';
import type { CapturedFrame } from './scenario.ts';

/** Values of samples by name and labels, as in `sip_requests_total method=INVITE`; those that are 0 or NaN left out. */
export type Figures = Map<string, number>;

/** Labels that say where a frame was seen, which is no part of what a call means. */
const placeLabels: ReadonlySet<string> = new Set(['interface', 'direction']);

/**
 * Reads the SIP figures, or those of other `names`, from the lines of an exposition, summed over interfaces and directions. Ratios
 * over a window are left out: they are no sums; `ratiosOf` has them.
 */
export function figuresOf(exposition: string, names: RegExp = /^sip_/): Figures {
  const figures: Figures = new Map();
  for (const line of exposition.split('\n')) {
    if (!names.test(line) || line.endsWith(' 0') || line.endsWith(' NaN')) continue;
    const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!name.endsWith('_ratio')) add(figures, keyOf(name, labels), Number(value));
  }
  return rounded(figures);
}

/** The ready ratios of an exposition; NaN left out. */
export function ratiosOf(exposition: string): Figures {
  const ratios: Figures = new Map();
  for (const { name, value } of parsePrometheusText(exposition).samples) {
    if (name.startsWith('sip_') && name.endsWith('_ratio') && !Number.isNaN(value)) ratios.set(name, value);
  }
  return ratios;
}

function keyOf(name: string, labels: string): string {
  const parts = [...labels.matchAll(/(\w+)="([^"]*)"/g)]
    .filter(([, label]) => !placeLabels.has(label!))
    .map(([, label, value]) => ` ${label}=${value}`);
  return name + parts.sort().join('');
}

/** Adds to a figure. */
export function add(figures: Figures, key: string, value: number): void {
  figures.set(key, (figures.get(key) ?? 0) + value);
}

/** Sums of seconds carry the noise of binary fractions: six digits behind the point are meant. Zeros go. */
export function rounded(figures: Figures): Figures {
  const result: Figures = new Map();
  for (const key of [...figures.keys()].sort()) {
    const value = Math.round(figures.get(key)! * 1e6) / 1e6;
    if (value !== 0) result.set(key, value);
  }
  return result;
}

/** Every figure that differs, in words; empty where all are equal. */
export function differences(actual: Figures, expected: Figures): string[] {
  const keys = new Set([...expected.keys(), ...actual.keys()]);
  return [...keys]
    .filter((key) => actual.get(key) !== expected.get(key))
    .map((key) => `${key}: ${actual.get(key) ?? 0}, expected ${expected.get(key) ?? 0}`);
}

/** The sum of a family, over those samples whose key has this text in it. */
export function total(figures: Figures, name: string, labels: string = ''): number {
  let sum = 0;
  for (const [key, value] of figures) {
    const [family, ...rest] = key.split(' ');
    if (family === name && rest.join(' ').includes(labels)) sum += value;
  }
  return sum;
}

/** Upper bounds (`le`) of each histogram, as an exposition has them, also where nothing was observed. */
export function bucketBounds(exposition: string): Map<string, string[]> {
  const bounds = new Map<string, Set<string>>();
  for (const { name, labels } of parsePrometheusText(exposition).samples) {
    const family = name.replace(/_bucket$/, '');
    if (family === name || labels['le'] === undefined) continue;
    const seen = bounds.get(family) ?? new Set();
    bounds.set(family, seen.add(labels['le']));
  }
  return new Map([...bounds].map(([family, seen]) => [family, [...seen]]));
}

/** `--abuse.short-session`. */
const SHORT_SECONDS = 10;

/** What a case must leave behind: what is written in it, and the messages and sizes of its frames. */
export function expectedFigures(
  { name, expected }: CallCase,
  frames: readonly CapturedFrame[],
  bounds: ReadonlyMap<string, readonly string[]>,
): Figures {
  const figures: Figures = new Map();
  addMessages(figures, frames, bounds);
  addCounts(figures, expected);
  const observe = (family: string, seconds: Seconds | undefined): void =>
    addObservations(figures, `sip_${family}_seconds`, '', seconds, bounds);
  const observeOutcomes = (family: string, seconds: SecondsByOutcome = {}): void => {
    for (const outcome of ['success', 'failure'] as const) {
      addObservations(figures, `sip_${family}_seconds`, ` outcome=${outcome}`, seconds[outcome], bounds);
    }
  };
  observe('registration_request_delay', expected.registrationRequestDelay);
  observe('post_dial_delay', expected.postDialDelay);
  observe('answer_delay', expected.answerDelay);
  observe('options_response_delay', expected.optionsResponseDelay);
  observe('redirect_delay', expected.redirectDelay);
  observe('cancel_ring', expected.cancelRing);
  observeOutcomes('session_request_delay', expected.sessionRequestDelay);
  observeOutcomes('session_disconnect_delay', expected.sessionDisconnectDelay);
  observeOutcomes('session_duration', expected.sessionDuration);
  const completed = expected.sessionDuration?.success ?? [];
  add(figures, 'sip_short_sessions_total', completed.filter((seconds) => seconds < SHORT_SECONDS).length);
  if (expected.peer !== undefined) {
    const { up, roundTripSeconds = 0, flaps = 0 } = expected.peer;
    add(figures, `sip_peer_up peer=${name}`, up);
    add(figures, `sip_peer_round_trip_seconds peer=${name}`, roundTripSeconds);
    add(figures, `sip_peer_flaps_total peer=${name}`, flaps);
  }
  return rounded(figures);
}

function addCounts(figures: Figures, expected: ExpectedFigures): void {
  const addTo = (family: string, labels: readonly string[], counts: Counts = {}): void => {
    for (const [values, count] of Object.entries(counts)) {
      const parts = values.split(' ').map((value, i) => `${labels[i]}=${value}`);
      add(figures, [`sip_${family}`, ...parts.sort()].join(' '), count);
    }
  };
  add(figures, 'sip_session_attempts_total', expected.attempts ?? 0);
  addTo('session_attempt_results_total', ['result'], expected.results);
  addTo('session_attempt_codes_total', ['code'], expected.codes);
  addTo('invite_requests_by_final_code_total', ['code'], expected.inviteCodes);
  addTo('dialogs', ['state'], expected.dialogs);
  addTo('sessions_ended_total', ['reason'], expected.sessionsEnded);
  add(figures, 'sip_unknown_dialog_messages_total', expected.unknownDialogMessages ?? 0);
  addTo('reason_total', ['protocol', 'cause'], expected.reasons);
  addTo('retransmissions_total', ['method', 'kind'], expected.retransmissions);
  add(figures, 'sip_capture_duplicates_total', expected.duplicates ?? 0);
  addTo('transaction_timeouts_total', ['method'], expected.timeouts);
  add(figures, 'sip_registration_attempts_total', expected.registrationAttempts ?? 0);
  addTo('registration_results_total', ['result', 'code'], expected.registrationResults);
  add(figures, 'sip_registrations', expected.registrations ?? 0);
}

function addMessages(
  figures: Figures,
  frames: readonly CapturedFrame[],
  bounds: ReadonlyMap<string, readonly string[]>,
): void {
  const messages = frames.filter(({ kind, isDuplicate }) => kind !== undefined && !isDuplicate);
  for (const { kind } of messages) {
    const [name, code] = kind!.split(' ');
    const method = name === 'JUMP' ? 'other' : name;
    const label = code === '299' ? 'other' : code;
    if (label === undefined) add(figures, `sip_requests_total method=${method}`, 1);
    else add(figures, `sip_responses_total code=${label} method=${method}`, 1);
    add(figures, 'sip_transport_messages_total transport=udp', 1);
  }
  const sizes = messages.map(({ messageBytes }) => messageBytes);
  addObservations(figures, 'sip_message_size_bytes', '', sizes, bounds);
}

function addObservations(
  figures: Figures,
  family: string,
  labels: string,
  observations: readonly number[] | undefined,
  bounds: ReadonlyMap<string, readonly string[]>,
): void {
  if (observations === undefined || observations.length === 0) return;
  add(figures, `${family}_count${labels}`, observations.length);
  const sum = observations.reduce((before, value) => before + value, 0);
  add(figures, `${family}_sum${labels}`, sum);
  for (const bound of bounds.get(family) ?? []) {
    const below = observations.filter((value) => value <= Number(bound.replace('+Inf', 'Infinity')));
    add(figures, `${family}_bucket le=${bound}${labels}`, below.length);
  }
}
