// SPDX-License-Identifier: Apache-2.0
import type { Exposition } from './prometheus-text.ts';
import { addCount, type SipCounts } from './sip-counts.ts';

type Counts = Record<string, number>;

/** All that ringtap says about SIP, as one value to compare as a whole; counts of 0 are left out. */
export type Figures = SipCounts & {
  /** By method and kind. */
  readonly retransmissions: Counts;
  readonly captureDuplicates: number;
  /** By method. */
  readonly transactionTimeouts: Counts;
  /** By direction. */
  readonly attempts: Counts;
  /** By direction and result. */
  readonly results: Counts;
  /** By direction and code. */
  readonly codes: Counts;
  /** By direction and code. */
  readonly invitesByFinalCode: Counts;
  /** By state: how many there are now. */
  readonly dialogs: Counts;
  /** By direction and reason. */
  readonly sessionsEnded: Counts;
  readonly unknownDialogMessages: number;
  /** By protocol and cause. */
  readonly reasons: Counts;
  /** By direction. */
  readonly registrationAttempts: Counts;
  /** By direction, result and code. */
  readonly registrationResults: Counts;
  /** How many there are now. */
  readonly bindings: number;
  /** How many delays and durations were observed, by name without `sip_` and `_seconds`, and outcome if it has one. */
  readonly delays: Counts;
  /** By layer and reason. */
  readonly parseErrors: Counts;
  /** By type; the CRLF ones are also how the tests wait, see `settle`. */
  readonly keepAlives: Counts;
  /** By reason. */
  readonly decodeErrors: Counts;
  /** By reason: nothing wrong, yet not read. */
  readonly decodeSkipped: Counts;
  /** Packets read from the ring, by interface. */
  readonly packets: Counts;
  /** Packets lost before, by interface. */
  readonly drops: Counts;
};

/** Reads the figures from a scrape. */
export function figuresOf(exposition: Exposition): Figures {
  const by = (name: string, ...labels: string[]): Counts => exposition.byLabels(name, labels);
  return {
    requests: by('sip_requests_total', 'direction', 'method'),
    responses: by('sip_responses_total', 'direction', 'method', 'code'),
    retransmissions: by('sip_retransmissions_total', 'method', 'kind'),
    captureDuplicates: exposition.sum('sip_capture_duplicates_total'),
    transactionTimeouts: by('sip_transaction_timeouts_total', 'method'),
    attempts: by('sip_session_attempts_total', 'direction'),
    results: by('sip_session_attempt_results_total', 'direction', 'result'),
    codes: by('sip_session_attempt_codes_total', 'direction', 'code'),
    invitesByFinalCode: by('sip_invite_requests_by_final_code_total', 'direction', 'code'),
    dialogs: by('sip_dialogs', 'state'),
    sessionsEnded: by('sip_sessions_ended_total', 'direction', 'reason'),
    unknownDialogMessages: exposition.sum('sip_unknown_dialog_messages_total'),
    reasons: by('sip_reason_total', 'protocol', 'cause'),
    registrationAttempts: by('sip_registration_attempts_total', 'direction'),
    registrationResults: by('sip_registration_results_total', 'direction', 'result', 'code'),
    bindings: exposition.sum('sip_registrations'),
    delays: delaysOf(exposition, 'count'),
    parseErrors: by('sip_parse_errors_total', 'layer', 'reason'),
    keepAlives: by('sip_keepalives_total', 'type'),
    decodeErrors: by('ringtap_decode_errors_total', 'reason'),
    decodeSkipped: by('ringtap_decode_skipped_total', 'reason'),
    packets: by('ringtap_capture_packets_total', 'interface'),
    drops: by('ringtap_capture_drops_total', 'interface'),
  };
}

/** A number of each delay and duration in a scrape: how many there were, or their sum in seconds. */
export function delaysOf(exposition: Exposition, part: 'count' | 'sum'): Counts {
  const counts: Counts = {};
  for (const { name, labels, value } of exposition.samples) {
    const delay = name.match(/^sip_(\w+)_seconds_(count|sum)$/);
    if (delay === null || delay[2] !== part) continue;
    const outcome = labels['outcome'] === undefined ? '' : ` ${labels['outcome']}`;
    addCount(counts, `${delay[1]}${outcome}`, value);
  }
  return counts;
}

/** Figures that say what there is now, not what was counted. */
const states: ReadonlySet<string> = new Set(['dialogs', 'bindings']);

/** What came in between two scrapes; of states, the later one. */
export function figuresBetween(before: Figures, after: Figures): Figures {
  const between: Record<string, Counts | number> = {};
  for (const [name, later] of Object.entries(after)) {
    const earlier = before[name as keyof Figures];
    if (states.has(name)) between[name] = later;
    else if (typeof later === 'number') between[name] = later - (earlier as number);
    else between[name] = countsBetween(earlier as Counts, later);
  }
  return between as Figures;
}

function countsBetween(before: Readonly<Counts>, after: Readonly<Counts>): Counts {
  const counts: Counts = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    addCount(counts, name, (after[name] ?? 0) - (before[name] ?? 0));
  }
  return counts;
}
