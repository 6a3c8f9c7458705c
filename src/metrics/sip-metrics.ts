// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Method } from '../sip/method.ts';
import { firstParseError, ParseResult } from '../sip/parse-result.ts';
import { statusCodeIndex, statusCodeNames } from '../sip/status-code.ts';
import type { AttemptResult } from '../state/attempt-result.ts';
import { type Delay, DialogState, Outcome, type ReasonProtocol, SessionEnd } from '../state/call-events.ts';
import type { MessageEvents } from '../state/message-events.ts';
import type { RegistrationResult } from '../state/registration-result.ts';
import { Counter } from './counter.ts';
import { DelayMetrics } from './delay-metrics.ts';
import type { ExemplarSubject } from './exemplars.ts';
import { finalCodeIndex } from './families/labels.ts';
import { Histogram } from './histogram.ts';
import { PeerMetrics } from './peer-metrics.ts';
import { ReadyRatios } from './ready-ratios.ts';
import { reasonIndex } from './reason-causes.ts';
import { registrationIndex } from './registration-codes.ts';
import type { SessionLimitMetrics } from './session-limit-metrics.ts';
import type { ShardWriter } from './shard-writer.ts';

const CODES = statusCodeNames.length;
/** Values of `kind`. */
const KINDS = 2;

/** What sessions are measured by besides. */
export interface SessionRules {
  /** Those that last less are short. */
  readonly shortSessionMillis: number;
  /** Where carriers have limits. */
  readonly limits?: SessionLimitMetrics;
}

/** Counts messages and what the state tells of them. */
export class SipMetrics implements MessageEvents {
  readonly #requests: Counter;
  readonly #responses: Counter;
  readonly #sizes: Histogram;
  readonly #retransmissions: Counter;
  readonly #captureDuplicates: Counter;
  readonly #keepAlives: Counter;
  readonly #parseErrors: Counter;
  readonly #transactionTimeouts: Counter;
  readonly #attempts: Counter;
  readonly #results: Counter;
  readonly #attemptCodes: Counter;
  readonly #invitesByFinalCode: Counter;
  readonly #dialogs: Counter;
  readonly #sessionsEnded: Counter;
  readonly #sessionDurations: Histogram;
  readonly #unknownDialogMessages: Counter;
  readonly #reasons: Counter;
  readonly #registrationAttempts: Counter;
  readonly #registrationResults: Counter;
  readonly #registrations: Counter;
  readonly #delays: DelayMetrics;
  readonly #peers: PeerMetrics;
  readonly #ratios: ReadyRatios;
  readonly #shortSessions: Counter;
  readonly #shortSessionMillis: number;
  readonly #limits: SessionLimitMetrics | undefined;
  readonly #clock: PacketClock;
  readonly #exemplars: ExemplarSubject | undefined;

  /** `windowMicros` is the window of the ready ratios; `peerNames` are by the number a peer is told with. */
  constructor(
    writer: ShardWriter,
    clock: PacketClock,
    windowMicros: number,
    peerNames: readonly string[],
    { shortSessionMillis, limits }: SessionRules = { shortSessionMillis: 0 },
  ) {
    this.#requests = new Counter(writer, 'sip_requests_total');
    this.#responses = new Counter(writer, 'sip_responses_total');
    this.#sizes = new Histogram(writer, 'sip_message_size_bytes');
    this.#retransmissions = new Counter(writer, 'sip_retransmissions_total');
    this.#captureDuplicates = new Counter(writer, 'sip_capture_duplicates_total');
    this.#keepAlives = new Counter(writer, 'sip_keepalives_total');
    this.#parseErrors = new Counter(writer, 'sip_parse_errors_total');
    this.#transactionTimeouts = new Counter(writer, 'sip_transaction_timeouts_total');
    this.#attempts = new Counter(writer, 'sip_session_attempts_total');
    this.#results = new Counter(writer, 'sip_session_attempt_results_total');
    this.#attemptCodes = new Counter(writer, 'sip_session_attempt_codes_total');
    this.#invitesByFinalCode = new Counter(writer, 'sip_invite_requests_by_final_code_total');
    this.#dialogs = new Counter(writer, 'sip_dialogs');
    this.#sessionsEnded = new Counter(writer, 'sip_sessions_ended_total');
    this.#sessionDurations = new Histogram(writer, 'sip_session_duration_seconds');
    this.#unknownDialogMessages = new Counter(writer, 'sip_unknown_dialog_messages_total');
    this.#reasons = new Counter(writer, 'sip_reason_total');
    this.#registrationAttempts = new Counter(writer, 'sip_registration_attempts_total');
    this.#registrationResults = new Counter(writer, 'sip_registration_results_total');
    this.#registrations = new Counter(writer, 'sip_registrations');
    this.#delays = new DelayMetrics(writer);
    this.#peers = new PeerMetrics(writer, clock, peerNames);
    this.#ratios = new ReadyRatios(writer, clock, windowMicros);
    this.#shortSessions = new Counter(writer, 'sip_short_sessions_total');
    this.#shortSessionMillis = shortSessionMillis;
    this.#limits = limits;
    this.#clock = clock;
    this.#exemplars = writer.exemplars;
  }

  message(context: number, message: SipMessage): void {
    const { bytes, callIdOffset, callIdLength } = message;
    this.#exemplars?.set(this.#clock.micros, bytes, callIdOffset, callIdLength);
    if (message.isRequest) this.#requests.add(context, message.method, 1);
    else this.#responses.add(context, message.method * CODES + statusCodeIndex(message.statusCode), 1);
    this.#sizes.observe(context, 0, message.bodyOffset + message.bodyLength - message.startOffset);
  }

  retransmission(context: number, message: SipMessage): void {
    this.#retransmissions.add(context, message.method * KINDS + (message.isRequest ? 0 : 1), 1);
  }

  captureDuplicate(context: number, _message: SipMessage): void {
    this.#captureDuplicates.add(context, 0, 1);
  }

  notMessage(context: number, result: ParseResult): void {
    if (result >= firstParseError) this.#parseErrors.add(context, result - firstParseError, 1);
    else this.#keepAlives.add(context, result - ParseResult.keepAliveCrlf, 1);
  }

  transactionTimeout(context: number, method: Method): void {
    this.#transactionTimeouts.add(context, method, 1);
  }

  attemptBegun(_attempt: number, context: number): void {
    this.#attempts.add(context, 0, 1);
    this.#limits?.attemptBegun(context);
  }

  attemptEnded(_attempt: number, context: number, result: AttemptResult, statusCode: number): void {
    this.#results.add(context, result, 1);
    this.#attemptCodes.add(context, finalCodeIndex(statusCode), 1);
    this.#ratios.attemptEnded(result, statusCode);
  }

  inviteEnded(context: number, statusCode: number): void {
    this.#invitesByFinalCode.add(context, finalCodeIndex(statusCode), 1);
  }

  dialogChanged(_dialog: number, context: number, from: DialogState, to: DialogState): void {
    if (from !== DialogState.none) this.#dialogs.add(context, from - DialogState.early, -1);
    if (to !== DialogState.terminated) this.#dialogs.add(context, to - DialogState.early, 1);
    if (to === DialogState.confirmed) this.#limits?.sessionsChanged(context, 1);
    else if (from === DialogState.confirmed) this.#limits?.sessionsChanged(context, -1);
  }

  sessionEnded(_dialog: number, context: number, reason: SessionEnd): void {
    this.#sessionsEnded.add(context, reason, 1);
    if (reason !== SessionEnd.bye) this.#ratios.sessionEnded(false);
  }

  sessionDuration(context: number, outcome: Outcome, durationMillis: number, isFirst: boolean): void {
    this.#sessionDurations.observe(context, outcome, durationMillis);
    if (this.#exemplars && outcome === Outcome.success) {
      this.#sessionDurations.exemplify(context, outcome, durationMillis, this.#exemplars);
    }
    if (outcome === Outcome.success && durationMillis < this.#shortSessionMillis) {
      this.#shortSessions.add(context, 0, 1);
    }
    if (isFirst) this.#ratios.sessionEnded(outcome === Outcome.success);
  }

  unknownDialogMessage(context: number): void {
    this.#unknownDialogMessages.add(context, 0, 1);
  }

  registrationBegun(_registration: number, context: number): void {
    this.#registrationAttempts.add(context, 0, 1);
  }

  registrationEnded(
    _registration: number,
    context: number,
    result: RegistrationResult,
    statusCode: number,
  ): void {
    this.#registrationResults.add(context, registrationIndex(result, statusCode), 1);
    this.#ratios.registrationEnded(result, statusCode);
  }

  bindingsChanged(context: number, change: number): void {
    this.#registrations.add(context, 0, change);
  }

  delay(kind: Delay, context: number, outcome: Outcome, delayMicros: number): void {
    this.#delays.observe(kind, context, outcome, delayMicros);
  }

  reason(context: number, protocol: ReasonProtocol, cause: number): void {
    this.#reasons.add(context, reasonIndex(protocol, cause), 1);
  }

  peerChecked(peer: number, isUp: boolean, delayMicros: number): void {
    this.#peers.checked(peer, isUp, delayMicros);
  }

  /** Other peers from now on, their names by the number a peer is told with. */
  replacePeers(peerNames: readonly string[]): void {
    this.#peers.replace(peerNames);
  }

  /** Brings the ready ratios up to date; about once a second. */
  refresh(): void {
    this.#ratios.refresh();
  }
}
