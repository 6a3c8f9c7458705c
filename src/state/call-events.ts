// SPDX-License-Identifier: Apache-2.0
import type { AttemptResult } from './attempt-result.ts';

/** Why a session ended. */
export const SessionEnd = { bye: 0, evicted: 1, unknown: 2 } as const;
export type SessionEnd = (typeof SessionEnd)[keyof typeof SessionEnd];

/** `reason` label values, by `SessionEnd`. */
export const sessionEndNames: readonly string[] = ['bye', 'evicted', 'unknown'];

/**
 * What the state tells its listener, as it happens. `context` is the context of the record's first message, so that
 * both halves of a ratio carry the same labels.
 */
export interface CallEvents {
  attemptBegun(context: number): void;
  attemptEnded(context: number, result: AttemptResult): void;
  /** An INVITE got its final response; `statusCode` is 0 when none came. */
  inviteEnded(context: number, statusCode: number): void;
  sessionBegun(context: number): void;
  sessionEnded(context: number, reason: SessionEnd): void;
  /** A BYE or re-INVITE of a dialog that is not known, as after a start in mid-call. */
  unknownDialogMessage(context: number): void;
}
