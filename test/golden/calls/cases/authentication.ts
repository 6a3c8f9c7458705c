// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** METRICS.md: "401/407 on INVITE". */
export const authentication: readonly CallCase[] = [
  {
    name: 'auth-407-answered',
    meaning: 'The caller answers the challenge: one attempt; its delays begin with the first INVITE.',
    source: 'RFC 3261 §22.3, RFC 6076 §4.3',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    407
       0.021  alice > bob    ACK
       0.050  alice > bob    INVITE
       0.070  bob > alice    100
       1.000  bob > alice    180
       3.000  bob > alice    200
       3.001  alice > bob    ACK
      60.000  alice > bob    BYE
      60.020  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 407: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [3],
      sessionDuration: { success: [57] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'auth-401-answered',
    meaning: 'A user agent server challenges with 401; the second INVITE is answered without ringing.',
    source: 'RFC 3261 §22.2',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    401
       0.021  alice > bob    ACK
       0.050  alice > bob    INVITE
       2.000  bob > alice    200
       2.001  alice > bob    ACK
      10.000  bob > alice    BYE
      10.015  alice > bob    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 401: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [2] },
      postDialDelay: [2],
      answerDelay: [2],
      sessionDuration: { success: [8] },
      sessionDisconnectDelay: { success: [0.015] },
    },
  },
  {
    name: 'auth-double-challenge',
    meaning: 'The proxy challenges, then the server behind it: three INVITEs, one attempt.',
    source: 'RFC 3261 §22.3',
    flow: `
       0.000  alice > proxy  INVITE
       0.010  proxy > alice  407
       0.011  alice > proxy  ACK
       0.020  alice > proxy  INVITE
       0.021  proxy ~ bob    INVITE
       0.022  proxy > alice  100
       0.050  bob ~ proxy    401
       0.051  proxy > alice  401
       0.052  alice > proxy  ACK
       0.060  alice > proxy  INVITE
       0.061  proxy ~ bob    INVITE
       1.000  bob ~ proxy    180
       1.010  proxy > alice  180
       4.000  bob ~ proxy    200
       4.010  proxy > alice  200
       4.011  alice > proxy  ACK
      64.010  alice > proxy  BYE
      64.011  proxy ~ bob    BYE
      64.020  bob ~ proxy    200 BYE
      64.030  proxy > alice  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 407: 1, 401: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1.01] },
      postDialDelay: [1.01],
      answerDelay: [4.01],
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'auth-gave-up',
    meaning:
      'Nobody answers the challenge: after 32 s the attempt ends as challenged, without a delay to tell.',
    source: 'RFC 3261 §22.3; RFC 6076 §4.3.2: 401 and 407 are no failures',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    407
       0.021  alice > bob    ACK
      31.900  tick
      32.100  tick
    `,
    expected: {
      attempts: 1,
      results: { challenged: 1 },
      codes: { 407: 1 },
      inviteCodes: { 407: 1 },
    },
  },
  {
    name: 'auth-still-waiting',
    meaning: 'After 31 s the attempt is still open, and so it stays when the capture ends.',
    source: 'METRICS.md, 401/407 on INVITE: ended as challenged if none comes in 32 s',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    401
       0.021  alice > bob    ACK
      31.000  tick
    `,
    expected: {
      attempts: 1,
      inviteCodes: { 401: 1 },
    },
  },
  {
    name: 'auth-wrong-password',
    meaning: 'The credentials are wrong, the caller is challenged again and gives up: challenged, 401.',
    source: 'RFC 3261 §22.2',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    401
       0.021  alice > bob    ACK
       0.050  alice > bob    INVITE
       0.070  bob > alice    401
       0.071  alice > bob    ACK
      40.000  tick
    `,
    expected: {
      attempts: 1,
      results: { challenged: 1 },
      codes: { 401: 1 },
      inviteCodes: { 401: 2 },
    },
  },
  {
    name: 'auth-retry-too-late',
    meaning:
      'The second INVITE comes after 40 s: the first attempt has ended as challenged, this is another.',
    source: 'METRICS.md, 401/407 on INVITE',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    407
       0.021  alice > bob    ACK
      40.000  alice > bob    INVITE
      40.500  bob > alice    180
      41.000  bob > alice    200
      41.001  alice > bob    ACK
      51.000  bob > alice    BYE
      51.010  alice > bob    200 BYE
    `,
    expected: {
      attempts: 2,
      results: { challenged: 1, answered: 1 },
      codes: { 407: 1, 200: 1 },
      inviteCodes: { 407: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.5] },
      postDialDelay: [0.5],
      answerDelay: [1],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.01] },
    },
  },
  {
    name: 'auth-ack-lost',
    meaning:
      'The ACK to the 407 is lost: the 407 that comes again belongs to the INVITE before and changes nothing.',
    source: 'RFC 3261 §17.2.1 timer G; METRICS.md, 401/407 on INVITE',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    407
       0.021  alice ~ bob    ACK
       0.050  alice > bob    INVITE
       0.520  bob > alice    407 again
       0.521  alice > bob    ACK cseq=1
       1.000  bob > alice    180
      40.000  tick
      45.000  bob > alice    200
      45.001  alice > bob    ACK
      55.000  alice > bob    BYE
      55.020  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 407: 1, 200: 1 },
      retransmissions: { 'INVITE response': 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [45],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'auth-then-busy',
    meaning: 'After the challenge the callee is busy: the result is the last word, not the challenge.',
    source: 'RFC 3261 §22.3; METRICS.md, 401/407 on INVITE',
    flow: `
       0.000  alice > bob    INVITE
       0.020  bob > alice    407
       0.021  alice > bob    ACK
       0.050  alice > bob    INVITE
       0.100  bob > alice    100
       0.300  bob > alice    486
       0.301  alice > bob    ACK
       6.000  tick
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 407: 1, 486: 1 },
      sessionRequestDelay: { failure: [0.3] },
    },
  },
  {
    name: 'auth-session-interval-422',
    meaning: 'A 422 asks for a longer Session-Expires; the next INVITE has it: one attempt.',
    source: 'RFC 4028 §7.3',
    flow: `
       0.000  alice > bob    INVITE | Supported: timer | Session-Expires: 90
       0.020  bob > alice    422    | Min-SE: 1800
       0.021  alice > bob    ACK
       0.050  alice > bob    INVITE | Supported: timer | Session-Expires: 1800 | Min-SE: 1800
       1.000  bob > alice    180
       2.000  bob > alice    200    | Require: timer | Session-Expires: 1800;refresher=uac
       2.001  alice > bob    ACK
      12.000  alice > bob    BYE
      12.020  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 422: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [2],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'auth-422-gave-up',
    meaning: 'A 422 that nobody follows is a rejection, and its delay one of a failure.',
    source: 'RFC 4028 §7.3, RFC 6076 §4.3.2; METRICS.md, results: other 4xx',
    flow: `
       0.000  alice > bob    INVITE | Supported: timer | Session-Expires: 90
       0.020  bob > alice    422    | Min-SE: 1800
       0.021  alice > bob    ACK
      40.000  tick
    `,
    expected: {
      attempts: 1,
      results: { rejected: 1 },
      codes: { 422: 1 },
      inviteCodes: { 422: 1 },
      sessionRequestDelay: { failure: [0.02] },
    },
  },
];
