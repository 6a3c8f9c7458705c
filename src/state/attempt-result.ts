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

/** Failures a caller answers with a new INVITE: RFC 3261 §22 and §8.1.3.4, RFC 4028 §6. */
export function asksForAnotherInvite(statusCode: number): boolean {
  return statusCode < 400 || statusCode === 401 || statusCode === 407 || statusCode === 422;
}

/**
 * The failure a forking proxy would pass on of two (RFC 3261 §16.7, step 6): a 6xx, else the lower class, in a class
 * those that let the caller try again, else the first; a 487 last, because it says that the proxy itself had cancelled
 * the branch. `best` is 0 while there is none.
 */
export function betterFailure(best: number, statusCode: number): number {
  if (best === 0) return statusCode;
  const bestRank = failureRank(best);
  return failureRank(statusCode) < bestRank ? statusCode : best;
}

function failureRank(statusCode: number): number {
  if (statusCode >= 600) return 0;
  const rank = Math.floor(statusCode / 100) * 3;
  switch (statusCode) {
    case 401:
    case 407:
    case 415:
    case 420:
    case 484:
      return rank;
    case 487:
      return rank + 2;
    default:
      return rank + 1;
  }
}
