// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** A call that fails with a code, after ringing for a while or at once. */
function failure(code: number, rings: boolean, result: string, meaning: string): CallCase {
  const ring = rings ? '1.000  bob > alice    180' : '';
  return {
    name: `failure-${code}${rings ? '-after-ringing' : ''}`,
    meaning,
    source: 'RFC 3261 §21; METRICS.md, sip_session_attempt_results_total',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       ${ring}
       9.000  bob > alice    ${code}
       9.001  alice > bob    ACK
      13.900  tick
      14.100  tick
    `,
    expected: {
      attempts: 1,
      results: { [result]: 1 },
      codes: { [code]: 1 },
      inviteCodes: { [code]: 1 },
      sessionRequestDelay: { failure: [rings ? 1 : 9] },
      ...(rings ? { postDialDelay: [1] } : {}),
    },
  };
}

/** A call answered with another 2xx than 200. */
function accepted(code: number, label: string): CallCase {
  return {
    name: `answer-${code}`,
    meaning: `${code} to INVITE and to BYE mean what 200 means.`,
    source: 'RFC 3261 §13.2.2.4; METRICS.md, 2xx',
    flow: `
       0.000  alice > bob    INVITE
       1.000  bob > alice    180
       2.000  bob > alice    ${code}
       2.001  alice > bob    ACK
      12.000  alice > bob    BYE
      12.020  bob > alice    ${code} BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { [label]: 1 },
      inviteCodes: { [label]: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [2],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  };
}

/** METRICS.md: "2xx", and what each final code makes of an attempt. */
export const answers: readonly CallCase[] = [
  accepted(202, '202'),
  accepted(204, '204'),
  accepted(299, 'other'),
  {
    name: 'answer-burst',
    meaning: 'An announcement server answers within 3 ms: 100, 180 and 200 follow each other closely.',
    source: 'RFC 3261 §13.3.1; METRICS.md, delays',
    flow: `
       0.000  alice > gateway  INVITE
       0.001  gateway > alice  100
       0.002  gateway > alice  180
       0.003  gateway > alice  200
       0.004  alice > gateway  ACK
       5.003  gateway > alice  BYE
       5.004  alice > gateway  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.002] },
      postDialDelay: [0.002],
      answerDelay: [0.003],
      sessionDuration: { success: [5] },
      sessionDisconnectDelay: { success: [0.001] },
    },
  },
  failure(404, false, 'rejected', 'Nobody has that number.'),
  failure(408, false, 'rejected', 'A server gave up before anything rang.'),
  failure(408, true, 'no_answer', 'The far end gave up after it rang: nobody answered.'),
  failure(480, true, 'no_answer', 'It rang and nobody answered.'),
  failure(480, false, 'no_answer', 'The phone is known and not there.'),
  failure(486, true, 'busy', 'The callee presses reject.'),
  failure(487, true, 'canceled', 'A 487 whose CANCEL was not seen.'),
  failure(488, false, 'rejected', 'No codec in common.'),
  failure(500, false, 'server_error', 'A server failed.'),
  failure(503, false, 'server_error', 'A server is overloaded.'),
  failure(600, true, 'busy', 'Busy everywhere.'),
  failure(603, true, 'declined', 'Declined.'),
  failure(604, false, 'global_error', 'A global failure that is neither busy nor declined.'),
  failure(608, false, 'declined', 'An intermediary rejects a robocall (RFC 8688).'),
  {
    name: 'failure-with-reason',
    meaning: 'A gateway says with its failure which cause ISUP gave; retransmitted, it is counted once.',
    source: 'RFC 3326 §2, RFC 6432',
    flow: `
       0.000  alice > gateway  INVITE
       0.010  gateway > alice  100
       1.000  gateway > alice  183
       9.000  gateway > alice  480 | Reason: Q.850;cause=19;text="No answer from user"
       9.500  gateway > alice  480 again
       9.501  alice > gateway  ACK
      20.000  tick
    `,
    expected: {
      attempts: 1,
      results: { no_answer: 1 },
      codes: { 480: 1 },
      inviteCodes: { 480: 1 },
      reasons: { 'Q.850 19': 1 },
      retransmissions: { 'INVITE response': 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
    },
  },
  {
    name: 'failure-provisional-reason',
    meaning: 'A Reason in a provisional response ends nothing, so it is not counted.',
    source: 'RFC 3326 §1',
    flow: `
       0.000  alice > gateway  INVITE
       1.000  gateway > alice  183 | Reason: Q.850;cause=17
       4.000  gateway > alice  486 | Reason: Q.850;cause=17
       4.001  alice > gateway  ACK
      10.000  tick
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 486: 1 },
      reasons: { 'Q.850 17': 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
    },
  },
  {
    name: 'failure-held-at-end',
    meaning: 'The capture ends 2 s after the failure: the result is given, nothing better can come.',
    source: 'METRICS.md, fork; the end of a file',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       9.000  bob > alice    404
       9.001  alice > bob    ACK
      11.000  tick
    `,
    expected: {
      attempts: 1,
      results: { rejected: 1 },
      codes: { 404: 1 },
      inviteCodes: { 404: 1 },
      sessionRequestDelay: { failure: [9] },
    },
  },
  {
    name: 'failure-tried-again',
    meaning: 'Two seconds after a 503 the caller tries again with a higher CSeq: the same attempt goes on.',
    source: 'RFC 3261 §8.1.3.4, §21.5.4; METRICS.md, session attempts',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    503 | Retry-After: 2
       0.011  alice > bob    ACK
       2.010  alice > bob    INVITE
       3.000  bob > alice    180
       4.000  bob > alice    200
       4.001  alice > bob    ACK
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 503: 1, 200: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [0.01] },
      postDialDelay: [3],
      answerDelay: [4],
    },
  },
  {
    name: 'failure-overlap-dialing',
    meaning: 'Each digit makes an INVITE with the next CSeq before the one before has its 484: one attempt.',
    source: 'RFC 3578 §3',
    flow: `
       0.000  alice > gateway  INVITE
       0.010  gateway > alice  100
       0.800  alice > gateway  INVITE
       0.810  gateway > alice  484 cseq=1
       0.811  alice > gateway  ACK cseq=1
       0.820  gateway > alice  100
       3.000  gateway > alice  183
       9.000  gateway > alice  200
       9.001  alice > gateway  ACK
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 484: 1, 200: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [3] },
      postDialDelay: [3],
      answerDelay: [9],
    },
  },
  {
    name: 'redirect-followed',
    meaning:
      'The caller follows a 302 with a new INVITE: one attempt, answered; the 302 has a delay of its own.',
    source: 'RFC 3261 §8.1.3.4, RFC 6076 §4.3: redirection is inside',
    flow: `
       0.000  alice > bob    INVITE
       0.050  bob > alice    302    | Contact: <sip:carol@example.com>
       0.051  alice > bob    ACK
       0.060  alice > carol  INVITE
       1.000  carol > alice  180
       3.000  carol > alice  200
       3.001  alice > carol  ACK
      13.000  carol > alice  BYE
      13.020  alice > carol  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 302: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      redirectDelay: [0.05],
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [3],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'redirect-not-followed',
    meaning:
      'A redirection that nobody follows, or whose target is called under another Call-ID: redirected.',
    source: 'RFC 3261 §8.1.3.4, RFC 6076 §4.3.2: a 3xx is no failure; METRICS.md, results',
    flow: `
       0.000  alice > bob    INVITE
       0.050  bob > alice    302    | Contact: <sip:carol@example.com>
       0.051  alice > bob    ACK
      31.900  tick
      32.100  tick
    `,
    expected: {
      attempts: 1,
      results: { redirected: 1 },
      codes: { 302: 1 },
      inviteCodes: { 302: 1 },
      redirectDelay: [0.05],
    },
  },
];
