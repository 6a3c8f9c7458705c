// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** What every plain call here has: ringing after 1 s, an answer after 2 s, a BYE 60 s after the answer. */
const plainCall = {
  attempts: 1,
  results: { answered: 1 },
  codes: { 200: 1 },
  inviteCodes: { 200: 1 },
  sessionsEnded: { bye: 1 },
  sessionRequestDelay: { success: [1] },
  postDialDelay: [1],
  answerDelay: [2],
  sessionDuration: { success: [60] },
  sessionDisconnectDelay: { success: [0.02] },
} as const;
const begin = `
   0.000  alice > bob    INVITE
   0.010  bob > alice    100
   1.000  bob > alice    180
   2.000  bob > alice    200
   2.001  alice > bob    ACK
`;
const end = `
  62.000  alice > bob    BYE
  62.020  bob > alice    200 BYE
`;

/** METRICS.md: "re-INVITE, UPDATE" and what else happens inside a dialog. */
export const dialog: readonly CallCase[] = [
  {
    name: 'dialog-plain-call',
    meaning: 'A call as the books have it.',
    source: 'RFC 3261 §4; RFC 3665 §3.1',
    flow: begin + end,
    expected: plainCall,
  },
  {
    name: 'dialog-hold',
    meaning: 'Hold and resume by re-INVITE, one from each side: neither attempts nor answers.',
    source: 'RFC 3264 §8.4, RFC 3261 §14; METRICS.md, re-INVITE',
    flow: `${begin}
      20.000  alice > bob    INVITE sdp=sendonly
      20.050  bob > alice    200 sdp=recvonly
      20.051  alice > bob    ACK
      30.000  alice > bob    INVITE
      30.050  bob > alice    200
      30.051  alice > bob    ACK
      40.000  bob > alice    INVITE sdp=sendonly
      40.050  alice > bob    200 sdp=recvonly
      40.051  bob > alice    ACK
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-reinvite-refused',
    meaning: 'A re-INVITE is refused with 488: the session stays as it was.',
    source: 'RFC 3261 §14.1; METRICS.md, re-INVITE',
    flow: `${begin}
      20.000  alice > bob    INVITE
      20.050  bob > alice    488
      20.051  alice > bob    ACK
      45.000  tick
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-reinvite-glare',
    meaning: 'Both sides send a re-INVITE at once and refuse the other with 491.',
    source: 'RFC 3261 §14.1',
    flow: `${begin}
      20.000  alice > bob    INVITE
      20.001  bob > alice    INVITE
      20.020  bob > alice    491
      20.021  alice > bob    491
      20.022  alice > bob    ACK
      20.023  bob > alice    ACK
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-reinvite-challenged',
    meaning: 'A re-INVITE is challenged and repeated: still no attempt.',
    source: 'RFC 3261 §22.2',
    flow: `${begin}
      20.000  alice > bob    INVITE
      20.020  bob > alice    401
      20.021  alice > bob    ACK
      20.030  alice > bob    INVITE
      20.060  bob > alice    200
      20.061  alice > bob    ACK
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-reinvite-unanswered',
    meaning: 'A re-INVITE gets no response: its transaction times out, the session waits for its BYE.',
    source: 'RFC 3261 §17.1.1.2 timer B; METRICS.md, BYE',
    flow: `${begin}
      20.000  alice > bob    INVITE
      20.500  alice > bob    INVITE again
      21.500  alice > bob    INVITE again
      55.000  tick
    ${end}`,
    expected: {
      ...plainCall,
      retransmissions: { 'INVITE request': 2 },
      timeouts: { INVITE: 1 },
    },
  },
  {
    name: 'dialog-update',
    meaning: 'UPDATE in a confirmed dialog, once refused: a message and no more.',
    source: 'RFC 3311 §5',
    flow: `${begin}
      20.000  alice > bob    UPDATE sdp=sendonly
      20.020  bob > alice    200 UPDATE sdp=recvonly
      30.000  bob > alice    UPDATE sdp=sendrecv
      30.020  alice > bob    488 UPDATE
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-update-early',
    meaning: 'UPDATE in an early dialog, after a reliable provisional: neither attempt nor answer.',
    source: 'RFC 3311 §5.1, RFC 3262 §3',
    flow: `
       0.000  alice > bob    INVITE | Supported: 100rel
       0.010  bob > alice    100
       1.000  bob > alice    183    | Require: 100rel | RSeq: 813520
       1.010  alice > bob    PRACK  | RAck: 813520 1 INVITE
       1.030  bob > alice    200 PRACK
       1.100  alice > bob    UPDATE sdp=sendrecv
       1.120  bob > alice    200 UPDATE sdp=sendrecv
       1.500  bob > alice    180
       2.000  bob > alice    200
       2.001  alice > bob    ACK
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-prack',
    meaning: 'A reliable 183 sent twice is a retransmission; the same code with the next RSeq is not.',
    source: 'RFC 3262 §3, §7.1',
    flow: `
       0.000  alice > bob    INVITE | Supported: 100rel
       0.010  bob > alice    100
       1.000  bob > alice    183    | Require: 100rel | RSeq: 1
       1.500  bob > alice    183 again
       1.510  alice > bob    PRACK  | RAck: 1 1 INVITE
       1.530  bob > alice    200 PRACK
       1.600  bob > alice    183    | Require: 100rel | RSeq: 2
       1.610  alice > bob    PRACK  | RAck: 2 1 INVITE
       1.630  bob > alice    200 PRACK
       1.700  bob > alice    180    | Require: 100rel | RSeq: 3
       1.710  alice > bob    PRACK  | RAck: 3 1 INVITE
       1.730  bob > alice    200 PRACK
       2.000  bob > alice    200
       2.001  alice > bob    ACK
    ${end}`,
    expected: { ...plainCall, retransmissions: { 'INVITE response': 1 } },
  },
  {
    name: 'dialog-refer',
    meaning: 'A blind transfer: REFER and its NOTIFYs are messages of the dialog.',
    source: 'RFC 3515 §4.1, RFC 5589 §6',
    flow: `${begin}
      20.000  bob > alice    REFER  | Refer-To: <sip:carol@example.com>
      20.020  alice > bob    202 REFER
      20.030  alice > bob    NOTIFY body=sipfrag | Event: refer | Subscription-State: terminated;reason=noresource
      20.050  bob > alice    200 NOTIFY
      25.000  alice > bob    INFO body=text
      25.020  bob > alice    200 INFO
    ${end}`,
    expected: plainCall,
  },
  {
    name: 'dialog-early-failure',
    meaning: 'The early dialog ends with the failure of its attempt.',
    source: 'RFC 3261 §12.3',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       8.000  bob > alice    486
       8.001  alice > bob    ACK
      13.100  tick
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 486: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
    },
  },
  {
    name: 'dialog-under-way',
    meaning: 'The capture ends in mid-call: one confirmed dialog, nothing else open.',
    source: 'RFC 3261 §12',
    flow: begin,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [2],
    },
  },
];
