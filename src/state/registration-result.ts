// SPDX-License-Identifier: Apache-2.0

/** How a registration attempt ended; exactly one for each attempt. */
export const RegistrationResult = {
  /** 2xx. */
  succeeded: 0,
  /** 3xx. */
  redirected: 1,
  /** Challenged once (401, 407), and no REGISTER with credentials followed. */
  challenged: 2,
  /** Challenged again, without `stale=true`, after credentials were sent (RFC 3261 §22.2, RFC 7616 §3.3). */
  authenticationFailed: 3,
  /** Another 4xx. */
  rejected: 4,
  /** 5xx. */
  serverError: 5,
  /** 6xx. */
  globalError: 6,
  /** No final response (timer F). */
  timeout: 7,
} as const;
export type RegistrationResult = (typeof RegistrationResult)[keyof typeof RegistrationResult];

/** `result` label values, by `RegistrationResult`. */
export const registrationResultNames: readonly string[] = [
  'succeeded',
  'redirected',
  'challenged',
  'authentication_failed',
  'rejected',
  'server_error',
  'global_error',
  'timeout',
];

/** The result a final response gives to a registration that it ends. */
export function resultOfRegistration(statusCode: number): RegistrationResult {
  if (statusCode < 300) return RegistrationResult.succeeded;
  if (statusCode < 400) return RegistrationResult.redirected;
  if (statusCode === 401 || statusCode === 407) return RegistrationResult.challenged;
  if (statusCode < 500) return RegistrationResult.rejected;
  return statusCode < 600 ? RegistrationResult.serverError : RegistrationResult.globalError;
}
