// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { firstParseError, ParseResult } from '../sip/parse-result.ts';
import { statusCodeIndex, statusCodeNames } from '../sip/status-code.ts';
import { AttemptResult } from '../state/attempt-result.ts';
import type { CallEvents, SessionEnd } from '../state/call-events.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';
import { SlidingWindow } from './sliding-window.ts';

const CODES = statusCodeNames.length;
/** Codes below 200 have no place among the final codes. */
const PROVISIONAL_CODES = statusCodeNames.filter((name) => name.startsWith('1')).length;
const FINAL_TIMEOUT = CODES - PROVISIONAL_CODES;
const WINDOW_MICROS = 300_000_000;

/** Counts messages and what the call state tells. */
export class SipMetrics implements CallEvents {
  readonly #requests: Counter;
  readonly #responses: Counter;
  readonly #attempts: Counter;
  readonly #results: Counter;
  readonly #invitesByFinalCode: Counter;
  readonly #establishmentRatio: Counter;
  readonly #dialogs: Counter;
  readonly #sessionsEnded: Counter;
  readonly #unknownDialogMessages: Counter;
  readonly #keepAlives: Counter;
  readonly #parseErrors: Counter;
  readonly #globalContext: number;
  readonly #window: SlidingWindow;

  constructor(writer: ShardWriter, clock: PacketClock) {
    this.#window = new SlidingWindow(WINDOW_MICROS, clock);
    this.#requests = new Counter(writer, 'sip_requests_total');
    this.#responses = new Counter(writer, 'sip_responses_total');
    this.#attempts = new Counter(writer, 'sip_session_attempts_total');
    this.#results = new Counter(writer, 'sip_session_attempt_results_total');
    this.#invitesByFinalCode = new Counter(writer, 'sip_invite_requests_by_final_code_total');
    this.#establishmentRatio = new Counter(writer, 'sip_session_establishment_ratio');
    this.#dialogs = new Counter(writer, 'sip_dialogs');
    this.#sessionsEnded = new Counter(writer, 'sip_sessions_ended_total');
    this.#unknownDialogMessages = new Counter(writer, 'sip_unknown_dialog_messages_total');
    this.#keepAlives = new Counter(writer, 'sip_keepalives_total');
    this.#parseErrors = new Counter(writer, 'sip_parse_errors_total');
    this.#globalContext = writer.context(Space.global, []);
  }

  /** A datagram that is a message. */
  message(context: number, message: SipMessage): void {
    if (message.isRequest) this.#requests.add(context, message.method, 1);
    else this.#responses.add(context, message.method * CODES + statusCodeIndex(message.statusCode), 1);
  }

  /** A datagram that is none. */
  notMessage(context: number, result: ParseResult): void {
    if (result >= firstParseError) this.#parseErrors.add(context, result - firstParseError, 1);
    else this.#keepAlives.add(context, result - ParseResult.keepAliveCrlf, 1);
  }

  attemptBegun(context: number): void {
    this.#attempts.add(context, 0, 1);
  }

  attemptEnded(context: number, result: AttemptResult): void {
    this.#results.add(context, result, 1);
    if (result !== AttemptResult.redirected) {
      this.#window.add(result === AttemptResult.answered ? 1 : 0, 1);
    }
  }

  inviteEnded(context: number, statusCode: number): void {
    const index = statusCodeIndex(statusCode);
    const finalIndex = index === 0 ? 0 : index - PROVISIONAL_CODES;
    this.#invitesByFinalCode.add(context, statusCode === 0 ? FINAL_TIMEOUT : finalIndex, 1);
  }

  sessionBegun(context: number): void {
    this.#dialogs.add(context, 0, 1);
  }

  sessionEnded(context: number, reason: SessionEnd): void {
    this.#dialogs.add(context, 0, -1);
    this.#sessionsEnded.add(context, reason, 1);
  }

  unknownDialogMessage(context: number): void {
    this.#unknownDialogMessages.add(context, 0, 1);
  }

  /** Brings the sliding windows up to date; about once a second. */
  refresh(): void {
    this.#window.advance();
    this.#establishmentRatio.set(this.#globalContext, 0, this.#window.numerator);
    this.#establishmentRatio.set(this.#globalContext, 1, this.#window.denominator);
  }
}
