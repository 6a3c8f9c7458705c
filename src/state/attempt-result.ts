// SPDX-License-Identifier: Apache-2.0

/** How a session attempt ended; exactly one for each attempt. */
export const AttemptResult = {
  answered: 0,
  redirected: 1,
  busy: 2,
  declined: 3,
  noAnswer: 4,
  canceled: 5,
  rejected: 6,
  serverError: 7,
  globalError: 8,
  challenged: 9,
  timeout: 10,
} as const;
export type AttemptResult = (typeof AttemptResult)[keyof typeof AttemptResult];

/** `result` label values, by `AttemptResult`. */
export const attemptResultNames: readonly string[] = [
  'answered',
  'redirected',
  'busy',
  'declined',
  'no_answer',
  'canceled',
  'rejected',
  'server_error',
  'global_error',
  'challenged',
  'timeout',
];

/**
 * The result a final response gives. `rang` says whether the called party had been ringing, which tells a 408 that
 * means nobody picked up from one that means nobody was reached (RFC 3261 §21.4.9).
 */
export function resultOfStatusCode(statusCode: number, rang: boolean): AttemptResult {
  if (statusCode < 300) return AttemptResult.answered;
  if (statusCode < 400) return AttemptResult.redirected;
  switch (statusCode) {
    case 401:
    case 407:
      return AttemptResult.challenged;
    case 408:
      return rang ? AttemptResult.noAnswer : AttemptResult.rejected;
    case 480:
      return AttemptResult.noAnswer;
    case 486:
    case 600:
      return AttemptResult.busy;
    case 487:
      return AttemptResult.canceled;
    case 603:
    case 607:
    case 608:
      return AttemptResult.declined;
  }
  if (statusCode < 500) return AttemptResult.rejected;
  return statusCode < 600 ? AttemptResult.serverError : AttemptResult.globalError;
}
