// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

const plainCall = `
   0.000  alice > bob    INVITE
   0.010  bob > alice    100
   1.000  bob > alice    180
   2.000  bob > alice    200
   2.001  alice > bob    ACK
  62.000  alice > bob    BYE
  62.020  bob > alice    200 BYE
`;
const plainFigures = {
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
const retransmitted = `
   0.000  alice > bob    INVITE
   0.500  alice > bob    INVITE again
   1.500  alice > bob    INVITE again
   1.510  bob > alice    100
   1.600  bob > alice    180
   1.700  bob > alice    180 again
   2.000  bob > alice    200
   2.001  alice > bob    ACK
   2.500  bob > alice    200 again
   2.501  alice > bob    ACK again
  62.000  alice > bob    BYE
  62.500  alice > bob    BYE again
  62.520  bob > alice    200 BYE
  62.540  bob > alice    200 BYE again
`;
const retransmittedFigures = {
  ...plainFigures,
  retransmissions: {
    'INVITE request': 2,
    'INVITE response': 2,
    'ACK request': 1,
    'BYE request': 1,
    'BYE response': 1,
  },
  sessionRequestDelay: { success: [1.6] },
  postDialDelay: [1.6],
  sessionDisconnectDelay: { success: [0.52] },
} as const;

/** METRICS.md: "process start mid-call", capture duplicates, retransmissions, timeouts, peers of another kind. */
export const lost: readonly CallCase[] = [
  {
    name: 'mid-call-bye',
    meaning: 'The program was started during the call: its BYE is a message of an unknown dialog.',
    source: 'METRICS.md, process start mid-call',
    flow: `
       0.000  alice ~ bob    INVITE
       0.000  bob ~ alice    200
       0.000  alice ~ bob    ACK
       5.000  alice > bob    BYE
       5.020  bob > alice    200 BYE
    `,
    expected: { unknownDialogMessages: 1 },
  },
  {
    name: 'mid-call-reinvite',
    meaning: 'A re-INVITE of an unknown dialog makes no attempt, its 200 no dialog.',
    source: 'METRICS.md, process start mid-call',
    flow: `
       0.000  alice ~ bob    INVITE
       0.000  bob ~ alice    200
       0.000  alice ~ bob    ACK
       5.000  alice > bob    INVITE
       5.020  bob > alice    200
       5.021  alice > bob    ACK
    `,
    expected: { unknownDialogMessages: 1 },
  },
  {
    name: 'mid-call-answer',
    meaning: 'A 200 whose INVITE was not seen could answer a re-INVITE as well: it begins no session.',
    source: 'METRICS.md, process start mid-call',
    flow: `
       0.000  alice ~ bob    INVITE
       1.000  bob > alice    180
       2.000  bob > alice    200
       2.001  alice > bob    ACK
       9.000  bob > alice    BYE
       9.020  alice > bob    200 BYE
    `,
    expected: { unknownDialogMessages: 1 },
  },
  {
    name: 'mirror-same-interface',
    meaning: 'A mirror port shows every frame twice: all figures as if there were one of each.',
    source: 'METRICS.md, sip_capture_duplicates_total',
    flow: plainCall,
    mirror: { afterSeconds: 0.0004, interface: 'same' },
    expected: { ...plainFigures, duplicates: 7 },
  },
  {
    name: 'mirror-other-interface',
    meaning: 'A bridge shows every frame on two interfaces: the same.',
    source: 'METRICS.md, sip_capture_duplicates_total',
    flow: plainCall,
    mirror: { afterSeconds: 0.00002, interface: 'other' },
    expected: { ...plainFigures, duplicates: 7 },
  },
  {
    name: 'mirror-retransmissions',
    meaning:
      'A retransmission has its own IP identification: doubled by a mirror, it is one and its duplicate.',
    source: 'METRICS.md, messages',
    flow: retransmitted,
    mirror: { afterSeconds: 0.001, interface: 'same' },
    expected: { ...retransmittedFigures, duplicates: 14 },
  },
  {
    name: 'retransmissions',
    meaning:
      'Everything is sent twice or more: counted as messages and as retransmissions; delays from the first.',
    source: 'RFC 3261 §17.1.1.2, §13.3.1.4; METRICS.md, sip_retransmissions_total',
    flow: retransmitted,
    expected: retransmittedFigures,
  },
  {
    name: 'retransmissions-identification-0',
    meaning:
      'The same from Linux hosts, whose datagrams all have the identification 0: only time tells duplicates.',
    source: 'RFC 6864 §4.1; METRICS.md, messages',
    flow: retransmitted.replace('62.540', '62.600'),
    identification: 'zero',
    expected: retransmittedFigures,
  },
  {
    name: 'duplicate-too-late',
    meaning: 'The same datagram 60 ms later is no duplicate of the capture any more: sent again by someone.',
    source: '--capture.duplicate-window 50 ms',
    flow: `
       0.000  alice > bob    INVITE
       0.001  alice > bob    INVITE dup
       0.061  alice > bob    INVITE dup late
       0.300  bob > alice    486
       0.349  bob > alice    486 dup other
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 486: 1 },
      duplicates: 2,
      retransmissions: { 'INVITE request': 1 },
      sessionRequestDelay: { failure: [0.3] },
    },
  },
  {
    name: 'timeout-invite',
    meaning: 'Nobody answers the INVITE: the attempt times out at timer B, without any delay to tell.',
    source: 'RFC 3261 §17.1.1.2 timer B',
    flow: `
       0.000  alice > bob    INVITE
       0.500  alice > bob    INVITE again
       1.500  alice > bob    INVITE again
       3.500  alice > bob    INVITE again
       7.500  alice > bob    INVITE again
      15.500  alice > bob    INVITE again
      31.500  alice > bob    INVITE again
      64.000  tick
    `,
    expected: {
      attempts: 1,
      results: { timeout: 1 },
      codes: { timeout: 1 },
      inviteCodes: { timeout: 1 },
      retransmissions: { 'INVITE request': 6 },
      timeouts: { INVITE: 1 },
    },
  },
  {
    name: 'timeout-other-methods',
    meaning: 'OPTIONS, MESSAGE and SUBSCRIBE without a final: timer F of each; an ACK waits for nothing.',
    source: 'RFC 3261 §17.1.2.2 timer F',
    flow: `
       0.000  alice > bob    OPTIONS
       0.100  alice > bob    MESSAGE   call=m body=text
       0.200  alice > bob    SUBSCRIBE call=s | Event: presence
       0.300  bob > alice    100 SUBSCRIBE call=s
       0.400  alice > bob    INVITE    call=i
       0.500  bob > alice    486       call=i
       0.501  alice > bob    ACK       call=i
      31.900  tick
      32.300  tick
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 486: 1 },
      timeouts: { OPTIONS: 1, MESSAGE: 1, SUBSCRIBE: 1 },
      sessionRequestDelay: { failure: [0.1] },
    },
  },
  {
    name: 'old-peers',
    meaning: 'Peers of RFC 2543: neither branches nor tags, and a call all the same.',
    source: 'RFC 3261 §17.2.3, §12.1.2: a missing tag is the null tag',
    flow: plainCall,
    style: 'rfc2543',
    expected: plainFigures,
  },
  {
    name: 'old-peers-refused',
    meaning: 'Peers of RFC 2543, a retransmission and a refusal.',
    source: 'RFC 3261 §17.2.3',
    flow: `
       0.000  alice > bob    INVITE
       0.500  alice > bob    INVITE again
       0.600  bob > alice    180
       4.000  bob > alice    603
       4.001  alice > bob    ACK
      10.000  tick
    `,
    style: 'rfc2543',
    expected: {
      attempts: 1,
      results: { declined: 1 },
      codes: { 603: 1 },
      inviteCodes: { 603: 1 },
      retransmissions: { 'INVITE request': 1 },
      sessionRequestDelay: { failure: [0.6] },
      postDialDelay: [0.6],
    },
  },
  {
    name: 'old-peers-hold',
    meaning: 'Peers of RFC 2543: a re-INVITE looks like a first one but for its dialog; the callee hangs up.',
    source: 'RFC 3261 §12.2, §17.2.3',
    flow: `
       0.000  alice > bob    INVITE
       0.010  bob > alice    100
       1.000  bob > alice    180
       2.000  bob > alice    200
       2.001  alice > bob    ACK
      50.000  alice > bob    INVITE sdp=sendonly
      50.020  bob > alice    200
      50.021  alice > bob    ACK
      62.000  bob > alice    BYE
      62.020  alice > bob    200 BYE
    `,
    style: 'rfc2543',
    expected: plainFigures,
  },
  {
    name: 'compact-forms',
    meaning: 'Every header field that has a compact form is in it: nothing is different.',
    source: 'RFC 3261 §7.3.3, §20',
    flow: plainCall,
    style: 'compact',
    expected: plainFigures,
  },
  {
    name: 'compact-session-timer',
    meaning: 'x is Session-Expires: the timer runs out as with the long name.',
    source: 'RFC 4028 §4',
    flow: `
       0.000  alice > bob    INVITE | Supported: timer | Session-Expires: 90
       1.000  bob > alice    180
       2.000  bob > alice    200    | Require: timer | Session-Expires: 90;refresher=uac
       2.001  alice > bob    ACK
     125.100  tick
    `,
    style: 'compact',
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { session_timer: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [2],
    },
  },
];
