// SPDX-License-Identifier: Apache-2.0
import type { Exposition } from './prometheus-text.ts';
import { addCount, type SipCounts } from './sip-counts.ts';

/** All that ringtap says about SIP, as one value to compare as a whole; counts of 0 are left out. */
export type Figures = SipCounts & {
  /** By direction. */
  readonly attempts: Record<string, number>;
  /** By direction and result. */
  readonly results: Record<string, number>;
  /** By direction and code. */
  readonly invitesByFinalCode: Record<string, number>;
  /** By direction and reason. */
  readonly sessionsEnded: Record<string, number>;
  readonly confirmedDialogs: number;
  readonly unknownDialogMessages: number;
  /** By layer and reason. */
  readonly parseErrors: Record<string, number>;
  /** By type; the CRLF ones are also how the tests wait, see `settle`. */
  readonly keepAlives: Record<string, number>;
  /** By reason. */
  readonly decodeErrors: Record<string, number>;
  /** By reason: nothing wrong, yet not read. */
  readonly decodeSkipped: Record<string, number>;
  /** Packets read from the ring, by interface. */
  readonly packets: Record<string, number>;
  /** Packets lost before, by interface. */
  readonly drops: Record<string, number>;
};

/** Reads the figures from a scrape. */
export function figuresOf(exposition: Exposition): Figures {
  return {
    requests: exposition.byLabels('sip_requests_total', ['direction', 'method']),
    responses: exposition.byLabels('sip_responses_total', ['direction', 'method', 'code']),
    attempts: exposition.byLabels('sip_session_attempts_total', ['direction']),
    results: exposition.byLabels('sip_session_attempt_results_total', ['direction', 'result']),
    invitesByFinalCode: exposition.byLabels('sip_invite_requests_by_final_code_total', ['direction', 'code']),
    sessionsEnded: exposition.byLabels('sip_sessions_ended_total', ['direction', 'reason']),
    confirmedDialogs: exposition.sum('sip_dialogs', { state: 'confirmed' }),
    unknownDialogMessages: exposition.sum('sip_unknown_dialog_messages_total'),
    parseErrors: exposition.byLabels('sip_parse_errors_total', ['layer', 'reason']),
    keepAlives: exposition.byLabels('sip_keepalives_total', ['type']),
    decodeErrors: exposition.byLabels('ringtap_decode_errors_total', ['reason']),
    decodeSkipped: exposition.byLabels('ringtap_decode_skipped_total', ['reason']),
    packets: exposition.byLabels('ringtap_capture_packets_total', ['interface']),
    drops: exposition.byLabels('ringtap_capture_drops_total', ['interface']),
  };
}

/** What came in between two scrapes. The number of dialogs is the later one: it is a state, not a count. */
export function figuresBetween(before: Figures, after: Figures): Figures {
  return {
    requests: countsBetween(before.requests, after.requests),
    responses: countsBetween(before.responses, after.responses),
    attempts: countsBetween(before.attempts, after.attempts),
    results: countsBetween(before.results, after.results),
    invitesByFinalCode: countsBetween(before.invitesByFinalCode, after.invitesByFinalCode),
    sessionsEnded: countsBetween(before.sessionsEnded, after.sessionsEnded),
    confirmedDialogs: after.confirmedDialogs,
    unknownDialogMessages: after.unknownDialogMessages - before.unknownDialogMessages,
    parseErrors: countsBetween(before.parseErrors, after.parseErrors),
    keepAlives: countsBetween(before.keepAlives, after.keepAlives),
    decodeErrors: countsBetween(before.decodeErrors, after.decodeErrors),
    decodeSkipped: countsBetween(before.decodeSkipped, after.decodeSkipped),
    packets: countsBetween(before.packets, after.packets),
    drops: countsBetween(before.drops, after.drops),
  };
}

function countsBetween(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    addCount(counts, name, (after[name] ?? 0) - (before[name] ?? 0));
  }
  return counts;
}
