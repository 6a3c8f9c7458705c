// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** METRICS.md: "CANCEL". */
export const cancel: readonly CallCase[] = [
  {
    name: 'cancel-487',
    meaning: "The caller hangs up while it rings: the 487 makes the result, CANCEL's own 200 is no answer.",
    source: 'RFC 3261 §9; METRICS.md, CANCEL',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL
       5.010  bob > alice    200 CANCEL
       5.011  bob > alice    487
       5.012  alice > bob    ACK
      10.100  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { 487: 1 },
      inviteCodes: { 487: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      cancelRing: [4],
    },
  },
  {
    name: 'cancel-with-reason',
    meaning: 'The CANCEL says why, for both protocols.',
    source: 'RFC 3326 §2',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL | Reason: Q.850;cause=31 ;text="Normal, unspecified", SIP ;cause=480
       5.010  bob > alice    200 CANCEL
       5.011  bob > alice    487
       5.012  alice > bob    ACK
      10.100  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { 487: 1 },
      inviteCodes: { 487: 1 },
      reasons: { 'Q.850 31': 1, 'SIP 480': 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      cancelRing: [4],
    },
  },
  {
    name: 'cancel-200-wins',
    meaning: 'The 200 has crossed the CANCEL: the call is answered, and the caller ends it with a BYE.',
    source: 'RFC 3261 §9.1; METRICS.md, CANCEL',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL
       5.005  bob > alice    200
       5.010  bob > alice    200 CANCEL
       5.011  alice > bob    ACK
       5.105  alice > bob    BYE
       5.120  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [5.005],
      cancelRing: [4],
      sessionDuration: { success: [0.1] },
      sessionDisconnectDelay: { success: [0.015] },
    },
  },
  {
    name: 'cancel-too-late',
    meaning: 'The CANCEL comes after the 200: it finds nothing to cancel and changes nothing.',
    source: 'RFC 3261 §9.2',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  bob > alice    200
       5.002  alice > bob    CANCEL
       5.010  bob > alice    200 CANCEL
       5.011  alice > bob    ACK
       6.000  alice > bob    BYE
       6.020  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [5],
      sessionDuration: { success: [1] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'cancel-without-final',
    meaning: 'No 487 follows: 32 s after the CANCEL the attempt is canceled without a code.',
    source: 'RFC 3261 §9.1: 64*T1 after the CANCEL the transaction is considered canceled',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL
       5.010  bob > alice    200 CANCEL
      36.900  tick
      37.100  tick
     100.000  tick
     300.000  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { timeout: 1 },
      inviteCodes: { timeout: 1 },
      timeouts: { INVITE: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      cancelRing: [4],
    },
  },
  {
    name: 'cancel-silence',
    meaning: 'The callee is gone: neither CANCEL nor INVITE get a final; both transactions time out.',
    source: 'RFC 3261 §9.1, §17.1.2.2 timer F',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL
       5.500  alice > bob    CANCEL again
       6.500  alice > bob    CANCEL again
      40.000  tick
     100.000  tick
     300.000  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { timeout: 1 },
      inviteCodes: { timeout: 1 },
      retransmissions: { 'CANCEL request': 2 },
      timeouts: { INVITE: 1, CANCEL: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      cancelRing: [4],
    },
  },
  {
    name: 'cancel-487-repeated',
    meaning: 'CANCEL, its 200 and the 487 are all sent twice: one result, one ring time.',
    source: 'RFC 3261 §17.1.2, §17.2.1',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL
       5.500  alice > bob    CANCEL again
       5.510  bob > alice    200 CANCEL
       5.512  bob > alice    200 CANCEL again
       5.513  bob > alice    487
       6.013  bob > alice    487 again
       6.014  alice > bob    ACK
       6.015  alice > bob    ACK again
      12.000  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { 487: 1 },
      inviteCodes: { 487: 1 },
      retransmissions: {
        'CANCEL request': 1,
        'CANCEL response': 1,
        'INVITE response': 1,
        'ACK request': 1,
      },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      cancelRing: [4],
    },
  },
  {
    name: 'cancel-before-ringing',
    meaning:
      'Canceled after the 100 alone: nothing rang, so there is neither a post dial delay nor a ring time.',
    source: 'RFC 3261 §9.1',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       2.000  alice > bob    CANCEL
       2.010  bob > alice    200 CANCEL
       2.020  bob > alice    487
       2.021  alice > bob    ACK
       8.000  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { 487: 1 },
      inviteCodes: { 487: 1 },
      sessionRequestDelay: { failure: [2.02] },
    },
  },
  {
    name: 'cancel-486-wins',
    meaning: 'The callee declines while the CANCEL is on its way: busy, not canceled.',
    source: 'RFC 3261 §9.1; METRICS.md, CANCEL: ends as canceled with its 487',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       5.000  alice > bob    CANCEL
       5.005  bob > alice    486
       5.006  alice > bob    ACK
       5.010  bob > alice    481 CANCEL
      12.000  tick
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 486: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      cancelRing: [4],
    },
  },
];
