// SPDX-License-Identifier: Apache-2.0
import type { Method } from '../sip/method.ts';
import type { AttemptResult } from './attempt-result.ts';
import type { RegistrationResult } from './registration-result.ts';

/** Where a dialog stands (RFC 3261 §12, RFC 4235 §3.7.1); `none` before it exists. */
export const DialogState = { none: 0, early: 1, confirmed: 2, terminated: 3 } as const;
export type DialogState = (typeof DialogState)[keyof typeof DialogState];

/** Why a session ended. */
export const SessionEnd = { bye: 0, sessionTimer: 1, evicted: 2, unknown: 3 } as const;
export type SessionEnd = (typeof SessionEnd)[keyof typeof SessionEnd];

/** `reason` label values, by `SessionEnd`. */
export const sessionEndNames: readonly string[] = ['bye', 'session_timer', 'evicted', 'unknown'];

/** Whether what a delay or duration belongs to came to its good end. */
export const Outcome = { success: 0, failure: 1 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** `outcome` label values, by `Outcome`. */
export const outcomeNames: readonly string[] = ['success', 'failure'];

/** What a delay is the delay of. */
export const Delay = {
  /** First REGISTER to its 2xx, challenges inside (RFC 6076 §4.1). */
  registrationRequest: 0,
  /** First INVITE to its first response above 100, told once the attempt has its result (RFC 6076 §4.3). */
  sessionRequest: 1,
  /** First BYE to its 2xx; failure: to another final response, or timer F (RFC 6076 §4.4). */
  sessionDisconnect: 2,
  /** First INVITE to the first 180, 181, 182, 183, 199 or 2xx. */
  postDial: 3,
  /** First INVITE to its 2xx. */
  answer: 4,
  /** INVITE to its 3xx. */
  redirect: 5,
  /** First 18x to the CANCEL. */
  cancelRing: 6,
  /** OPTIONS to its final response. */
  optionsResponse: 7,
} as const;
export type Delay = (typeof Delay)[keyof typeof Delay];

/** `protocol` of a Reason header value (RFC 3326 §2). */
export const ReasonProtocol = { q850: 0, sip: 1 } as const;
export type ReasonProtocol = (typeof ReasonProtocol)[keyof typeof ReasonProtocol];

/**
 * What the state tells its listener, as it happens. `context` is the context of the record's first message, so that
 * both halves of a ratio carry the same labels. `attempt`, `dialog` and `registration` are names of records: the low
 * half of their key. Delays are whole microseconds and durations milliseconds, both capped at 2^31-1: an integer
 * argument costs no allocation.
 */
export interface CallEvents {
  /** A transaction got no final response in its time (timer B, C or F; RFC 3261 §17.1). */
  transactionTimeout(context: number, method: Method): void;

  attemptBegun(attempt: number, context: number): void;
  /** `statusCode` is the final code that made the result, 0 where none came. */
  attemptEnded(attempt: number, context: number, result: AttemptResult, statusCode: number): void;
  /** An INVITE without To tag got its final response on the first hop; `statusCode` is 0 when none came. */
  inviteEnded(context: number, statusCode: number): void;

  /** `from` is `none` for a new dialog; a dialog that goes goes to `terminated`. */
  dialogChanged(dialog: number, context: number, from: DialogState, to: DialogState): void;
  /** A confirmed dialog ended; `dialogChanged` comes before. */
  sessionEnded(dialog: number, context: number, reason: SessionEnd): void;
  /**
   * From the 2xx to the BYE, told when the BYE has any answer; failure: until timer F has passed (RFC 6076 §4.5).
   * `isFirst` says whether the session is the one that answered its attempt: a fork may have more.
   */
  sessionDuration(context: number, outcome: Outcome, durationMillis: number, isFirst: boolean): void;
  /** A BYE or re-INVITE of a dialog that is not known, as after a start in mid-call. */
  unknownDialogMessage(context: number): void;

  registrationBegun(registration: number, context: number): void;
  /** `statusCode` is the final code that made the result, 0 where none came. */
  registrationEnded(
    registration: number,
    context: number,
    result: RegistrationResult,
    statusCode: number,
  ): void;
  /** Contact bindings that came (positive) or went (negative). */
  bindingsChanged(context: number, change: number): void;

  delay(kind: Delay, context: number, outcome: Outcome, delayMicros: number): void;
  /** Why a call was ended: each cause of the BYE, CANCEL or failure that ended it (RFC 3326). */
  reason(context: number, protocol: ReasonProtocol, cause: number): void;
  /** A configured peer answered an OPTIONS request (`delayMicros` is the round trip) or failed to (-1). */
  peerChecked(peer: number, isUp: boolean, delayMicros: number): void;
}
