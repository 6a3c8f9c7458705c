// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import { AttemptResult, attemptResultNames } from '../state/attempt-result.ts';
import { RegistrationResult, registrationResultNames } from '../state/registration-result.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';
import { SlidingWindow, windowText } from './sliding-window.ts';

/** Columns of the window: attempts by result, registration attempts by result, and what results do not tell. */
const REGISTRATIONS = attemptResultNames.length;
/** Attempts that SEER takes as effective besides the answered ones. */
const EFFECTIVE = REGISTRATIONS + registrationResultNames.length;
const INEFFECTIVE = EFFECTIVE + 1;
const INEFFECTIVE_REGISTRATIONS = INEFFECTIVE + 1;
const COMPLETED = INEFFECTIVE_REGISTRATIONS + 1;
/** Sessions that ended, the first of each attempt. */
const SESSION_ENDS = COMPLETED + 1;
const COLUMNS = SESSION_ENDS + 1;

/** Failures that say what the called party wants (RFC 6076 §4.7). */
const isEffective = (statusCode: number): boolean =>
  statusCode === 480 || statusCode === 486 || statusCode === 600 || statusCode === 603;

/** Failures of the network (RFC 6076 §4.8). */
const isIneffective = (statusCode: number): boolean =>
  statusCode === 408 || statusCode === 500 || statusCode === 503 || statusCode === 504;

/** Failures but those by 401, 402 and 407, whose results are others or, for 402, told by the code (RFC 6076 §4.2). */
const isIneffectiveRegistration = (result: RegistrationResult, statusCode: number): boolean =>
  (result === RegistrationResult.rejected && statusCode !== 402) ||
  result === RegistrationResult.serverError ||
  result === RegistrationResult.globalError ||
  result === RegistrationResult.timeout;

const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);

/** The ratios that are ready to read: over the last window, in the operational form, per attempt. */
export class ReadyRatios {
  readonly #window: SlidingWindow;
  readonly #context: number;
  readonly #establishment: Counter;
  readonly #effectiveness: Counter;
  readonly #ineffective: Counter;
  readonly #completion: Counter;
  readonly #answerSeizure: Counter;
  readonly #networkEffectiveness: Counter;
  readonly #ineffectiveRegistrations: Counter;

  constructor(writer: ShardWriter, clock: PacketClock, windowMicros: number) {
    this.#window = new SlidingWindow(windowMicros, COLUMNS, clock);
    this.#context = writer.context(Space.window, [windowText(windowMicros)]);
    writer.openAll(Space.window, this.#context);
    this.#establishment = new Counter(writer, 'sip_session_establishment_ratio');
    this.#effectiveness = new Counter(writer, 'sip_session_establishment_effectiveness_ratio');
    this.#ineffective = new Counter(writer, 'sip_ineffective_session_attempts_ratio');
    this.#completion = new Counter(writer, 'sip_session_completion_ratio');
    this.#answerSeizure = new Counter(writer, 'sip_answer_seizure_ratio');
    this.#networkEffectiveness = new Counter(writer, 'sip_network_effectiveness_ratio');
    this.#ineffectiveRegistrations = new Counter(writer, 'sip_ineffective_registration_attempts_ratio');
  }

  /** `statusCode` made the result, 0 where none came. */
  attemptEnded(result: AttemptResult, statusCode: number): void {
    this.#window.add(result);
    if (isEffective(statusCode)) this.#window.add(EFFECTIVE);
    if (result === AttemptResult.timeout || isIneffective(statusCode)) this.#window.add(INEFFECTIVE);
  }

  /** The session that answered an attempt ended; `isCompleted` says whether with a BYE that was answered. */
  sessionEnded(isCompleted: boolean): void {
    this.#window.add(SESSION_ENDS);
    if (isCompleted) this.#window.add(COMPLETED);
  }

  /** `statusCode` made the result, 0 where none came. */
  registrationEnded(result: RegistrationResult, statusCode: number): void {
    this.#window.add(REGISTRATIONS + result);
    if (isIneffectiveRegistration(result, statusCode)) this.#window.add(INEFFECTIVE_REGISTRATIONS);
  }

  /** Writes the ratios of the window that ends now. */
  refresh(): void {
    this.#window.advance();
    const { totals } = this.#window;
    const count = (column: number): number => totals[column]!;
    const answered = count(AttemptResult.answered);
    const ended = total(totals.subarray(0, REGISTRATIONS));
    const notRedirected = ended - count(AttemptResult.redirected);
    this.#set(this.#establishment, answered, notRedirected);
    this.#set(this.#effectiveness, answered + count(EFFECTIVE), notRedirected);
    this.#set(this.#ineffective, count(INEFFECTIVE), ended);
    // An attempt counts when its story ends: long calls are of another window than their INVITE.
    this.#set(this.#completion, count(COMPLETED), ended - answered + count(SESSION_ENDS));
    this.#set(this.#answerSeizure, answered, ended);
    const reached =
      answered + count(AttemptResult.busy) + count(AttemptResult.noAnswer) + count(AttemptResult.declined);
    this.#set(this.#networkEffectiveness, reached, ended);
    const registrations = total(totals.subarray(REGISTRATIONS, EFFECTIVE));
    this.#set(this.#ineffectiveRegistrations, count(INEFFECTIVE_REGISTRATIONS), registrations);
  }

  #set(family: Counter, numerator: number, denominator: number): void {
    family.set(this.#context, 0, numerator);
    family.set(this.#context, 1, denominator);
  }
}
