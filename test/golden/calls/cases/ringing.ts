// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** METRICS.md: "ringing for minutes". */
export const ringing: readonly CallCase[] = [
  {
    name: 'ringing-answered',
    meaning: 'It rings for more than three minutes, a 180 each minute, and is answered.',
    source: 'RFC 3261 §13.3.1.1, §16.6 step 11 timer C',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
      61.000  bob > alice    180 again
     121.000  bob > alice    180 again
     181.000  bob > alice    180 again
     230.000  bob > alice    200
     230.001  alice > bob    ACK
     290.000  bob > alice    BYE
     290.020  alice > bob    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      retransmissions: { 'INVITE response': 3 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [230],
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'ringing-once-answered',
    meaning: 'A single 180 and an answer 175 s later, which timer C allows.',
    source: 'RFC 3261 §16.6 step 11: timer C is larger than 3 minutes',
    flow: `
       0.000  alice > bob    INVITE
       1.000  bob > alice    180
     100.000  tick
     176.000  bob > alice    200
     176.001  alice > bob    ACK
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [176],
    },
  },
  {
    name: 'ringing-never-answered',
    meaning: 'It rings, then there is silence: 212 s after the last 180 the attempt has timed out.',
    source: 'RFC 3261 §16.6 step 11, §16.8; METRICS.md, ringing for minutes',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
      61.000  bob > alice    180 again
     272.900  tick
     273.100  tick
    `,
    expected: {
      attempts: 1,
      results: { timeout: 1 },
      codes: { timeout: 1 },
      inviteCodes: { timeout: 1 },
      retransmissions: { 'INVITE response': 1 },
      timeouts: { INVITE: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
    },
  },
  {
    name: 'ringing-answered-too-late',
    meaning: 'After 225 s the attempt has its result; the answer that comes then still makes a session.',
    source: 'RFC 3261 §13.2.2.4; METRICS.md: exactly one result, and each To tag that confirms is a dialog',
    flow: `
       0.000  alice > bob    INVITE
       1.000  bob > alice    180
     214.100  tick
     225.000  bob > alice    200
     225.001  alice > bob    ACK
     235.000  alice > bob    BYE
     235.020  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { timeout: 1 },
      codes: { timeout: 1 },
      inviteCodes: { timeout: 1 },
      timeouts: { INVITE: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { failure: [1] },
      postDialDelay: [1],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'ringing-under-way',
    meaning: 'The same, 0.1 s too early: still ringing.',
    source: 'RFC 3261 §16.6 step 11',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
      61.000  bob > alice    180 again
     272.900  tick
    `,
    expected: {
      attempts: 1,
      dialogs: { early: 1 },
      retransmissions: { 'INVITE response': 1 },
      postDialDelay: [1],
    },
  },
  {
    name: 'ringing-trying-only',
    meaning: 'A proxy says 100 and nothing else: the wait is that for a provisional, and no delay is known.',
    source: 'RFC 3261 §17.1.1.2, §16.6 step 11; RFC 6076 §4.3: a 100 is no response that counts',
    flow: `
       0.000  alice > proxy  INVITE
       0.010  proxy > alice  100
     100.000  tick
     212.200  tick
    `,
    expected: {
      attempts: 1,
      results: { timeout: 1 },
      codes: { timeout: 1 },
      inviteCodes: { timeout: 1 },
      timeouts: { INVITE: 1 },
    },
  },
  {
    name: 'ringing-queued-forwarded',
    meaning: 'Other provisionals than 180: each of 181, 182, 183 and 199 is an answer to the dialing.',
    source: 'RFC 3261 §21.1, RFC 6228; METRICS.md, sip_post_dial_delay_seconds',
    flow: `
       0.000  alice > proxy  INVITE
       0.010  proxy > alice  100
       0.400  proxy > alice  181 tag=none
       0.700  proxy > alice  182 tag=none
       1.500  proxy > alice  183 tag=bob
       5.000  proxy > alice  199 tag=bob
       6.000  proxy > alice  480 tag=core
       6.001  alice > proxy  ACK
      11.100  tick
    `,
    expected: {
      attempts: 1,
      results: { no_answer: 1 },
      codes: { 480: 1 },
      inviteCodes: { 480: 1 },
      sessionRequestDelay: { failure: [0.4] },
      postDialDelay: [0.4],
    },
  },
];
