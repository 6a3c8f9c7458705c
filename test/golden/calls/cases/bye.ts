// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

const begin = `
   0.000  alice > bob    INVITE
   0.010  bob > alice    100
   1.000  bob > alice    180
   2.000  bob > alice    200
   2.001  alice > bob    ACK
`;
/** What the beginning and any BYE leave behind. */
const endedCall = {
  attempts: 1,
  results: { answered: 1 },
  codes: { 200: 1 },
  inviteCodes: { 200: 1 },
  sessionsEnded: { bye: 1 },
  sessionRequestDelay: { success: [1] },
  postDialDelay: [1],
  answerDelay: [2],
} as const;

/** METRICS.md: "BYE". */
export const bye: readonly CallCase[] = [
  {
    name: 'bye-481',
    meaning: 'The BYE is answered with 481: the session was complete with it, only the disconnecting failed.',
    source: 'RFC 3261 §15.1.1, RFC 6076 §4.4.2, §4.5.1; METRICS.md, BYE',
    flow: `${begin}
      62.000  alice > bob    BYE
      62.020  bob > alice    481 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { failure: [0.02] },
    },
  },
  {
    name: 'bye-silence',
    meaning: 'Nobody answers the BYE: the session ended with it; its duration runs until timer F.',
    source: 'RFC 3261 §15.1.1, RFC 6076 §4.4, §4.5',
    flow: `${begin}
      62.000  alice > bob    BYE
      62.500  alice > bob    BYE again
      63.500  alice > bob    BYE again
      65.500  alice > bob    BYE again
      69.500  alice > bob    BYE again
      73.500  alice > bob    BYE again
      93.900  tick
      94.100  tick
    `,
    expected: {
      ...endedCall,
      retransmissions: { 'BYE request': 5 },
      timeouts: { BYE: 1 },
      sessionDuration: { failure: [92] },
      sessionDisconnectDelay: { failure: [32] },
    },
  },
  {
    name: 'bye-silence-then-nothing',
    meaning:
      'The next frame of any kind comes 5 h later: timer F was over long before, and its figures are the same.',
    source: 'RFC 6076 §4.5; packet time',
    flow: `${begin}
      62.000  alice > bob    BYE
   18000.000  tick
    `,
    expected: {
      ...endedCall,
      timeouts: { BYE: 1 },
      sessionDuration: { failure: [92] },
      sessionDisconnectDelay: { failure: [32] },
    },
  },
  {
    name: 'bye-unanswered-yet',
    meaning:
      'The capture ends before the answer to the BYE: the session has ended, its duration is not known.',
    source: 'METRICS.md, BYE: the session ends at the first BYE',
    flow: `${begin}
      62.000  alice > bob    BYE
      63.000  tick
    `,
    expected: endedCall,
  },
  {
    name: 'bye-407',
    meaning: 'The BYE is challenged and repeated with credentials: the delay has both rounds in it.',
    source: 'RFC 3261 §22.2, RFC 6076 §4.4',
    flow: `${begin}
      62.000  alice > bob    BYE
      62.020  bob > alice    407 BYE
      62.040  alice > bob    BYE
      62.060  bob > alice    200 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.06] },
    },
  },
  {
    name: 'bye-both-ends',
    meaning: 'Both ends hang up at once: one end of the session, by the BYE seen first.',
    source: 'RFC 3261 §15; METRICS.md, BYE: the session ends at the first BYE',
    flow: `${begin}
      62.000  alice > bob    BYE
      62.001  bob > alice    BYE
      62.020  bob > alice    200 BYE
      62.021  alice > bob    200 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'bye-both-ends-481',
    meaning: 'The same with peers that forget the dialog at their own BYE and know nothing of the other one.',
    source: 'RFC 3261 §15.1.2',
    flow: `${begin}
      62.000  alice > bob    BYE
      62.001  bob > alice    BYE
      62.020  bob > alice    481 BYE
      62.021  alice > bob    481 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { failure: [0.02] },
    },
  },
  {
    name: 'bye-reason-q850',
    meaning: 'The BYE of a gateway has a Q.850 cause, which is counted once though the BYE is sent twice.',
    source: 'RFC 3326 §2',
    flow: `${begin}
      62.000  bob > alice    BYE | Reason: Q.850;cause=16;text="Normal call clearing"
      62.500  bob > alice    BYE again
      62.520  alice > bob    200 BYE
    `,
    expected: {
      ...endedCall,
      reasons: { 'Q.850 16': 1 },
      retransmissions: { 'BYE request': 1 },
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.52] },
    },
  },
  {
    name: 'bye-reason-both',
    meaning: 'Two Reason fields, one a protocol; the answer to the BYE has one too, which ends nothing.',
    source: 'RFC 3326 §2',
    flow: `${begin}
      62.000  bob > alice    BYE | Reason: SIP;cause=600;text="Busy Everywhere" | Reason: Q.850;cause=17
      62.020  alice > bob    200 BYE | Reason: Q.850;cause=31
    `,
    expected: {
      ...endedCall,
      reasons: { 'SIP 600': 1, 'Q.850 17': 1 },
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'bye-before-ack',
    meaning: 'The 200 is repeated because the ACK is lost; the callee gives up with a BYE.',
    source: 'RFC 3261 §13.3.1.4',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200
       2.001  alice ~ bob    ACK
       2.500  bob > alice    200 again
       3.500  bob > alice    200 again
       5.500  bob > alice    200 again
      34.000  bob > alice    BYE
      34.020  alice > bob    200 BYE
    `,
    expected: {
      ...endedCall,
      retransmissions: { 'INVITE response': 3 },
      sessionDuration: { success: [32] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'bye-late-200',
    meaning: 'A 200 to the INVITE that comes again after the BYE revives nothing.',
    source: 'RFC 3261 §13.3.1.4, §15',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200
       2.001  alice ~ bob    ACK
       2.400  alice > bob    BYE
       2.420  bob > alice    200 BYE
       2.500  bob > alice    200 again
       3.500  bob > alice    200 again
    `,
    expected: {
      ...endedCall,
      retransmissions: { 'INVITE response': 2 },
      sessionDuration: { success: [0.4] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'bye-early-dialog',
    meaning:
      'The caller ends an early dialog with BYE, as it may: no session has ended, the 487 makes the result.',
    source: 'RFC 3261 §15',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       9.000  alice > bob    BYE
       9.010  bob > alice    200 BYE
       9.020  bob > alice    487
       9.021  alice > bob    ACK
      15.000  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { 487: 1 },
      inviteCodes: { 487: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
    },
  },
];
