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

/** METRICS.md: "long call" and, of "expiry values from the wire", the session timer; it ends up to a second late. */
export const longCall: readonly CallCase[] = [
  {
    name: 'long-call',
    meaning: 'Six hours without a message: the session lives until its BYE.',
    source: 'METRICS.md, long call: no invented end at 30 min',
    flow: `${begin}
      7200.000  tick
     14400.000  tick
     21602.000  alice > bob    BYE
     21602.020  bob > alice    200 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [21600] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'long-call-no-end',
    meaning: 'Without any sign of life the session is given up after 24 h; why it ended is not known.',
    source: 'METRICS.md, expiry values from the wire: session 24 h',
    flow: `${begin}
     86401.900  tick
     86403.100  tick
    `,
    expected: { ...endedCall, sessionsEnded: { unknown: 1 } },
  },
  {
    name: 'long-call-refreshed',
    meaning: 'A session timer of 30 min, refreshed by UPDATE and by re-INVITE: the session lives.',
    source: 'RFC 4028 §7.4, §9',
    flow: `
       0.000  alice > bob    INVITE     | Supported: timer | Session-Expires: 1800
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200        | Require: timer | Session-Expires: 1800;refresher=uac
       2.001  alice > bob    ACK
     902.000  alice > bob    UPDATE     | Supported: timer | Session-Expires: 1800;refresher=uac
     902.020  bob > alice    200 UPDATE | Require: timer | Session-Expires: 1800;refresher=uac
    1802.000  alice > bob    INVITE     | Supported: timer | Session-Expires: 1800;refresher=uac
    1802.020  bob > alice    200        | Require: timer | Session-Expires: 1800;refresher=uac
    1802.021  alice > bob    ACK
    3630.000  tick
    3632.000  alice > bob    BYE
    3632.020  bob > alice    200 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [3630] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'long-call-timer-expired',
    meaning:
      'The session timer is agreed and nobody refreshes: 1800 s and a grace of 32 s later the session has ended.',
    source: 'RFC 4028 §10; METRICS.md, session_timer',
    flow: `
       0.000  alice > bob    INVITE     | Supported: timer | Session-Expires: 1800
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200        | Require: timer | Session-Expires: 1800;refresher=uac
       2.001  alice > bob    ACK
    1833.900  tick
    1835.100  tick
    `,
    expected: { ...endedCall, sessionsEnded: { session_timer: 1 } },
  },
  {
    name: 'long-call-refresh-refused',
    meaning: 'A refresh that is refused is none: the session ends with the timer agreed before.',
    source: 'RFC 4028 §10',
    flow: `
       0.000  alice > bob    INVITE     | Supported: timer | Session-Expires: 1800
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200        | Require: timer | Session-Expires: 1800;refresher=uac
       2.001  alice > bob    ACK
     902.000  alice > bob    UPDATE     | Supported: timer | Session-Expires: 1800;refresher=uac
     902.020  bob > alice    500 UPDATE
    1835.100  tick
    `,
    expected: { ...endedCall, sessionsEnded: { session_timer: 1 } },
  },
  {
    name: 'long-call-timer-off',
    meaning: 'The 200 to an UPDATE has no Session-Expires any more: the timer is off from then on.',
    source: 'RFC 4028 §7.2, §7.4',
    flow: `
       0.000  alice > bob    INVITE     | Supported: timer | Session-Expires: 1800
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200        | Require: timer | Session-Expires: 1800;refresher=uac
       2.001  alice > bob    ACK
     902.000  alice > bob    UPDATE
     902.020  bob > alice    200 UPDATE
    5000.000  tick
    6002.000  alice > bob    BYE
    6002.020  bob > alice    200 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [6000] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'long-call-timer-not-agreed',
    meaning: 'The caller asks for a session timer, the 200 has none: nothing was agreed, nothing runs out.',
    source: 'RFC 4028 §7.2; METRICS.md: only where a Session-Expires was agreed',
    flow: `
       0.000  alice > bob    INVITE     | Supported: timer | Session-Expires: 90
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200
       2.001  alice > bob    ACK
    4000.000  tick
    4002.000  bob > alice    BYE
    4002.020  alice > bob    200 BYE
    `,
    expected: {
      ...endedCall,
      sessionDuration: { success: [4000] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'long-call-absurd-timer',
    meaning:
      'A session timer of 63 years is worth 24 h; then the session is given up, its timer not run out.',
    source: 'METRICS.md, expiry values from the wire: clamped',
    flow: `
       0.000  alice > bob    INVITE     | Supported: timer
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200        | Require: timer | Session-Expires: 2000000000;refresher=uas
       2.001  alice > bob    ACK
     80000.000  tick
     86450.000  tick
    `,
    expected: { ...endedCall, sessionsEnded: { session_timer: 1 } },
  },
];
