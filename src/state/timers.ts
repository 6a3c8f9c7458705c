// SPDX-License-Identifier: Apache-2.0

/** 64*T1 with T1 = 500 ms (RFC 3261 §17.1.1.1): how long anything about a transaction can still be repeated. */
const timeoutMicros = 32_000_000;

/** Timer B: an INVITE nobody answers at all (RFC 3261 §17.1.1.2). */
export const timerBMicros: number = timeoutMicros;

/** Timer F: another request nobody answers (RFC 3261 §17.1.2.2). */
export const timerFMicros: number = timeoutMicros;

/**
 * From the last provisional response: timer C must be above 3 minutes (RFC 3261 §16.6), and the CANCEL it causes
 * brings its 487 within another 64*T1.
 */
export const timerCMicros: number = 180_000_000 + timeoutMicros;

/** An INVITE that was cancelled has its final response within this time (RFC 3261 §9.1). */
export const cancelMicros: number = timeoutMicros;

/** Early dialogs live this long once another branch has answered (RFC 3261 §13.2.2.4). */
export const forkedMicros: number = timeoutMicros;

/** A session whose timer ran out gets its BYE within this time, if ever (RFC 4028 §10: at the latest by then). */
export const sessionTimerGraceMicros: number = timeoutMicros;

/**
 * A transaction that has ended is forgotten this long after its last message. What is repeated in it is repeated every
 * T2 = 4 s at the longest (RFC 3261 §17.1.2.2, §17.2.1, §13.3.1.4), so that one copy may be missed.
 */
export const transactionLingerMicros: number = 10_000_000;

/** A dialog that is over is forgotten after this time, when no 2xx that comes late would revive it. */
export const dialogLingerMicros: number = 10_000_000;

/** Another record whose story is over is kept this long, so that what comes late is not taken for something new. */
export const lingerMicros: number = timeoutMicros;
